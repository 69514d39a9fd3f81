import {
  AttachLoadBalancerTargetGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
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
const balancedGroup = async () => {
  const aws = await scalingWorld();
  const { TargetGroups } = await aws.elb.send(
    new CreateTargetGroupCommand({ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0a1b2c3d4e5f60718', TargetType: 'instance' }),
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
  await aws.create({ DesiredCapacity: 2, TargetGroupARNs: [TargetGroupArn] });
  aws.advance(600);
  const healthy = async () => {
    const { TargetHealthDescriptions = [] } = await aws.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').map(({ Target }) => Target?.Id);
  };
  return { ...aws, TargetGroupArn, healthy };
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
