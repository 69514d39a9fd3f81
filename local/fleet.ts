import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancerDimension, targetGroupDimension } from './elb/metrics.ts';
import type { Host } from './host.ts';

export const optInTag = { Key: 'selfheal', Value: 'on' } as const;

type InstanceOptions = { name: string; zone?: string; type?: string; optedIn?: boolean; tags?: Readonly<Record<string, string>> };
type GroupOptions = {
  name: string;
  min: number;
  max: number;
  desired: number;
  optedIn?: boolean;
  spot?: boolean;
  /** Whose health checks its members are registered with. */
  targetGroupArns?: string[];
};

/** Builds fleets as an engineer would, with the SDK and through the API, under a name of his own. */
export const createFleet = ({ operator, aws, alarmTopicArn }: Pick<Host, 'operator' | 'aws' | 'alarmTopicArn'>) => {
  const zoneOf = (zone: string | undefined) => zone ?? `${aws.world.region}a`;

  const instance = async ({ name, zone, type = 'm7i.large', optedIn = true, tags = {} }: InstanceOptions): Promise<string> => {
    const others = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const Tags = [{ Key: 'Name', Value: name }, ...(optedIn ? [optInTag] : []), ...others];
    const { Instances } = await operator.ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: type as 'm7i.large',
        MinCount: 1,
        MaxCount: 1,
        Placement: { AvailabilityZone: zoneOf(zone) },
        TagSpecifications: [{ ResourceType: 'instance', Tags }],
      }),
    );
    return Instances?.[0]?.InstanceId as string;
  };

  const group = async (options: GroupOptions): Promise<void> => {
    const LaunchTemplateName = `${options.name}-template`;
    await operator.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: {
          ImageId: 'ami-0123456789abcdef0',
          InstanceType: 'm7i.large',
          ...(options.spot ? { InstanceMarketOptions: { MarketType: 'spot' as const } } : {}),
        },
      }),
    );
    const tag = { ResourceId: options.name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true };
    await operator.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: options.name,
        LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
        MinSize: options.min,
        MaxSize: options.max,
        DesiredCapacity: options.desired,
        AvailabilityZones: ['a', 'b'].map((zone) => `${aws.world.region}${zone}`),
        HealthCheckGracePeriod: 120,
        DefaultCooldown: 60,
        ...(options.targetGroupArns ? { TargetGroupARNs: options.targetGroupArns } : {}),
        Tags: options.optedIn === false ? [] : [{ ...tag, ...optInTag }],
      }),
    );
  };

  const alarm = async (input: Omit<PutMetricAlarmCommandInput, 'AlarmActions' | 'EvaluationPeriods'> & { EvaluationPeriods?: number }) => {
    await operator.cloudWatch.send(
      new PutMetricAlarmCommand({
        EvaluationPeriods: 3,
        Period: 60,
        Statistic: 'Maximum',
        AlarmActions: [alarmTopicArn],
        OKActions: [alarmTopicArn],
        ...input,
      }),
    );
  };

  /** System twice a minute apart, instance thrice, so that recovery and reboot don't race. */
  const statusAlarm = (instanceId: string, check: 'System' | 'Instance') =>
    alarm({
      AlarmName: `${instanceId}-status-check-${check.toLowerCase()}`,
      Namespace: 'AWS/EC2',
      MetricName: `StatusCheckFailed_${check}`,
      Dimensions: [{ Name: 'InstanceId', Value: instanceId }],
      EvaluationPeriods: check === 'System' ? 2 : 3,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });

  /** Of metrics that come every five minutes, a shorter period would lack data between any two of them. */
  const cpuAlarm = (groupName: string, how: { Period?: number; EvaluationPeriods?: number } = {}) =>
    alarm({
      AlarmName: `${groupName}-cpu-high`,
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: groupName }],
      Statistic: 'Average',
      Threshold: 80,
      ComparisonOperator: 'GreaterThanThreshold',
      ...how,
    });

  const memoryAlarm = (instanceId: string) =>
    alarm({
      AlarmName: `${instanceId}-memory`,
      Namespace: 'CWAgent',
      MetricName: 'mem_used_percent',
      Dimensions: [{ Name: 'InstanceId', Value: instanceId }],
      Threshold: 85,
      EvaluationPeriods: 2,
      ComparisonOperator: 'GreaterThanThreshold',
    });

  /** A target group behind a load balancer of its own; its ARN. */
  const targetGroup = async (name: string): Promise<string> => {
    const { elb } = operator;
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({ Name: name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0a1b2c3d4e5f60718', TargetType: 'instance' }),
    );
    const arn = TargetGroups?.[0]?.TargetGroupArn as string;
    const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name: name, Subnets: ['subnet-0a', 'subnet-0b'] }));
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: arn }];
    await elb.send(
      new CreateListenerCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }),
    );
    return arn;
  };

  const register = async (targetGroupArn: string, instanceIds: readonly string[]): Promise<void> => {
    const Targets = instanceIds.map((Id) => ({ Id }));
    await operator.elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
  };

  const targetsAlarm = async (name: string, targetGroupArn: string) => {
    const { TargetGroups } = await operator.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
    const balancer = TargetGroups?.[0]?.LoadBalancerArns?.[0] ?? '';
    await alarm({
      AlarmName: name,
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'UnHealthyHostCount',
      Dimensions: [
        { Name: 'TargetGroup', Value: targetGroupDimension(targetGroupArn) },
        { Name: 'LoadBalancer', Value: loadBalancerDimension(balancer) },
      ],
      Threshold: 1,
      EvaluationPeriods: 2,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  };

  return { instance, group, alarm, statusAlarm, cpuAlarm, memoryAlarm, targetGroup, register, targetsAlarm };
};
