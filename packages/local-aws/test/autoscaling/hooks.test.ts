import {
  CompleteLifecycleActionCommand,
  DeleteLifecycleHookCommand,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  type PutLifecycleHookCommandInput,
  RecordLifecycleActionHeartbeatCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { scalingWorld, settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web', LifecycleHookName: 'prepare' };
const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING';

const put = (input: Partial<PutLifecycleHookCommandInput> = {}) =>
  new PutLifecycleHookCommand({ ...named, LifecycleTransition: launching, HeartbeatTimeout: 600, ...input });

/** A group of one member that is held in `Pending:Wait`. */
const heldLaunch = async (hook: Partial<PutLifecycleHookCommandInput> = {}) => {
  const aws = await scalingWorld();
  await aws.create({
    DesiredCapacity: 1,
    LifecycleHookSpecificationList: [{ LifecycleHookName: 'prepare', LifecycleTransition: launching, HeartbeatTimeout: 600, ...hook }],
  });
  aws.advance(120);
  const member = (await aws.describe())?.Instances?.[0];
  return { ...aws, id: member?.InstanceId ?? '', state: async () => (await aws.describe())?.Instances?.[0]?.LifecycleState };
};

describe('a launching member waits for its hook', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
  test('and EventBridge is told, in the shape that AWS documents', async () => {
    const aws = await heldLaunch({ NotificationMetadata: 'more' });
    expect(await aws.state()).toBe('Pending:Wait');
    expect((await aws.activities())[0]).toMatchObject({ StatusCode: 'MidLifecycleAction' });
    const [event] = aws.events('EC2 Instance-launch Lifecycle Action');
    expect(event?.resources).toEqual([aws.autoScaling.get('web')?.arn]);
    expect(event?.detail).toEqual({
      LifecycleActionToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      AutoScalingGroupName: 'web',
      LifecycleHookName: 'prepare',
      EC2InstanceId: aws.id,
      LifecycleTransition: launching,
      NotificationMetadata: 'more',
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    });
    expect(aws.inService()).toEqual([]);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
  test('until it is completed, by token or by instance, which then is in service', async () => {
    for (const by of ['token', 'instance']) {
      const aws = await heldLaunch();
      const token = String(aws.events('EC2 Instance-launch Lifecycle Action')[0]?.detail.LifecycleActionToken);
      const which = by === 'token' ? { LifecycleActionToken: token } : { InstanceId: aws.id };
      const complete = () => aws.client.send(new CompleteLifecycleActionCommand({ ...named, ...which, LifecycleActionResult: 'CONTINUE' }));
      await complete();
      aws.advance(60);
      expect(aws.inService()).toEqual([aws.id]);
      expect(await refusal(complete())).toMatchObject({
        code: 'ValidationError',
        message: `No active Lifecycle Action found with ${by === 'token' ? `token ${token}` : `instance ID ${aws.id}`}`,
      });
    }
  });

  test('and goes through Pending:Proceed into service', async () => {
    const aws = await heldLaunch();
    await aws.client.send(new CompleteLifecycleActionCommand({ ...named, InstanceId: aws.id, LifecycleActionResult: 'CONTINUE' }));
    const states = new Set<string | undefined>();
    for (let second = 0; second < 30; second++) {
      aws.advance(1);
      states.add(await aws.state());
    }
    expect([...states]).toEqual(['Pending:Wait', 'Pending:Proceed', 'InService']);
  });

  test('unless it is terminated meanwhile, which ends the action', async () => {
    const aws = await heldLaunch();
    await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: aws.id, ShouldDecrementDesiredCapacity: false }));
    const complete = new CompleteLifecycleActionCommand({ ...named, InstanceId: aws.id, LifecycleActionResult: 'CONTINUE' });
    expect(await refusal(aws.client.send(complete))).toMatchObject({
      message: `No active Lifecycle Action found with instance ID ${aws.id}`,
    });
    aws.advance(900);
    expect(aws.inService()).not.toContain(aws.id);
  });

  test('unless its instance dies meanwhile: the launch has failed, and another one follows', async () => {
    const aws = await heldLaunch();
    aws.ec2.terminate(aws.id, 'user');
    aws.advance(400);
    expect(aws.autoScaling.get('web')?.memberIds).not.toContain(aws.id);
    expect(aws.autoScaling.get('web')?.memberIds).toHaveLength(1);
    const failed = (await aws.activities()).find(({ Description }) => Description?.startsWith(`Launching a new EC2 instance: ${aws.id}`));
    expect(failed).toMatchObject({
      StatusCode: 'Cancelled',
      StatusMessage:
        'Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.UserInitiatedShutdown: User initiated shutdown',
    });
  });

  test('and another one is launched where the hook gave up', async () => {
    const aws = await heldLaunch();
    await aws.client.send(new CompleteLifecycleActionCommand({ ...named, InstanceId: aws.id, LifecycleActionResult: 'ABANDON' }));
    aws.advance(400);
    const activity = (await aws.activities()).find(({ StatusCode }) => StatusCode === 'Cancelled');
    expect(activity?.StatusMessage).toMatch(
      /^Instance failed to complete user's Lifecycle Action: Lifecycle Action with token \S+ was abandoned: Lifecycle Action Completed with ABANDON Result$/,
    );
    expect(aws.ec2.get(aws.id)?.state ?? 'terminated').toBe('terminated');
    expect(aws.autoScaling.get('web')?.memberIds).not.toContain(aws.id);
    expect(aws.autoScaling.get('web')?.memberIds.length).toBeGreaterThan(0);
  });

  test.each([
    ['CONTINUE', true],
    ['ABANDON', false],
  ] as const)('no longer than its heartbeat timeout; then the default result %s holds', async (DefaultResult, stays) => {
    const aws = await heldLaunch({ DefaultResult });
    aws.advance(400);
    expect(await aws.state()).toBe('Pending:Wait');
    aws.advance(200);
    expect(aws.inService().includes(aws.id)).toBe(stays);
    expect(aws.autoScaling.get('web')?.inServiceIds.length).toBe(stays ? 1 : 0);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html
  test('longer with a heartbeat', async () => {
    const aws = await heldLaunch({ DefaultResult: 'CONTINUE' });
    aws.advance(400);
    await aws.client.send(new RecordLifecycleActionHeartbeatCommand({ ...named, InstanceId: aws.id }));
    aws.advance(500);
    expect(await aws.state()).toBe('Pending:Wait');
    aws.advance(200);
    expect(aws.inService()).toEqual([aws.id]);
  });

  test('for all hooks of its transition', async () => {
    const aws = await heldLaunch();
    await aws.client.send(put({ LifecycleHookName: 'late' }));
    await aws.client.send(new CompleteLifecycleActionCommand({ ...named, InstanceId: aws.id, LifecycleActionResult: 'CONTINUE' }));
    aws.advance(60);
    expect(aws.inService()).toEqual([aws.id]);
    await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: aws.id, ShouldDecrementDesiredCapacity: false }));
    aws.advance(120);
    const [next = ''] = aws.autoScaling.get('web')?.memberIds.filter((id) => id !== aws.id) ?? [];
    const complete = (LifecycleHookName: string) =>
      aws.client.send(
        new CompleteLifecycleActionCommand({ ...named, LifecycleHookName, InstanceId: next, LifecycleActionResult: 'CONTINUE' }),
      );
    await complete('prepare');
    aws.advance(60);
    expect(aws.inService()).toEqual([]);
    await complete('late');
    aws.advance(60);
    expect(aws.inService()).toEqual([next]);
  });
});

