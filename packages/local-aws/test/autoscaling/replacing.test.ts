import {
  type CreateAutoScalingGroupCommandInput,
  DescribeInstanceRefreshesCommand,
  SetInstanceHealthCommand,
  StartInstanceRefreshCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const policy = (MinHealthyPercentage: number, MaxHealthyPercentage: number): Partial<CreateAutoScalingGroupCommandInput> => ({
  InstanceMaintenancePolicy: { MinHealthyPercentage, MaxHealthyPercentage },
});

type World = Awaited<ReturnType<typeof settledGroup>>;

const sicken = async (aws: World, ids: readonly string[]) => {
  for (const InstanceId of ids) await aws.client.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy' }));
};

/** How few and how many members were in service in the time that follows, and whether those were replaced. */
const watch = (aws: World, seconds: number) => {
  let [fewest, most] = [aws.inService().length, aws.inService().length];
  for (let i = 0; i < seconds; i += 5) {
    aws.advance(5);
    fewest = Math.min(fewest, aws.inService().length);
    most = Math.max(most, aws.inService().length);
  }
  return { fewest, most };
};

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy-overview-and-considerations.html
describe('an instance maintenance policy governs how unhealthy members are replaced', () => {
  test.each([
    ['launches first where nothing may be missing, one after another by rounding', 4, 100, 110, { fewest: 4, most: 5 }],
    ['launches as many first as may run more', 4, 100, 200, { fewest: 4, most: 6 }],
    ['terminates first where nothing more may run', 4, 75, 100, { fewest: 3, most: 4 }],
    ['launches first where rounding leaves no other way', 4, 90, 100, { fewest: 4, most: 5 }],
    ['terminates as many first as may be missing', 4, 50, 100, { fewest: 2, most: 4 }],
  ])('%s', async (_, DesiredCapacity, min, max, expected) => {
    const aws = await settledGroup({ DesiredCapacity, ...policy(min, max) });
    const sick = aws.inService().slice(0, 2);
    await sicken(aws, sick);
    expect(watch(aws, 1800)).toEqual(expected);
    expect(aws.inService()).toHaveLength(DesiredCapacity);
    expect(aws.inService().filter((id) => sick.includes(id))).toEqual([]);
  });

  test('also beyond the maximum size, for as long as it takes', async () => {
    const aws = await settledGroup({ MaxSize: 3, ...policy(100, 110) });
    await sicken(aws, aws.inService().slice(0, 1));
    expect(watch(aws, 1200)).toEqual({ fewest: 3, most: 4 });
  });

  test('and waits until the new member is warm', async () => {
    const aws = await settledGroup({ DefaultInstanceWarmup: 600, ...policy(100, 110) });
    const [sick = ''] = aws.inService();
    aws.advance(600);
    await sicken(aws, [sick]);
    aws.advance(600);
    expect(aws.inService()).toHaveLength(4);
    expect(aws.inService()).toContain(sick);
    aws.advance(300);
    expect(aws.inService()).toHaveLength(3);
    expect(aws.inService()).not.toContain(sick);
  });

  test('so that nothing is taken where nothing can be launched', async () => {
    const aws = await settledGroup(policy(100, 110));
    const before = aws.inService();
    for (const { name } of aws.ec2.zones) aws.ec2.faults['exhaust-zone'](name);
    await sicken(aws, before.slice(0, 1));
    aws.advance(3600);
    expect(aws.inService()).toEqual(before);
  });

  test('but not one that does not run any more: that is replaced at once', async () => {
    const aws = await settledGroup(policy(100, 110));
    const [stopped = ''] = aws.inService();
    await aws.ec2Client.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    expect(watch(aws, 900)).toEqual({ fewest: 2, most: 3 });
    expect(aws.inService()).not.toContain(stopped);
  });

  // Not on the page's list of events that the policy governs.
  test('nor one that is terminated by call', async () => {
    const aws = await settledGroup(policy(100, 110));
    const [InstanceId = ''] = aws.inService();
    await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }));
    expect(aws.inService()).toHaveLength(2);
    expect(watch(aws, 900)).toEqual({ fewest: 2, most: 3 });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceMaintenancePolicy.html
  test('is shown, changed and cleared', async () => {
    const aws = await settledGroup(policy(90, 120));
    expect(await aws.describe()).toMatchObject(policy(90, 120));
    const update = (input: Partial<CreateAutoScalingGroupCommandInput>) =>
      aws.client.send(new UpdateAutoScalingGroupCommand({ ...input, ...named }));
    await update(policy(100, 200));
    await update({ DefaultCooldown: 60 });
    expect(await aws.describe()).toMatchObject(policy(100, 200));
    await update(policy(-1, -1));
    expect((await aws.describe())?.InstanceMaintenancePolicy).toBeUndefined();
    for (const [min, max] of [
      [50, 151],
      [90, 99],
      [101, 110],
      [-1, 100],
    ] as const)
      expect(await refusal(update(policy(min, max)))).toMatchObject({ code: 'ValidationError' });
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
describe('members that have reached the maximum lifetime of their group are replaced', () => {
  test.each([
    ['one after another', {}, { fewest: 2, most: 3 }],
    ['as the maintenance policy says', policy(100, 110), { fewest: 3, most: 4 }],
  ])('%s', async (_, how, expected) => {
    const aws = await settledGroup({ MaxInstanceLifetime: 86_400, ...how });
    const before = aws.inService();
    aws.advance(85_000);
    expect(aws.inService()).toEqual(before);
    expect(watch(aws, 3600)).toEqual(expected);
    expect(aws.inService().filter((id) => before.includes(id))).toEqual([]);
    expect(aws.inService()).toHaveLength(3);
  });

  test('unless the group has none', async () => {
    const aws = await settledGroup();
    const before = aws.inService();
    aws.advance(400 * 86_400);
    expect(aws.inService()).toEqual(before);
  });
});

describe('without a policy', () => {
  test('a member that somebody called unhealthy is terminated first', async () => {
    const aws = await settledGroup();
    await sicken(aws, aws.inService().slice(0, 1));
    expect(watch(aws, 900)).toEqual({ fewest: 2, most: 3 });
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
describe('an instance refresh', () => {
  const start = (Preferences: object = {}) => new StartInstanceRefreshCommand({ ...named, Preferences });
  const status = async (aws: World) => (await aws.client.send(new DescribeInstanceRefreshesCommand(named))).InstanceRefreshes?.[0]?.Status;

  test.each([
    ['its own percentages', {}, { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 }],
    ["its group's maintenance policy", policy(100, 110), {}],
  ])('launches before it terminates, by %s', async (_, group, preferences) => {
    const aws = await settledGroup(group);
    const before = aws.inService();
    await aws.client.send(start(preferences));
    expect(watch(aws, 1800)).toEqual({ fewest: 3, most: 4 });
    expect(aws.inService().filter((id) => before.includes(id))).toEqual([]);
    expect(aws.inService()).toHaveLength(3);
    expect(await status(aws)).toBe('Successful');
  });

  test('bakes for a while once all members are replaced', async () => {
    const aws = await settledGroup({ DesiredCapacity: 1 });
    await aws.client.send(start({ BakeTime: 3600 }));
    aws.advance(1200);
    expect(await status(aws)).toBe('Baking');
    expect((await refusal(aws.client.send(start()))).code).toMatch(/^InstanceRefreshInProgress/);
    aws.advance(3600);
    expect(await status(aws)).toBe('Successful');
  });

  test.each([
    ['checkpoints', { CheckpointPercentages: [50] }],
    ['a rollback', { AutoRollback: true }],
    ['alarms', { AlarmSpecification: { Alarms: ['a'] } }],
    ['a maximum alone', { MaxHealthyPercentage: 110 }],
    ['percentages too far apart', { MinHealthyPercentage: 50, MaxHealthyPercentage: 151 }],
  ])('is refused with %s', async (_, preferences) => {
    const aws = await settledGroup({ DesiredCapacity: 1 });
    expect(await refusal(aws.client.send(start(preferences)))).toMatchObject({ code: 'ValidationError' });
  });
});
