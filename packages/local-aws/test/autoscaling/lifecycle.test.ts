import {
  AttachInstancesCommand,
  CompleteLifecycleActionCommand,
  type CreateAutoScalingGroupCommandInput,
  DeleteAutoScalingGroupCommand,
  DescribeWarmPoolCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutWarmPoolCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { scalingWorld, settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING';
const hook = (LifecycleHookName: string, LifecycleTransition: string, HeartbeatTimeout = 3600, DefaultResult = 'ABANDON') => ({
  LifecycleHookName,
  LifecycleTransition,
  HeartbeatTimeout,
  DefaultResult,
});
const retaining: Partial<CreateAutoScalingGroupCommandInput> = {
  InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
};
const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity = false) =>
  new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity });

type World = Awaited<ReturnType<typeof scalingWorld>>;
const stateOf = async (aws: World, id: string) =>
  (await aws.describe())?.Instances?.find(({ InstanceId }) => InstanceId === id)?.LifecycleState;

describe('somebody completes the actions of lifecycle hooks', () => {
  test('so long after they began, those under way too; once nobody does any more they hang until their timeout', async () => {
    const aws = await scalingWorld();
    await aws.create({ DesiredCapacity: 2, LifecycleHookSpecificationList: [hook('drain', terminating)] });
    aws.advance(600);
    const [first = '', second = ''] = aws.inService();
    await aws.client.send(terminate(first));
    aws.advance(300);
    const stop = aws.autoScaling.answerHooks('web', { hook: 'drain', afterSeconds: 1200, result: 'CONTINUE' });
    aws.advance(890);
    expect(await stateOf(aws, first)).toBe('Terminating:Wait');
    aws.advance(120);
    expect(await stateOf(aws, first)).toBeUndefined();
    await aws.client.send(terminate(second));
    aws.advance(1000);
    stop();
    aws.advance(2500);
    expect(await stateOf(aws, second)).toBe('Terminating:Wait');
    aws.advance(300);
    expect(await stateOf(aws, second)).toBeUndefined();
  });

  test('those of one hook alone, and with the result that they give', async () => {
    const aws = await scalingWorld();
    await aws.create({ DesiredCapacity: 1, LifecycleHookSpecificationList: [hook('a', launching), hook('b', launching)] });
    aws.autoScaling.answerHooks('web', { hook: 'a', afterSeconds: 60, result: 'CONTINUE' });
    aws.advance(600);
    expect((await aws.describe())?.Instances).toMatchObject([{ LifecycleState: 'Pending:Wait' }]);
    aws.autoScaling.answerHooks('web', { hook: 'b', afterSeconds: 60, result: 'ABANDON' });
    aws.advance(5);
    expect((await aws.activities()).find(({ Description }) => Description?.startsWith('Launching'))).toMatchObject({
      StatusCode: 'Cancelled',
      StatusMessage: expect.stringMatching(/was abandoned: Lifecycle Action Completed with ABANDON Result$/),
    });
  });

  test('but not of a group that does not exist', async () => {
    const aws = await scalingWorld();
    expect(() => aws.autoScaling.answerHooks('none', { hook: undefined, afterSeconds: 1, result: 'CONTINUE' })).toThrow(RangeError);
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html
describe('a member whose termination hook is abandoned is retained, if the lifecycle policy says so', () => {
  const retained = async () => {
    const aws = await scalingWorld();
    await aws.create({ ...retaining, DesiredCapacity: 2, LifecycleHookSpecificationList: [hook('drain', terminating, 600)] });
    aws.advance(600);
    const [id = ''] = aws.inService();
    const { Activity } = await aws.client.send(terminate(id));
    aws.advance(900);
    return { ...aws, id, activityId: Activity?.ActivityId };
  };

  test('after its timeout: it runs on, is listed, and is replaced; the activity ends Cancelled', async () => {
    const aws = await retained();
    const group = await aws.describe();
    expect(group?.InstanceLifecyclePolicy).toEqual(retaining.InstanceLifecyclePolicy);
    expect(group?.DesiredCapacity).toBe(2);
    expect(await stateOf(aws, aws.id)).toBe('Terminating:Retained');
    expect(aws.ec2.get(aws.id)?.state).toBe('running');
    expect(aws.inService()).toHaveLength(2);
    const activity = (await aws.activities()).find(({ ActivityId }) => ActivityId === aws.activityId);
    expect(activity).toMatchObject({ StatusCode: 'Cancelled', StatusMessage: expect.stringMatching(/Heartbeat Timeout$/) });
    aws.advance(7 * 86_400);
    expect(await stateOf(aws, aws.id)).toBe('Terminating:Retained');
    expect(aws.inService()).toHaveLength(2);
  });

  test('until somebody terminates it, without its hook being asked again or the group shrinking', async () => {
    const aws = await retained();
    expect(await refusal(aws.client.send(terminate(aws.id, true)))).toMatchObject({ code: 'ValidationError' });
    await aws.client.send(terminate(aws.id));
    aws.advance(300);
    expect(await stateOf(aws, aws.id)).toBeUndefined();
    expect(aws.inService()).toHaveLength(2);
  });

  test('or until its instance is terminated behind the group, or the group is deleted by force', async () => {
    const aws = await retained();
    await aws.ec2Client.send(new TerminateInstancesCommand({ InstanceIds: [aws.id] }));
    aws.advance(300);
    expect(await stateOf(aws, aws.id)).toBeUndefined();
    const other = await retained();
    await other.client.send(new DeleteAutoScalingGroupCommand({ ...named, ForceDelete: true }));
    other.advance(600);
    expect(await other.describe()).toBeUndefined();
    expect(other.ec2.get(other.id)?.state).toBe('terminated');
  });

  test('but not when its hook completes, or when the policy says terminate', async () => {
    for (const [action, result] of [
      ['retain', 'CONTINUE'],
      ['terminate', 'ABANDON'],
    ] as const) {
      const aws = await scalingWorld();
      const policy = { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: action } } };
      await aws.create({ ...policy, DesiredCapacity: 1, LifecycleHookSpecificationList: [hook('drain', terminating, 600)] });
      aws.advance(600);
      const [id = ''] = aws.inService();
      await aws.client.send(terminate(id));
      aws.advance(60);
      await aws.client.send(
        new CompleteLifecycleActionCommand({ ...named, LifecycleHookName: 'drain', InstanceId: id, LifecycleActionResult: result }),
      );
      aws.advance(300);
      expect(await stateOf(aws, id)).toBeUndefined();
    }
  });

  test('and no other action may be asked for', async () => {
    const aws = await scalingWorld();
    const InstanceLifecyclePolicy = { RetentionTriggers: { TerminateHookAbandon: 'keep' as 'retain' } };
    expect(await refusal(aws.create({ InstanceLifecyclePolicy }))).toMatchObject({ code: 'ValidationError' });
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html
describe('hooks hold members of a warm pool, too', () => {
  test('on their way in, and once more on their way into the group', async () => {
    const aws = await scalingWorld();
    await aws.create({ DesiredCapacity: 1, MaxSize: 2, LifecycleHookSpecificationList: [hook('prepare', launching)] });
    const complete = async (InstanceId: string) => {
      const action = { ...named, LifecycleHookName: 'prepare', InstanceId, LifecycleActionResult: 'CONTINUE' };
      await aws.client.send(new CompleteLifecycleActionCommand(action));
      aws.advance(300);
    };
    aws.advance(120);
    await complete((await aws.describe())?.Instances?.[0]?.InstanceId ?? '');
    await aws.client.send(new PutWarmPoolCommand({ ...named, PoolState: 'Stopped' }));
    aws.advance(300);
    const pool = async () => (await aws.client.send(new DescribeWarmPoolCommand(named))).Instances ?? [];
    expect(await pool()).toMatchObject([{ LifecycleState: 'Warmed:Pending:Wait' }]);
    const id = (await pool())[0]?.InstanceId ?? '';
    await complete(id);
    expect(await pool()).toMatchObject([{ InstanceId: id, LifecycleState: 'Warmed:Stopped' }]);
    await aws.client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 2 }));
    aws.advance(300);
    expect(await stateOf(aws, id)).toBe('Pending:Wait');
    await complete(id);
    expect(aws.inService()).toContain(id);
    const ways = aws.events('EC2 Instance-launch Lifecycle Action').map(({ detail }) => [detail.Origin, detail.Destination]);
    expect(ways).toEqual([
      ['EC2', 'AutoScalingGroup'],
      ['EC2', 'WarmPool'],
      ['WarmPool', 'AutoScalingGroup'],
    ]);
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
describe('while Launch is suspended', () => {
  const suspended = { ...named, ScalingProcesses: ['Launch'] };

  test('no member leaves standby, and no instance is attached', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    const standby = { ...named, InstanceIds: [id] };
    await aws.client.send(new EnterStandbyCommand({ ...standby, ShouldDecrementDesiredCapacity: true }));
    aws.advance(60);
    await aws.client.send(new SuspendProcessesCommand(suspended));
    expect(await refusal(aws.client.send(new ExitStandbyCommand(standby)))).toMatchObject({ code: 'ValidationError', status: 400 });
    const { id: lone } = aws.ec2.launch({
      imageId: 'ami-0123456789abcdef0',
      instanceType: 't3.micro',
      availabilityZone: 'us-east-1a',
      tags: [],
    });
    aws.advance(300);
    const attach = new AttachInstancesCommand({ ...named, InstanceIds: [lone] });
    expect(await refusal(aws.client.send(attach))).toMatchObject({ code: 'ValidationError', status: 400 });
    await aws.client.send(new ResumeProcessesCommand(suspended));
    await aws.client.send(new ExitStandbyCommand(standby));
    await aws.client.send(attach);
    aws.advance(300);
    expect(aws.inService()).toEqual(expect.arrayContaining([id, lone]));
  });
});