describe('a terminating member waits for its hook', () => {
  test('while it still runs and its replacement is launched; either result lets it go', async () => {
    for (const LifecycleActionResult of ['CONTINUE', 'ABANDON']) {
      const aws = await settledGroup({ DesiredCapacity: 1 });
      await aws.client.send(put({ LifecycleTransition: terminating }));
      const [id = ''] = aws.inService();
      await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: false }));
      aws.advance(120);
      expect((await aws.describe())?.Instances?.find(({ InstanceId }) => InstanceId === id)?.LifecycleState).toBe('Terminating:Wait');
      expect(aws.ec2.get(id)?.state).toBe('running');
      expect(aws.inService()).toHaveLength(1);
      expect(aws.events('EC2 Instance-terminate Lifecycle Action')[0]?.detail).toMatchObject({
        EC2InstanceId: id,
        LifecycleTransition: terminating,
        Origin: 'AutoScalingGroup',
        Destination: 'EC2',
      });
      await aws.client.send(new CompleteLifecycleActionCommand({ ...named, InstanceId: id, LifecycleActionResult }));
      aws.advance(600);
      expect(aws.ec2.get(id)?.state).toBe('terminated');
      expect(aws.autoScaling.get('web')?.memberIds).not.toContain(id);
    }
  });

  test('unless it no longer runs', async () => {
    const aws = await settledGroup({ DesiredCapacity: 1 });
    await aws.client.send(put({ LifecycleTransition: terminating }));
    const [id = ''] = aws.inService();
    aws.ec2.terminate(id, 'user');
    aws.advance(900);
    expect(aws.autoScaling.get('web')?.memberIds).not.toContain(id);
    expect(aws.events('EC2 Instance-terminate Lifecycle Action')).toEqual([]);
  });
});

