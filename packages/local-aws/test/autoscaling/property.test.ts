import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingInstancesCommand,
  DetachInstancesCommand,
  EnableMetricsCollectionCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutLifecycleHookCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scalingWorld } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

type World = Awaited<ReturnType<typeof scalingWorld>>;
/** One thing that somebody does; what AWS refuses is refused. `faults` collects what must be undone for the group to settle. */
type Step = { name: string; run: (aws: World, faults: (() => void)[]) => unknown };

const memberAt = (aws: World, n: number): string => {
  const ids = aws.autoScaling.get('web')?.memberIds ?? [];
  return ids.length > 0 ? (ids[n % ids.length] as string) : 'i-00000000000000000';
};

const size = fc.nat(7);
const index = fc.nat(20);
const process = fc.constantFrom('Launch', 'Terminate', 'HealthCheck', 'ReplaceUnhealthy', 'InstanceRefresh');
const transition = fc.constantFrom('autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING');

/** `send` takes each command by a type of its own; they have none in common that it would take as well. */
const call = <T>(arbitrary: fc.Arbitrary<T>, name: string, command: (aws: World, value: T) => object) =>
  arbitrary.map(
    (value): Step => ({
      name: `${name} ${JSON.stringify(value)}`,
      run: (aws) => aws.client.send(command(aws, value) as SetDesiredCapacityCommand),
    }),
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .integer({ min: 1, max: 900 })
      .map((seconds) => ({ name: `advance ${seconds}`, run: (aws: World) => aws.advance(seconds) })),
  },
  call(size, 'desire', (_, DesiredCapacity) => new SetDesiredCapacityCommand({ ...named, DesiredCapacity })),
  call(fc.tuple(size, size), 'bounds', (_, [MinSize, MaxSize]) => new UpdateAutoScalingGroupCommand({ ...named, MinSize, MaxSize })),
  call(
    fc.tuple(index, fc.boolean()),
    'terminate',
    (aws, [n, decrement]) =>
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: memberAt(aws, n), ShouldDecrementDesiredCapacity: decrement }),
  ),
  call(
    fc.tuple(index, fc.boolean()),
    'standby',
    (aws, [n, decrement]) =>
      new EnterStandbyCommand({ ...named, InstanceIds: [memberAt(aws, n)], ShouldDecrementDesiredCapacity: decrement }),
  ),
  call(index, 'exit', (aws, n) => new ExitStandbyCommand({ ...named, InstanceIds: [memberAt(aws, n)] })),
  call(
    fc.tuple(index, fc.boolean()),
    'detach',
    (aws, [n, decrement]) =>
      new DetachInstancesCommand({ ...named, InstanceIds: [memberAt(aws, n)], ShouldDecrementDesiredCapacity: decrement }),
  ),
  call(index, 'unhealthy', (aws, n) => new SetInstanceHealthCommand({ InstanceId: memberAt(aws, n), HealthStatus: 'Unhealthy' })),
  call(
    fc.tuple(index, fc.boolean()),
    'protect',
    (aws, [n, on]) => new SetInstanceProtectionCommand({ ...named, InstanceIds: [memberAt(aws, n)], ProtectedFromScaleIn: on }),
  ),
  call(process, 'suspend', (_, name) => new SuspendProcessesCommand({ ...named, ScalingProcesses: [name] })),
  call(process, 'resume', (_, name) => new ResumeProcessesCommand({ ...named, ScalingProcesses: [name] })),
  call(
    fc.tuple(transition, fc.constantFrom('CONTINUE', 'ABANDON')),
    'hook',
    (_, [LifecycleTransition, DefaultResult]) =>
      new PutLifecycleHookCommand({ ...named, LifecycleHookName: 'hook', LifecycleTransition, DefaultResult, HeartbeatTimeout: 300 }),
  ),
  call(
    fc.tuple(index, fc.constantFrom('CONTINUE', 'ABANDON')),
    'complete',
    (aws, [n, LifecycleActionResult]) =>
      new CompleteLifecycleActionCommand({ ...named, LifecycleHookName: 'hook', InstanceId: memberAt(aws, n), LifecycleActionResult }),
  ),
  call(
    fc.integer({ min: 0, max: 100 }),
    'refresh',
    (_, MinHealthyPercentage) =>
      new StartInstanceRefreshCommand({ ...named, Preferences: { MinHealthyPercentage, StandbyInstances: 'Ignore' } }),
  ),
  index.map((n) => ({
    name: `stop ${n}`,
    run: (aws: World) => aws.ec2Client.send(new StopInstancesCommand({ InstanceIds: [memberAt(aws, n)] })),
  })),
  index.map((n) => ({ name: `lose ${n}`, run: (aws: World) => aws.ec2.terminate(memberAt(aws, n), 'user') })),
  index.map((n) => ({ name: `hang ${n}`, run: (aws: World) => aws.ec2.faults['hang-kernel'](memberAt(aws, n)) })),
  fc.constantFrom(...zones).map((zone) => ({
    name: `exhaust ${zone}`,
    run: (aws: World, faults: (() => void)[]) => faults.push(aws.ec2.faults['exhaust-zone'](zone)),
  })),
);

