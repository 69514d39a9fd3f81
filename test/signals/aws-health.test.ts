import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
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

  test('an issue of a place is one signal, about the zone if there is one, else about the region', () => {
    const place = (parts: object) => verdictOf(health('AWS_EC2_OPERATIONAL_ISSUE', 'issue', { eventScopeCode: 'PUBLIC', ...parts }));
    expect(place({ affectedEntities: [{ entityValue: instanceId }, { entityValue: otherInstanceId }] })).toMatchObject({
      failure: 'zone-impaired',
      disposition: 'escalate',
      resource: { type: 'region', id: 'eu-west-1' },
    });
    expect(place({ affectedEntities: [{ entityValue: 'eu-west-1b' }] }).resource).toEqual({ type: 'zone', id: 'eu-west-1b' });
    expect(place({ affectedEntities: [{ entityValue: 'eu-west-1b' }, { entityValue: 'eu-west-1c' }] }).resource).toEqual({
      type: 'region',
      id: 'eu-west-1',
    });
    expect(place({ affectedEntities: undefined, availabilityZone: 'euw1-az2' }).resource).toEqual({ type: 'zone', id: 'euw1-az2' });
    expect(place({ affectedEntities: [], eventRegion: 'global' })).toMatchObject({
      failure: 'zone-impaired',
      resource: { type: 'region', id: 'global' },
      region: null,
    });
    expect(place({ affectedEntities: [{ entityValue: instanceId, status: 'RESOLVED' }] }).disposition).toBe('ignore');
    expect(verdictOf(health('AWS_S3_ISSUE', 'issue', { service: 'S3', affectedEntities: [] }))).toMatchObject({ failure: 'zone-impaired' });
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