describe('hooks are kept on their group', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
  test('with AWS defaults, changed by putting them again, and deleted', async () => {
    const aws = await settledGroup({ DesiredCapacity: 1 });
    await aws.client.send(put({ HeartbeatTimeout: undefined }));
    const list = () => aws.client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'web' }));
    expect((await list()).LifecycleHooks).toEqual([
      { ...named, LifecycleTransition: launching, HeartbeatTimeout: 3600, GlobalTimeout: 172_800, DefaultResult: 'ABANDON' },
    ]);
    await aws.client.send(put({ LifecycleTransition: undefined, HeartbeatTimeout: 60, DefaultResult: 'CONTINUE' }));
    expect((await list()).LifecycleHooks).toMatchObject([
      { LifecycleTransition: launching, HeartbeatTimeout: 60, GlobalTimeout: 6000, DefaultResult: 'CONTINUE' },
    ]);
    await aws.client.send(new DeleteLifecycleHookCommand(named));
    expect((await list()).LifecycleHooks).toEqual([]);
    expect(await refusal(aws.client.send(new DeleteLifecycleHookCommand(named)))).toMatchObject({ code: 'ValidationError' });
  });

  test.each([
    ['no transition', { LifecycleTransition: undefined }],
    ['another transition', { LifecycleTransition: 'autoscaling:REBOOT' }],
    ['too short a timeout', { HeartbeatTimeout: 29 }],
    ['too long a timeout', { HeartbeatTimeout: 7201 }],
    ['another result', { DefaultResult: 'MAYBE' }],
    ['a name that is none', { LifecycleHookName: 'a b' }],
  ])('but not with %s', async (_, input) => {
    const aws = await scalingWorld();
    await aws.create();
    expect(await refusal(aws.client.send(put(input)))).toMatchObject({ code: 'ValidationError', status: 400 });
  });

  test('up to fifty of them', async () => {
    const aws = await scalingWorld();
    await aws.create();
    for (let i = 0; i < 50; i++) await aws.client.send(put({ LifecycleHookName: `hook-${i}` }));
    expect(await refusal(aws.client.send(put()))).toMatchObject({ code: expect.stringMatching(/^LimitExceeded/), status: 400 });
  });
});
