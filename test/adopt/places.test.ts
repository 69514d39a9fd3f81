import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { adoptPermissions, connect } from '../../local/adopt/live.ts';
import { adoptionSchema } from '../../local/adopt/shape.ts';
import { createAdoptCommand } from '../../local/cli/adopt.ts';
import { runCommand } from '../../local/cli/main.ts';
import { recordingIo } from '../cli/io.ts';
import { closeServed, servedHub } from '../operate/served.ts';

const [hub, shop, bare] = ['111122223333', '444455556666', '777788889999'];
const [home, abroad] = ['us-east-1', 'eu-west-1'];
const member = { account: shop, region: abroad };

let served: Awaited<ReturnType<typeof servedHub>>;
beforeEach(async () => {
  served = await servedHub({ id: 'o-a1b2c3d4e5', accounts: [shop, bare], regions: [abroad], members: [member] });
  // One name in both, about different instances.
  for (const [account, region] of [
    [shop, abroad],
    [hub, home],
  ] as const) {
    const { ec2, cloudWatch } = served.clientsOf(account, region);
    const { Instances = [] } = await ec2.send(new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1 }));
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'host', Namespace: 'AWS/EC2', MetricName: 'StatusCheckFailed_System', Statistic: 'Maximum', Period: 60 },
        ...{ EvaluationPeriods: 2, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
        Dimensions: [{ Name: 'InstanceId', Value: Instances[0]?.InstanceId ?? '' }],
      }),
    );
  }
  const trust = { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: { AWS: hub }, Action: 'sts:AssumeRole' } };
  const look = { Effect: 'Allow', Action: [...adoptPermissions], Resource: '*' };
  served.worldOf(shop, abroad).iam.putRole({ name: 'Auditor', trust, policies: { look: { Version: '2012-10-17', Statement: look } } });
  await served.advance(60);
  await served.run(`pause i-1 --for 2h --because test --account ${shop} --region ${abroad}`);
});
afterEach(closeServed);

const adopt = async (args: string, env: Record<string, string> = served.env) => {
  const { io, written } = recordingIo({ env, columns: 200 });
  const reach = {
    connect,
    now: () => served.aws().world.clock.now(),
    sleep: (milliseconds: number) => served.advance(milliseconds / 1000),
  };
  const code = await runCommand(createAdoptCommand(reach), ['--live', ...args.split(' ')], io);
  return { code, ...written };
};

test('an account and region is read by a role there, and nothing is changed', async () => {
  const { calls } = served.worldOf(shop, abroad).world;
  calls.length = 0;
  const { code, stdout, stderr } = await adopt(`--account ${shop} --region ${abroad} --role Auditor --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const adoption = adoptionSchema.parse(JSON.parse(stdout));
  expect(adoption).toMatchObject({ account: shop, region: abroad, summary: { instances: 1 }, alarms: [{ alarm: 'host', ...member }] });
  const called = new Set(calls.map(({ operation }) => operation));
  expect([...called].filter((name) => !/^(Describe|List|Get|Lookup)[A-Z]/.test(name))).toEqual([]);
  expect(called).toContain('DescribeAlarms');
});

test('all that a hub knows of are told of in one report, each alarm with its account and region', async () => {
  const { code, stdout, stderr } = await adopt('--all --role Auditor --json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const adoption = adoptionSchema.parse(JSON.parse(stdout));
  expect(adoption).toMatchObject({ account: null, region: null, summary: { alarms: 2, instances: 2, groups: 0 } });
  expect(adoption.alarms.map(({ alarm, account, region }) => [alarm, account, region])).toEqual([
    ['host', hub, home],
    ['host', shop, abroad],
  ]);
  expect(new Set(adoption.alarms.map(({ subject }) => subject?.id)).size).toBe(2);
  const { stdout: text } = await adopt('--all --role Auditor');
  expect(text).toContain(`host (${shop}, ${abroad}): `);
  expect(text).toContain('2 alarms, 2 instances, 0 groups; alarms in 2 accounts and regions');
});

test('a rule that alarms of several lack is proposed once, for all of them', async () => {
  for (const [account, region] of [
    [shop, abroad],
    [hub, home],
  ] as const)
    await served.clientsOf(account, region).cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: `orders-${region}`, Namespace: 'Shop', MetricName: 'OrdersPending', Statistic: 'Maximum', Period: 60 },
        ...{ EvaluationPeriods: 2, Threshold: 1000, ComparisonOperator: 'GreaterThanThreshold' },
        Dimensions: [{ Name: 'QueueName', Value: 'orders' }],
      }),
    );
  const adoption = adoptionSchema.parse(JSON.parse((await adopt('--all --role Auditor --json')).stdout));
  expect(adoption.rules.map(({ alarms }) => alarms)).toEqual([[`orders-${home}`, `orders-${abroad}`]]);
  expect(adoption.alarms.map(({ alarm, rule }) => [alarm, rule])).toEqual([
    ['host', null],
    [`orders-${home}`, 0],
    ['host', null],
    [`orders-${abroad}`, 0],
  ]);
  expect(adoption.summary).toMatchObject({ alarms: 4, covered: 2 });
});

test('what can not be read of all is said, with where, and the rest counts', async () => {
  const { code, stdout, stderr } = await adopt('--all --json');
  expect(code).toBe(1);
  expect(stderr).toContain(`${shop}, ${abroad}: credentials: `);
  expect(JSON.parse(stdout).alarms).toMatchObject([{ account: hub }]);
  const alone = await adopt(`--account ${shop} --region ${abroad}`);
  expect(alone).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`these credentials are of account ${hub}, not of ${shop}`),
  });
});

test.each([
  ['--all --account 444455556666', '--all means all'],
  ['--region eu-west-1', '--region needs --account'],
  ['--role Auditor', '--role needs --account or --all'],
  ['--stage prod', '--stage needs --all'],
])('%s is refused', async (args, problem) => {
  expect(await adopt(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(problem) });
});
