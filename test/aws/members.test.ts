import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalOrganization, inProcess, type LocalOrganization } from '#local-aws';
import { attempt } from '../../shared/aws/call.ts';
import { createClients } from '../../shared/aws/clients.ts';
import { createMembers, isNotLetIn } from '../../shared/aws/members.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Place } from '../../shared/model/place.ts';

const [hub, member] = ['111111111111', '222222222222'];
const there = { account: member, region: 'eu-west-1' };
const start = Date.UTC(2026, 4, 5, 12);
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

let org: LocalOrganization;
/** The clock that sessions go by, which may differ from that of AWS. */
let now: () => number;
let asked: number;
beforeEach(() => {
  org = createLocalOrganization({
    id: 'o-abcdefghij',
    seed: 1,
    start,
    accounts: [hub, member],
    regions: ['us-east-1', 'eu-west-1'],
    throttle: 'off',
  });
  org.world(hub).iam.putRole({
    name: 'remediate',
    trust: document({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    policies: {
      become: document({
        ...{ Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'], Resource: 'arn:aws:iam::*:role/selfheal-member-test-*' },
        Condition: { StringEquals: { 'aws:ResourceOrgID': 'o-abcdefghij' } },
      }),
    },
  });
  const Principal = { AWS: `arn:aws:iam::${hub}:role/remediate` };
  org.world(member).iam.putRole({
    name: 'selfheal-member-test-eu-west-1',
    trust: document(
      { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:ExternalId': 'agreed' } } },
      { Effect: 'Allow', Principal, Action: 'sts:SetSourceIdentity' },
    ),
    policies: { look: document({ Effect: 'Allow', Action: ['ec2:DescribeInstances', 'cloudtrail:LookupEvents'], Resource: '*' }) },
  });
  now = () => org.aws.world.clock.now();
  asked = 0;
});
afterEach(() => org.close());

const sessions = (externalId = 'agreed') => {
  const handle: typeof org.handle = (request) => {
    if (/\/sts\//.test(request.headers.authorization ?? '')) asked++;
    return org.handle(request);
  };
  const { accessKeyId, secretAccessKey, sessionToken } = org.world(hub).iam.credentialsOf('remediate');
  const config = { region: 'us-east-1', endpoint: 'http://local', requestHandler: inProcess(handle) };
  const home = createClients({ ...config, credentials: { accessKeyId, secretAccessKey, sessionToken } });
  return createMembers({
    role: 'selfheal-member-test',
    externalId,
    sts: home.of(STSClient),
    connect: (settings, adapt) => createClients({ ...config, ...settings }, adapt),
    now: () => now(),
  });
};
const looksBy = (sessionIn: ReturnType<typeof sessions>, incident = 'instance-unreachable-1', place: Place = there) =>
  sessionIn(place, incident).clients.ec2.send(new DescribeInstancesCommand({}));
const refused = async (work: Promise<unknown>) => {
  const result = await attempt(() => work);
  return result.ok ? null : result.error;
};

describe('a session in a member', () => {
  test('is in the name of the incident, and is the same for all its calls in that account and region', async () => {
    const sessionIn = sessions();
    await looksBy(sessionIn);
    await sessionIn(there, 'instance-unreachable-1').open();
    const { clients } = sessionIn(there, 'instance-unreachable-1');
    await refused(clients.ec2.send(new RebootInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })));
    await org.advanceTo(start + 10 * minuteMs);
    const { Events = [] } = await clients.cloudTrail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'RebootInstances' }] }),
    );
    expect(asked).toBe(1);
    expect(Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent).userIdentity)).toMatchObject([
      {
        arn: `arn:aws:sts::${member}:assumed-role/selfheal-member-test-eu-west-1/instance-unreachable-1`,
        sessionContext: { sourceIdentity: 'instance-unreachable-1' },
      },
    ]);
    await looksBy(sessionIn, 'instance-unreachable-2');
    expect(asked).toBe(2);
  });

  test('is renewed two minutes before it ends', async () => {
    const sessionIn = sessions();
    await looksBy(sessionIn);
    await org.advanceTo(start + 13 * minuteMs - 1);
    await looksBy(sessionIn);
    expect(asked).toBe(1);
    await org.advanceTo(start + 13 * minuteMs);
    await looksBy(sessionIn);
    expect(asked).toBe(2);
    await org.advanceTo(start + 20 * minuteMs);
    await looksBy(sessionIn);
    expect(asked).toBe(2);
  });

  test('that AWS holds to be over is renewed, and the refused call is made again', async () => {
    now = () => start;
    const sessionIn = sessions();
    await looksBy(sessionIn);
    await org.advanceTo(start + 16 * minuteMs);
    await looksBy(sessionIn);
    expect(asked).toBe(2);
  });

  test.each([
    ['without a stack', 'agreed', { account: member, region: 'us-east-1' }],
    ['that asks for another external id', 'guessed', there],
    ['that is the hub itself, elsewhere', 'agreed', { account: hub, region: 'eu-west-1' }],
  ])('of a member %s is not to be had, which says what to do', async (_, externalId, place) => {
    const error = await refused(looksBy(sessions(externalId), 'x1', place));
    expect(error).toMatchObject({
      ...{ kind: 'refused', code: 'AccessDenied', call: 'sts:AssumeRole' },
      message: expect.stringMatching(
        new RegExp(
          `^the member stack isn't installed in account ${place.account}, ${place.region}, .*: deploy it there with: aws cloudformation deploy .*--region ${place.region}`,
        ),
      ),
    });
    expect(isNotLetIn(error ?? undefined)).toBe(true);
  });

  test('that was refused is asked for anew by the next call', async () => {
    const sessionIn = sessions();
    const place = { account: member, region: 'us-east-1' };
    await refused(looksBy(sessionIn, 'x1', place));
    org.world(member).iam.putRole({
      name: 'selfheal-member-test-us-east-1',
      trust: document({ Effect: 'Allow', Principal: { AWS: hub }, Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] }),
      policies: { look: document({ Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' }) },
    });
    await expect(looksBy(sessionIn, 'x1', place)).resolves.toMatchObject({ Reservations: [] });
  });

  test.each([
    { account: '22222222222x', region: 'eu-west-1' },
    { account: member, region: 'eu-west-1.example.com/' },
    { account: member, region: '' },
  ])('in %j, which is no account and region, is never asked for', async (place) => {
    expect(await refused(sessions()(place, 'x1').open())).toMatchObject({ code: 'InvalidPlace', kind: 'refused' });
    expect(asked).toBe(0);
  });

  test('may do no more than the role of the member', async () => {
    const { clients } = sessions()(there, 'x1');
    const error = await refused(clients.ec2.send(new RebootInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })));
    expect(error).toMatchObject({ code: 'UnauthorizedOperation', call: 'ec2:RebootInstances' });
    expect(isNotLetIn(error ?? undefined)).toBe(false);
  });
});
