import { CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import type { Host } from './host.ts';

export const optInTag = { Key: 'selfheal', Value: 'on' } as const;

type InstanceOptions = { name: string; zone?: string; type?: string; optedIn?: boolean };

/** Builds fleets as an engineer would, with the SDK and through the API, under a name of his own. */
export const createFleet = ({ operator, aws, alarmTopicArn }: Pick<Host, 'operator' | 'aws' | 'alarmTopicArn'>) => {
  const zoneOf = (zone: string | undefined) => zone ?? `${aws.world.region}a`;

  const instance = async ({ name, zone, type = 'm7i.large', optedIn = true }: InstanceOptions): Promise<string> => {
    const Tags = [{ Key: 'Name', Value: name }, ...(optedIn ? [optInTag] : [])];
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

  const group = async (options: {
    name: string;
    min: number;
    max: number;
    desired: number;
    optedIn?: boolean;
    suspended?: string[];
  }): Promise<void> => {
    const LaunchTemplateName = `${options.name}-template`;
    await operator.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0', InstanceType: 'm7i.large' },
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

  const cpuAlarm = (groupName: string) =>
    alarm({
      AlarmName: `${groupName}-cpu-high`,
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: groupName }],
      Statistic: 'Average',
      Threshold: 80,
      ComparisonOperator: 'GreaterThanThreshold',
    });

  return { instance, group, alarm, statusAlarm, cpuAlarm };
};