const attempt = async (act: () => unknown): Promise<void> => {
  try {
    await act();
  } catch (error) {
    const { name } = error as Error;
    expect(name).toMatch(
      /^(ValidationError|ScalingActivityInProgress|ResourceInUse|InstanceRefreshInProgress|RangeError|AwsError|IncorrectInstanceState|InvalidInstanceID|OperationNotPermitted)/,
    );
  }
};

const holds = (aws: World): void => {
  const group = aws.autoScaling.get('web');
  if (!group) throw new Error('the group is gone');
  expect(group.min).toBeLessThanOrEqual(group.desired);
  expect(group.desired).toBeLessThanOrEqual(group.max);
  expect(new Set(group.memberIds).size).toBe(group.memberIds.length);
  expect(group.inServiceIds.every((id) => group.memberIds.includes(id))).toBe(true);
  // Whatever EC2 runs for the group is a member, and only that: nothing is counted twice, nothing is forgotten.
  const running = [...aws.ec2.list()].filter(({ groupName, state }) => groupName === 'web' && (state === 'running' || state === 'pending'));
  for (const { id } of running) expect(group.memberIds).toContain(id);
  const total = aws.autoScaling.metrics('GroupTotalInstances', named, aws.world.clock.now());
  expect(total).toBe(group.memberIds.length);
};

test('whatever is done to a group, it keeps its bounds and its members, and settles at its desired capacity', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.integer({ min: 1, max: 1000 }),
      async (steps, seed) => {
        const aws = await scalingWorld(seed);
        await aws.create({ MinSize: 0, MaxSize: 6, DesiredCapacity: 3 });
        await aws.client.send(new EnableMetricsCollectionCommand({ ...named, Granularity: '1Minute' }));
        const faults: (() => void)[] = [];
        for (const { run } of steps) {
          await attempt(() => run(aws, faults));
          holds(aws);
        }
        for (const end of faults) end();
        await aws.client.send(new ResumeProcessesCommand(named));
        const hook = { LifecycleHookName: 'hook', DefaultResult: 'CONTINUE', HeartbeatTimeout: 30 };
        await attempt(() => aws.client.send(new PutLifecycleHookCommand({ ...named, ...hook })));
        const { AutoScalingInstances = [] } = await aws.client.send(new DescribeAutoScalingInstancesCommand({}));
        for (const { InstanceId = '' } of AutoScalingInstances)
          await attempt(() =>
            aws.client.send(new SetInstanceProtectionCommand({ ...named, InstanceIds: [InstanceId], ProtectedFromScaleIn: false })),
          );
        aws.advance(4 * 3600);
        holds(aws);
        expect(aws.inService()).toHaveLength(aws.autoScaling.get('web')?.desired ?? -1);
        expect(
          (await aws.describe())?.Instances?.every(({ LifecycleState = '' }) => ['InService', 'Standby'].includes(LifecycleState)),
        ).toBe(true);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});
