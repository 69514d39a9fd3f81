import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '#local-aws';
import { accountPermissions, accountSources } from '../../local/backtest/account.ts';
import { createEngine } from '../../local/backtest/engine.ts';
import { allOptedIn } from '../../local/backtest/inventory.ts';
import { drive } from '../../local/backtest/run.ts';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { minute, policy } from './history-of.ts';

let aws: LocalAws | undefined;
afterEach(async () => {
  await aws?.close();
});

test('an account’s alarm history and calls are read through calls that change nothing', async () => {
  aws = createLocalAws({ ...worldOptions, exempt: ['TESTKEY'] });
  const { world, faults } = aws;
  const set = localClients(aws.handle);
  const { Instances: [one, two] = [] } = await set.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', MinCount: 2, MaxCount: 2 }),
  );
  const [id, other] = [one?.InstanceId ?? '', two?.InstanceId ?? ''];
  await aws.advanceTo(world.clock.now() + 15 * minute);
  // More alarms than a page of DescribeAlarms holds.
  for (let n = 0; n < 120; n++) {
    await set.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: `check-${n}`,
        Namespace: 'AWS/EC2',
        MetricName: 'StatusCheckFailed_Instance',
        Dimensions: [{ Name: 'InstanceId', Value: n === 119 ? id : other }],
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      }),
    );
  }
  await aws.advanceTo(world.clock.now() + 5 * minute);
  faults.inject({ fault: 'hang-kernel', target: id });
  await aws.advanceTo(world.clock.now() + 15 * minute);
  await set.ec2.send(new StopInstancesCommand({ InstanceIds: [other] }));
  await aws.advanceTo(world.clock.now() + 30 * minute);

  const before = world.calls.length;
  const reader = localClients(aws.handle, { accessKeyId: 'READER' });
  const sources = accountSources(
    {
      ...reader,
      sleep: async (milliseconds) => void world.clock.advanceTo(world.clock.now() + milliseconds),
    },
    { from: new Date(worldOptions.start), to: new Date(world.clock.now()) },
  );
  const engine = createEngine({
    policies: [policy()],
    inventory: allOptedIn,
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    window: 1000,
    healsAfter: 10 * minute,
    onCase: () => {},
  });
  expect(await drive({ sources, engine, stopped: () => false, between: () => undefined })).toBe(true);
  const result = engine.result();
  expect(result).toMatchObject({ bad: 0, undefinedAlarms: 0 });
  expect(result.calls).toBeGreaterThanOrEqual(1);
  expect(result.tallies[0]).toMatchObject({ incidents: 1, actions: { 'reboot-instance': 1 } });

  const called = new Set(world.calls.slice(before).map(({ operation }) => operation));
  expect([...called].sort()).toEqual(accountPermissions.map((permission) => permission.split(':')[1]).sort());
});

test('an account that refuses is told of, and what could be read counts', async () => {
  aws = createLocalAws(worldOptions);
  const reader = localClients(aws.handle);
  const refuse = async () => {
    throw Object.assign(new Error('not authorized to perform: cloudtrail:LookupEvents'), { name: 'AccessDeniedException' });
  };
  const sources = accountSources(
    { cloudWatch: reader.cloudWatch, cloudTrail: { send: refuse }, sleep: async () => {} },
    { from: new Date(0), to: new Date(aws.world.clock.now()) },
  );
  const engine = createEngine({
    policies: [policy()],
    inventory: allOptedIn,
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
    window: 1000,
    healsAfter: 10 * minute,
    onCase: () => {},
  });
  await drive({ sources, engine, stopped: () => false, between: () => undefined });
  expect(engine.result().problems).toEqual([
    { where: 'LookupEvents', problem: 'AccessDeniedException: not authorized to perform: cloudtrail:LookupEvents' },
  ]);
});
