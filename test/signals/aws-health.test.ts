import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { decode } from '../../shared/signals/decode.ts';
import { event, instanceId, otherInstanceId, verdictOf, verdictsOf } from './fixtures.ts';

const health = (eventTypeCode: string, eventTypeCategory: string, parts: Record<string, unknown> = {}) =>
  event(
    'aws.health',
    'AWS Health Event',
    {
      service: 'EC2',
      eventTypeCode,
      eventTypeCategory,
      eventScopeCode: 'ACCOUNT_SPECIFIC',
      eventArn: 'arn:aws:health:eu-west-1::event/EC2/x/y',
      startTime: 'Fri, 20 Nov 2026 13:00:00 GMT',
      statusCode: eventTypeCategory === 'scheduledChange' ? 'upcoming' : 'open',
      eventRegion: 'eu-west-1',
      affectedAccount: '444455556666',
      affectedEntities: [{ entityValue: instanceId, status: 'IMPAIRED' }],
      ...parts,
    },
    { region: 'us-west-2' },
  );
const volume = { affectedEntities: [{ entityValue: 'vol-0123456789abcdef0' }] };
const retire = 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED';
const instance = { type: 'instance', id: instanceId };

describe('aws-health', () => {
  test.each([
    ['AWS_EC2_INSTANCE_HARDWARE_DEGRADED', 'issue', {}, 'host-impaired', 'remediate'],
    ['AWS_EC2_UNDERLYING_HOST_FAILURE', 'issue', {}, 'host-impaired', 'remediate'],
    ['AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED', 'issue', {}, 'host-impaired', 'escalate'],
    ['AWS_EC2_NETWORK_HARDWARE_ISSUE', 'issue', {}, 'host-impaired', 'escalate'],
    ['AWS_EC2_DEDICATED_HOST_HARDWARE_ISSUE', 'issue', {}, 'host-impaired', 'escalate'],
    ['AWS_EC2_SOMETHING_ODD', 'issue', {}, 'host-impaired', 'escalate'],
    ['AWS_EC2_INSTANCE_HARDWARE_DEGRADED', 'investigation', {}, 'host-impaired', 'escalate'],
    ['AWS_EC2_INSTANCE_HARDWARE_DEGRADED', 'rumour', {}, 'host-impaired', 'escalate'],
    ['AWS_EC2_VOLUME_ISSUE', 'issue', {}, 'volume-impaired', 'escalate'],
    [retire, 'scheduledChange', {}, 'instance-retiring', 'remediate'],
    [retire, 'scheduledChange', { statusCode: 'open' }, 'instance-retiring', 'remediate'],
    [retire, 'scheduledChange', { statusCode: undefined }, 'instance-retiring', 'remediate'],
    [retire, 'scheduledChange', { statusCode: 'paused' }, 'instance-retiring', 'escalate'],
    ['AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'remediate'],
    ['AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'remediate'],
    ['AWS_EC2_SYSTEM_MAINTENANCE_EVENT', 'scheduledChange', {}, 'instance-retiring', 'remediate'],
    ['AWS_EC2_INSTANCE_POWER_MAINTENANCE_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'remediate'],
    ['AWS_EC2_INSTANCE_STOP_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'remediate'],
    ['AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'escalate'],
    ['AWS_EC2_DEDICATED_HOST_RETIREMENT_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'escalate'],
    ['AWS_EC2_SOMETHING_SCHEDULED', 'scheduledChange', {}, 'instance-retiring', 'escalate'],
    [
      retire,
      'scheduledChange',
      { affectedEntities: [{ entityValue: `arn:aws:ec2:eu-west-1:444455556666:instance/${instanceId}` }] },
      'instance-retiring',
      'remediate',
    ],
  ])('%s (%s, %j) is %s: %s', (code, category, parts, failure, disposition) => {
    expect(verdictOf(health(code, category, parts))).toMatchObject({
      failure,
      disposition,
      resource: instance,
      region: 'eu-west-1',
      account: '444455556666',
      at: Date.UTC(2026, 10, 20, 13),
    });
  });

  test.each([
    [{ eventRegion: 'EU (Ireland)' }, 'escalate'],
    [{ eventRegion: null }, 'remediate'],
    [{ affectedAccount: '4444' }, 'escalate'],
    [{ affectedAccount: '' }, 'remediate'],
    [{ affectedAccount: undefined }, 'remediate'],
  ])('a place that is named but cannot be read is not guessed: %j', (parts, disposition) => {
    expect(verdictOf(health(retire, 'scheduledChange', parts))).toMatchObject({ failure: 'instance-retiring', disposition });
  });

  test.each([
    [retire, 'accountNotification', {}],
    [retire, 'scheduledChange', { statusCode: 'closed' }],
    ['AWS_EC2_INSTANCE_HARDWARE_DEGRADED', 'issue', { statusCode: 'closed' }],
    ['AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_CANCELLED', 'scheduledChange', {}],
    ['AWS_EC2_INSTANCE_RETIREMENT_COMPLETED', 'scheduledChange', {}],
    [retire, 'scheduledChange', { affectedEntities: [{ entityValue: instanceId, status: 'RESOLVED' }] }],
    ['AWS_EC2_INSTANCE_HARDWARE_DEGRADED', 'issue', { affectedEntities: [{ entityValue: instanceId, status: 'UNIMPAIRED' }] }],
    ['AWS_EKS_PLANNED_LIFECYCLE_EVENT', 'scheduledChange', { service: 'EKS' }],
  ])('%s (%s, %j) is ignored', (code, category, parts) => {
    expect(verdictOf(health(code, category, parts))).toMatchObject({ failure: null, disposition: 'ignore', resource: instance });
  });

  test('each affected instance is a signal of its own', () => {
    const affectedEntities = [
      { entityValue: instanceId },
      { entityValue: otherInstanceId, status: 'RESOLVED' },
      { entityValue: 'i-0aaaaaaa', status: 'PENDING' },
    ];
    expect(
      verdictsOf(health(retire, 'scheduledChange', { affectedEntities })).map(
        ({ disposition, resource }) => `${resource?.id} ${disposition}`,
      ),
    ).toEqual([`${instanceId} remediate`, `${otherInstanceId} ignore`, 'i-0aaaaaaa remediate']);
  });

  test('a malformed instance is rejected, one that is not named is told', () => {
    expect(
      readEvent(health(retire, 'scheduledChange', { affectedEntities: [{ entityValue: 'i-0abc; rm' }] })).rejected[0]?.error,
    ).toContain('entityValue');
    expect(verdictOf(health(retire, 'scheduledChange', { affectedEntities: [] }))).toMatchObject({
      failure: 'instance-retiring',
      disposition: 'escalate',
      resource: { type: 'region', id: 'eu-west-1' },
    });
    expect(verdictOf(health(retire, 'scheduledChange', { affectedEntities: [{ entityValue: 'UNKNOWN' }] }))).toMatchObject({
      failure: 'instance-retiring',
      disposition: 'escalate',
      resource: { type: 'region', id: 'eu-west-1' },
    });
    expect(
      readEvent(health(retire, 'scheduledChange', { affectedEntities: Array.from({ length: 1001 }, () => ({ entityValue: instanceId })) }))
        .rejected,
    ).toHaveLength(1);
  });

  test('volumes and databases are theirs', () => {
    expect(verdictOf(health('AWS_EBS_VOLUME_LOST', 'issue', { service: 'EBS', ...volume }))).toMatchObject({
      failure: 'volume-impaired',
      disposition: 'escalate',
      resource: { type: 'volume' },
    });
    expect(verdictOf(health('AWS_EBS_MAINTENANCE_SCHEDULED', 'scheduledChange', { service: 'EBS', ...volume }))).toMatchObject({
      failure: 'volume-impaired',
      disposition: 'escalate',
    });
    const affectedEntities = [{ entityValue: 'arn:aws:rds:eu-west-1:444455556666:db:orders' }];
    expect(verdictOf(health('AWS_RDS_HARDWARE_ISSUE', 'issue', { service: 'RDS', affectedEntities }))).toMatchObject({
      failure: 'database-impaired',
      disposition: 'escalate',
      resource: { type: 'database', id: 'orders' },
    });
  });

  const issue = (parts: object) => health('AWS_EC2_OPERATIONAL_ISSUE', 'issue', { eventScopeCode: 'PUBLIC', ...parts });
  const place = (parts: object) => verdictOf(issue(parts));
  const named = (...values: string[]) => ({ affectedEntities: values.map((entityValue) => ({ entityValue })) });

  test('an issue of EC2 or EBS that names a zone or nothing is one signal, about the zone if there is one, else about the region', () => {
    expect(place(named())).toMatchObject({
      failure: 'zone-impaired',
      disposition: 'escalate',
      resource: { type: 'region', id: 'eu-west-1' },
    });
    expect(place({ ...named(), service: 'EBS' })).toMatchObject({
      failure: 'zone-impaired',
      resource: { type: 'region', id: 'eu-west-1' },
    });
    for (const nobody of ['UNKNOWN', 'AWS_ACCOUNT', '444455556666', 'eu-west-1', ' ']) {
      expect(place(named(nobody))).toMatchObject({ failure: 'zone-impaired', resource: { type: 'region', id: 'eu-west-1' } });
    }
    expect(place(named('eu-west-1b'))).toMatchObject({ failure: 'zone-impaired', resource: { type: 'zone', id: 'eu-west-1b' } });
    expect(place({ ...named('eu-west-1b'), service: 'EBS' })).toMatchObject({ failure: 'zone-impaired', resource: { type: 'zone' } });
    expect(place(named('eu-west-1b', 'eu-west-1c')).resource).toEqual({ type: 'region', id: 'eu-west-1' });
    expect(place({ affectedEntities: undefined, availabilityZone: 'euw1-az2' }).resource).toEqual({ type: 'zone', id: 'euw1-az2' });
    expect(place({ ...named(), eventRegion: 'global' })).toMatchObject({
      failure: 'zone-impaired',
      resource: { type: 'region', id: 'global' },
      region: null,
    });
    expect(place({ affectedEntities: [{ entityValue: 'eu-west-1b', status: 'RESOLVED' }] }).disposition).toBe('ignore');
    expect(
      place({
        affectedEntities: [
          { entityValue: 'eu-west-1b', status: 'RESOLVED' },
          { entityValue: 'eu-west-1c', status: 'IMPAIRED' },
        ],
      }).disposition,
    ).toBe('escalate');
  });

  test('a thing is not a place: an issue that names things is about each of them', () => {
    expect(
      verdictsOf(issue(named(instanceId, otherInstanceId))).map(({ failure, disposition, resource }) => [
        failure,
        disposition,
        resource?.id,
      ]),
    ).toEqual([
      ['host-impaired', 'escalate', instanceId],
      ['host-impaired', 'escalate', otherInstanceId],
    ]);
    // Where an instance happens to be is no second subject.
    expect(place({ ...named(instanceId), availabilityZone: 'eu-west-1b' })).toMatchObject({ failure: 'host-impaired' });
    expect(verdictsOf(issue(named('eu-west-1b', instanceId))).map(({ failure }) => failure)).toEqual(['zone-impaired', 'host-impaired']);
    expect(place({ ...named('vol-0123456789abcdef0'), service: 'EBS' })).toMatchObject({ failure: 'volume-impaired' });
  });

  test.each([
    ['LAMBDA', 'arn:aws:lambda:eu-west-1:444455556666:function:charge-card:live', 'service', 'charge-card:live'],
    ['LAMBDA', 'charge-card', 'service', 'charge-card'],
    [
      'ELASTICLOADBALANCING',
      'arn:aws:elasticloadbalancing:eu-west-1:444455556666:loadbalancer/app/shop/0123456789abcdef',
      'load-balancer',
      'app/shop/0123456789abcdef',
    ],
    [
      'ELASTICLOADBALANCING',
      'arn:aws:elasticloadbalancing:eu-west-1:444455556666:targetgroup/shop/0123456789abcdef',
      'target-group',
      'targetgroup/shop/0123456789abcdef',
    ],
    ['VPN', 'vpn-0123456789abcdef0', 'service', 'vpn-0123456789abcdef0'],
    ['EC2', 'vpn-0123456789abcdef0', 'service', 'vpn-0123456789abcdef0'],
    ['SQS', 'arn:aws:sqs:eu-west-1:444455556666:orders', 'queue', 'orders'],
    ['CONNECT', 'i-am-an-instance-of-my-own', 'service', 'i-am-an-instance-of-my-own'],
    ['ECS', 'i-0a1b2c3d4e5f60718', 'instance', 'i-0a1b2c3d4e5f60718'],
    ['DIRECTCONNECT', 'eu-west-1b', 'zone', 'eu-west-1b'],
  ])('an issue of %s about %s is one of that thing alone', (service, entity, type, id) => {
    const told = health('AWS_SOMETHING_ISSUE', 'issue', { service, ...named(entity) });
    expect(verdictOf(told)).toMatchObject({ failure: 'unclassified', disposition: 'escalate', playbook: null, resource: { type, id } });
    // The same where only the envelope names it.
    const { detail } = told;
    expect(verdictOf({ ...told, resources: [entity], detail: { ...(detail as object), affectedEntities: [] } }).resource).toEqual({
      type,
      id,
    });
  });

  test('an issue of another service that names nothing is one of the service, not of the place', () => {
    expect(verdictOf(health('AWS_S3_ISSUE', 'issue', { service: 'S3', ...named() }))).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
      resource: { type: 'region', id: 'eu-west-1' },
    });
  });

  test('a closed issue of a zone is ignored, and still says which zone it was', () => {
    expect(decode(issue({ ...named('eu-west-1b'), statusCode: 'closed' })).signals).toMatchObject([
      { kind: 'aws-health', fact: 'zone-impaired', subject: { type: 'zone', id: 'eu-west-1b' }, quiet: 'AWS Health has closed the event' },
    ]);
    expect(place({ ...named('eu-west-1b'), statusCode: 'closed' })).toMatchObject({
      failure: null,
      disposition: 'ignore',
      resource: { type: 'zone', id: 'eu-west-1b' },
      at: Date.UTC(2026, 10, 20, 13),
      evidence: { service: 'EC2', fact: 'zone-impaired', statusCode: 'closed' },
    });
  });

  test('an entity that is none is rejected by itself; its siblings are what they are', () => {
    const { verdicts, rejected } = readEvent([
      health(retire, 'scheduledChange', named(instanceId, 'i-nonsense', otherInstanceId, 'vol-x')),
      { ...health(retire, 'scheduledChange'), time: 'now' },
    ]);
    expect(verdicts.map(({ disposition, resource }) => [disposition, resource?.id])).toEqual([
      ['remediate', instanceId],
      ['remediate', otherInstanceId],
      ['remediate', instanceId],
    ]);
    expect(rejected).toEqual([
      { record: 0, error: 'detail.affectedEntities.entityValue: not a well-formed id (instance): "i-nonsense"' },
      { record: 0, error: 'detail.affectedEntities.entityValue: not a well-formed id (volume): "vol-x"' },
    ]);
  });

  test.each([
    ['AWS_EC2_SIMPLIFIED_AUTO_RECOVERY_FAILURE', 'host-impaired', 'escalate'],
    ['AWS_EC2_INSTANCE_AUTO_RECOVERY_FAILED', 'host-impaired', 'escalate'],
    ['AWS_EC2_POWER_MAINTENANCE_FAILURE', 'host-impaired', 'escalate'],
    ['AWS_EC2_DEDICATED_HOST_RECOVERY_FAILURE', 'host-impaired', 'escalate'],
    ['AWS_EC2_SIMPLIFIED_AUTO_RECOVERY_SUCCESS', null, 'ignore'],
    ['AWS_EC2_INSTANCE_FAILOVER_NOTICE', null, 'ignore'],
  ])('%s, of which AWS only informs, is %s: %s', (code, failure, disposition) => {
    expect(verdictOf(health(code, 'accountNotification'))).toMatchObject({ failure, disposition, playbook: null, resource: instance });
  });

  test('a failed maintenance of something else is told as that', () => {
    expect(verdictOf(health('AWS_VPN_MAINTENANCE_FAILED', 'accountNotification', { service: 'VPN', ...named('vpn-1') }))).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
      resource: { type: 'service', id: 'vpn-1' },
    });
    expect(verdictOf(health('AWS_EC2_AUTO_RECOVERY_FAILURE', 'accountNotification', named()))).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
    });
    expect(verdictOf(health('AWS_EC2_AUTO_RECOVERY_FAILURE', 'accountNotification', { statusCode: 'closed' })).disposition).toBe('ignore');
  });

  test('resources that only the envelope names count where the detail has no list', () => {
    const old = { ...health(retire, 'scheduledChange', { affectedEntities: undefined }), resources: [instanceId] };
    expect(verdictOf(old)).toMatchObject({ failure: 'instance-retiring', disposition: 'remediate', resource: instance });
    expect(verdictOf({ ...old, resources: [] })).toMatchObject({ disposition: 'escalate', resource: { type: 'region' } });
  });

  test('a scheduled change carries its deadline, in ISO 8601', () => {
    expect(verdictOf(health(retire, 'scheduledChange')).evidence.deadline).toBe('2026-11-20T13:00:00.000Z');
    expect(verdictOf(health(retire, 'scheduledChange', { startTime: 'soon' })).evidence.deadline).toBeUndefined();
    expect(verdictOf(health('AWS_EC2_INSTANCE_HARDWARE_DEGRADED', 'issue')).evidence.deadline).toBeUndefined();
  });

  test('region, account and time fall back as far as they can', () => {
    const bare = health(retire, 'scheduledChange', { eventRegion: undefined, affectedAccount: undefined, startTime: undefined });
    expect(verdictOf(bare)).toMatchObject({ region: 'eu-west-1', account: '111122223333', at: Date.UTC(2026, 10, 20, 13, 35, 12) });
    expect(verdictOf({ ...bare, detail: { ...(bare.detail as object), eventArn: undefined } }).region).toBe('us-west-2');
  });
});
