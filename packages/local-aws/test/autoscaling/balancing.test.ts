import {
  AttachLoadBalancerTargetGroupsCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeScalingActivitiesCommand,
  DetachLoadBalancerTargetGroupsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import { scalingWorld } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const adding = { ...named, ScalingProcesses: ['AddToLoadBalancer'] };
const desire = (DesiredCapacity: number) => new SetDesiredCapacityCommand({ ...named, DesiredCapacity });

/** A group of two members behind a load balancer. */
const balancedGroup = async (input: Partial<CreateAutoScalingGroupCommandInput> = {}, HealthCheckIntervalSeconds = 30) => {
  const aws = await scalingWorld();
  const { TargetGroups } = await aws.elb.send(
    new CreateTargetGroupCommand({ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0a1b2c3d4e5f60718', HealthCheckIntervalSeconds }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const { LoadBalancers } = await aws.elb.send(new CreateLoadBalancerCommand({ Name: 'web', Subnets: ['subnet-0a', 'subnet-0b'] }));
  await aws.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  await aws.create({ DesiredCapacity: 2, TargetGroupARNs: [TargetGroupArn], ...input });
  aws.advance(600);
  const states = async () => {
    const { TargetHealthDescriptions = [] } = await aws.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return Object.fromEntries(TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id, TargetHealth?.State]));
  };
  const healthy = async () => Object.entries(await states()).flatMap(([id, state]) => (state === 'healthy' ? [id] : []));
  return { ...aws, TargetGroupArn, states, healthy };
};

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-how-suspending-processes-affects-other-processes.html
describe('members are registered with the target groups of their group', () => {
  test('as they come into service, but not while AddToLoadBalancer is suspended, nor once it is resumed', async () => {
    const aws = await balancedGroup();
    const before = aws.inService();
    expect(await aws.healthy()).toEqual(before);
    await aws.client.send(new SuspendProcessesCommand(adding));
    await aws.client.send(desire(3));
    aws.advance(900);
    expect(aws.inService()).toHaveLength(3);
    expect(await aws.healthy()).toEqual(before);
    await aws.client.send(new ResumeProcessesCommand(adding));
    aws.advance(900);
    expect(await aws.healthy()).toEqual(before);
    await aws.client.send(desire(4));
    aws.advance(900);
    const newest = aws.inService()[3];
    expect(await aws.healthy()).toEqual([...before, newest]);
  });

  test('and leave them for standby, to which they come back only if AddToLoadBalancer is not suspended', async () => {
    for (const suspended of [false, true]) {
      const aws = await balancedGroup();
      const [id = '', other] = aws.inService();
      const standby = { ...named, InstanceIds: [id] };
      await aws.client.send(new EnterStandbyCommand({ ...standby, ShouldDecrementDesiredCapacity: true }));
      aws.advance(600);
      expect(await aws.healthy()).toEqual([other]);
      if (suspended) await aws.client.send(new SuspendProcessesCommand(adding));
      await aws.client.send(new ExitStandbyCommand(standby));
      aws.advance(600);
      expect(aws.inService()).toContain(id);
      expect(await aws.healthy()).toEqual(suspended ? [other] : [other, id]);
    }
  });

  test('and are drained before they are terminated: while their requests come to an end, they run, and their successors are launched', async () => {
    const aws = await balancedGroup();
    const [id = '', other] = aws.inService();
    await aws.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: false }));
    const stateOf = () => aws.ec2.get(id)?.state;
    const status = async () => {
      const { Activities = [] } = await aws.client.send(new DescribeScalingActivitiesCommand(named));
      return Activities.find(({ Description }) => Description?.startsWith('Terminating'))?.StatusCode;
    };
    expect([(await aws.states())[id], stateOf(), await status()]).toEqual(['draining', 'running', 'WaitingForELBConnectionDraining']);
    aws.advance(299);
    expect(stateOf()).toBe('running');
    expect(await aws.healthy()).toEqual([other, aws.inService()[1]]);
    aws.advance(1);
    expect([stateOf(), await status()]).toEqual(['shutting-down', 'InProgress']);
    aws.advance(60);
    expect(await status()).toBe('Successful');
  });

  test('but what is down already has nothing to finish', async () => {
    const aws = await balancedGroup();
    const [id = ''] = aws.inService();
    await aws.ec2Client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    aws.advance(240);
    expect(aws.ec2.get(id)?.state).toBe('terminated');
  });

  test('and are drained as soon as they leave for standby; desired capacity goes with them, or another takes their place', async () => {
    for (const ShouldDecrementDesiredCapacity of [true, false]) {
      const aws = await balancedGroup();
      const [id = '', other = ''] = aws.inService();
      await aws.client.send(new EnterStandbyCommand({ ...named, InstanceIds: [id], ShouldDecrementDesiredCapacity }));
      expect(await aws.states()).toEqual({ [id]: 'draining', [other]: 'healthy' });
      aws.advance(600);
      expect(aws.inService()).toHaveLength(ShouldDecrementDesiredCapacity ? 1 : 2);
      const others = aws.inService();
      expect(await aws.healthy()).toEqual(others);
      await aws.client.send(new ExitStandbyCommand({ ...named, InstanceIds: [id] }));
      aws.advance(10);
      expect(await aws.states()).toMatchObject({ [id]: 'initial' });
      aws.advance(600);
      expect([...(await aws.healthy())].sort()).toEqual([...others, id].sort());
    }
  });

  test('and come back from standby as new targets, whatever their health was when they left', async () => {
    const aws = await balancedGroup({ HealthCheckType: 'ELB', HealthCheckGracePeriod: 0 }, 300);
    const [id = ''] = aws.inService();
    const suspended = { ...named, ScalingProcesses: ['HealthCheck'] };
    await aws.client.send(new SuspendProcessesCommand(suspended));
    const mend = aws.ec2.faults['hang-kernel'](id);
    aws.advance(900);
    expect(await aws.states()).toMatchObject({ [id]: 'unhealthy' });
    await aws.client.send(new EnterStandbyCommand({ ...named, InstanceIds: [id], ShouldDecrementDesiredCapacity: true }));
    aws.advance(60);
    mend();
    await aws.client.send(new ResumeProcessesCommand(suspended));
    await aws.client.send(new ExitStandbyCommand({ ...named, InstanceIds: [id] }));
    aws.advance(1200);
    expect(aws.inService()).toContain(id);
    expect(await aws.states()).toMatchObject({ [id]: 'healthy' });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html
  test('all at once when a target group is attached, and none after it is detached', async () => {
    const aws = await balancedGroup();
    const attached = { ...named, TargetGroupARNs: [aws.TargetGroupArn] };
    await aws.client.send(new DetachLoadBalancerTargetGroupsCommand(attached));
    aws.advance(600);
    expect(await aws.healthy()).toEqual([]);
    await aws.client.send(new AttachLoadBalancerTargetGroupsCommand(attached));
    aws.advance(600);
    expect(await aws.healthy()).toEqual(aws.inService());
  });
});
