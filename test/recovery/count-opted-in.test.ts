import { CreateTagsCommand, DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host } from '../../local/testbed/host.ts';
import { memberRoles } from '../../local/testbed/organization.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Place } from '../../shared/model/place.ts';
import { type CountOptedInDeps, countOptedIn } from '../../shared/recovery/count-opted-in.ts';
import { recordingClients, sdkError } from '../aws/recorder.ts';
import { policy } from '../remediation/examples.ts';

const home = { account: '111122223333', region: 'us-east-1' };
const start = Date.UTC(2026, 10, 20, 12);
const hour = 60 * minuteMs;
const window = 300_000;

let host: Host;
afterEach(() => host?.close());

const logged: unknown[] = [];
const count = (change: Partial<CountOptedInDeps> = {}) =>
  countOptedIn({
    ...{ ledger: host.ledger, digests: { places: async () => [] }, home, own: { ec2: host.clients.of(EC2Client) } },
    ...{ policy: policy({}), now: () => host.aws.world.clock.now(), log: (line) => logged.push(line) },
    ...change,
  });
const known = async (place: Place = home) =>
  (await host.ledger.noteFailing(place, { id: 'i-0', zone: null, group: null }, host.aws.world.clock.now(), window)).optedIn;
const open = async () => {
  logged.length = 0;
  host = await createHost({ seed: 3, start, ...home });
  return createFleet({ operator: host.operator, aws: host.aws, alarmTopicArn: host.alarmTopicArn });
};

describe('counting what has opted in', () => {
  test('counts what runs with the very tag, by zones', async () => {
    const fleet = await open();
    const ids = [];
    for (const zone of ['us-east-1a', 'us-east-1a', 'us-east-1b']) ids.push(await fleet.instance({ name: 'web', optedIn: true, zone }));
    await fleet.instance({ name: 'not-ours', optedIn: false });
    const other = await fleet.instance({ name: 'elsewhere', optedIn: false });
    await host.aws.advanceTo(start + minuteMs);
    await host.operator.ec2.send(new CreateTagsCommand({ Resources: [other], Tags: [{ Key: 'selfheal', Value: 'one' }] }));
    await host.aws.advanceTo(start + 5 * minuteMs);
    expect(await count({ policy: policy({ optIn: { key: 'selfheal', value: 'on*' } }) })).toEqual({ counted: 1, failed: 0 });
    expect(await known()).toEqual({ all: 0, zones: {} });
    await host.aws.advanceTo(start + 7 * hour);
    expect(await count()).toEqual({ counted: 1, failed: 0 });
    expect(await known()).toEqual({ all: 3, zones: { 'us-east-1a': 2, 'us-east-1b': 1 } });
    await host.operator.ec2.send(new StopInstancesCommand({ InstanceIds: ids.slice(0, 1) }));
    await host.aws.advanceTo(start + 14 * hour);
    await count();
    expect(await known()).toEqual({ all: 2, zones: { 'us-east-1a': 1, 'us-east-1b': 1 } });
  });

  test('asks again after six hours, and not before', async () => {
    const fleet = await open();
    await count();
    await fleet.instance({ name: 'web', optedIn: true });
    await host.aws.advanceTo(start + 6 * hour - 1);
    expect(await count()).toEqual({ counted: 0, failed: 0 });
    await host.aws.advanceTo(start + 6 * hour);
    expect(await count()).toEqual({ counted: 1, failed: 0 });
  });

  test('counts nothing where no share of it matters', async () => {
    await open();
    expect(await count({ policy: policy({ massFailure: { share: 0 } }) })).toEqual({ counted: 0, failed: 0 });
    expect(await known()).toBeUndefined();
  });

  test.each([
    ['EC2 refuses', () => sdkError('UnauthorizedOperation', 403)],
    ['EC2 says nothing', () => ({ output: {} })],
    [
      'EC2 refuses the second page',
      (nth: number) => (nth === 1 ? { output: { Reservations: [], NextToken: 'x' } } : sdkError('InternalError', 500)),
    ],
  ])('notes no count where %s', async (_, answer) => {
    await open();
    let nth = 0;
    const { clients } = recordingClients(() => answer(++nth) as never);
    expect(await count({ own: { ec2: clients.ec2 } })).toEqual({ counted: 0, failed: 1 });
    expect(await known()).toBeUndefined();
    expect(logged).toMatchObject([{ level: 'WARN', message: 'opted-in instances not counted', ...home }]);
  });

  test('notes no count where there is no time for the rest', async () => {
    await open();
    let pages = 0;
    const { clients, calls } = recordingClients(() => ({ output: { Reservations: [], ...(++pages < 20 ? { NextToken: 'x' } : {}) } }));
    let left = 2;
    expect(await count({ own: { ec2: clients.ec2 }, mayGoOn: () => left-- > 0 })).toEqual({ counted: 0, failed: 1 });
    expect(calls).toHaveLength(2);
    expect(await known()).toBeUndefined();
  });
});

describe('counting in an organisation', () => {
  const members = [
    { account: '222222222222', region: 'us-east-1' },
    { account: '333333333333', region: 'us-east-1' },
  ];

  test('counts where past incidents were by the watch’s role there, and what one place keeps from it holds for that one alone', async () => {
    host = await createHost({
      ...{ seed: 3, start, ...home, policy: policy({ mode: 'enforce' }) },
      organization: { id: 'o-abcdefghij', accounts: members.map(({ account }) => account), regions: [], members },
    });
    for (const [i, place] of members.entries()) {
      const aws = host.org?.world(place.account, place.region);
      if (!aws) throw new Error('there is no organisation');
      const fleet = createFleet({ operator: host.operatorIn(place), aws, alarmTopicArn: aws.world.arn('sns', 'none') });
      const ids = [];
      for (let n = 0; n <= i; n++) ids.push(await fleet.instance({ name: 'web', optedIn: true }));
      await fleet.statusAlarm(ids[0] ?? '', 'Instance');
      await host.operatorIn(place).ec2.send(new DescribeInstancesCommand({}));
    }
    const world = (place: Place) => host.org?.world(place.account, place.region);
    await host.run(() => false, start + 20 * minuteMs);
    for (const place of members)
      world(place)?.faults.inject({ fault: 'hang-kernel', target: [...(world(place)?.ec2.list() ?? [])][0]?.id ?? '' });
    const trusting = 'us-east-1';
    await host.run(() => host.outcomes.length === 2, start + 50 * minuteMs);
    expect(host.outcomes).toHaveLength(2);
    world(members[0] as Place)?.iam.putRole({
      name: `${memberRoles.watch}-${trusting}`,
      trust: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] },
    });
    await host.run(() => false, start + 130 * minuteMs);
    expect(await known(members[0])).toBeUndefined();
    expect(await known(members[1])).toMatchObject({ all: 2 });
    expect(await known(home)).toMatchObject({ all: 0 });
    const sessions = world(members[1] as Place)?.world.calls.filter(
      ({ accessKey, operation }) => /^ASIA/.test(accessKey) && operation === 'DescribeInstances',
    );
    expect(sessions?.length).toBeGreaterThan(0);
  });
});
