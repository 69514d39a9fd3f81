import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, image, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const describeOne = async ({ client }: Ec2World, id: string) => {
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const instance = Reservations[0]?.Instances?.[0];
  if (!instance) throw new Error(`no ${id}`);
  return instance;
};

const running = (aws: Ec2World, id: string) => aws.until(() => aws.local.get(id)?.state === 'running');
const healthy = (aws: Ec2World, id: string) => aws.until(() => aws.local.get(id)?.instanceStatus === 'ok');
const states = (aws: Ec2World, id: string) =>
  aws
    .events('EC2 Instance State-change Notification')
    .filter(({ detail }) => detail['instance-id'] === id)
    .map(({ detail }) => detail.state);

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
describe('an instance', () => {
  test('is pending at first, runs after seconds, and is initializing before its checks pass', async () => {
    const aws = ec2World();
    const { Instances = [] } = await aws.client.send(
      new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
    );
    const id = Instances[0]?.InstanceId ?? '';
    expect(id).toMatch(/^i-0[0-9a-f]{16}$/);
    expect(Instances[0]?.State).toEqual({ Code: 0, Name: 'pending' });
    expect(aws.local.get(id)?.systemStatus).toBe('not-applicable');
    expect(running(aws, id)).toBeLessThanOrEqual(20_000);
    expect(aws.local.get(id)?.instanceStatus).toBe('initializing');
    expect(aws.local.get(id)?.reachable).toBe(false);
    aws.advance(5 * minute);
    expect(aws.local.get(id)).toMatchObject({ instanceStatus: 'ok', systemStatus: 'ok', reachable: true });
    expect(states(aws, id)).toEqual(['pending', 'running']);
  });

  test('changes its host and its public address by a stop and start, and keeps its private one', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    healthy(aws, id);
    const before = await describeOne(aws, id);
    const { StoppingInstances } = await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(StoppingInstances).toEqual([
      { InstanceId: id, PreviousState: { Code: 16, Name: 'running' }, CurrentState: { Code: 64, Name: 'stopping' } },
    ]);
    aws.advance(minute);
    const stopped = await describeOne(aws, id);
    expect(stopped.State?.Name).toBe('stopped');
    expect(stopped.PublicIpAddress).toBeUndefined();
    expect(stopped.StateReason).toEqual({
      Code: 'Client.UserInitiatedShutdown',
      Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    });
    expect(stopped.StateTransitionReason).toMatch(/^User initiated \(2026-11-20 12:\d\d:\d\d GMT\)$/);
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    healthy(aws, id);
    const after = await describeOne(aws, id);
    expect(after.PrivateIpAddress).toBe(before.PrivateIpAddress);
    expect(after.PublicIpAddress).not.toBe(before.PublicIpAddress);
    expect(after.StateTransitionReason).toBe('');
    expect(after.LaunchTime?.getTime()).toBeGreaterThan(before.LaunchTime?.getTime() ?? 0);
    expect(states(aws, id)).toEqual(['pending', 'running', 'stopping', 'stopped', 'pending', 'running']);
  });

  test('that is terminated is seen for an hour, without network and volumes, and then is gone', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    running(aws, id);
    await aws.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    aws.advance(minute);
    const gone = await describeOne(aws, id);
    expect(gone).toMatchObject({ State: { Code: 48, Name: 'terminated' }, BlockDeviceMappings: [] });
    expect(gone.PrivateIpAddress).toBeUndefined();
    aws.advance(58 * minute);
    expect((await describeOne(aws, id)).State?.Name).toBe('terminated');
    aws.advance(2 * minute);
    expect(await refusal(describeOne(aws, id))).toMatchObject({ code: 'InvalidInstanceID.NotFound', status: 400 });
    expect([...aws.local.list()]).toEqual([]);
  });
});
