import type { TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { autoScalingParameters } from '../../../core/model-parameters.ts';

type Watched = Pick<PutMetricAlarmInput, 'Namespace' | 'MetricName' | 'Statistic' | 'Dimensions' | 'Unit'>;

const { periodSeconds, high, low, lowShare } = autoScalingParameters.targetTracking;

/** `app/name/id/targetgroup/name/id`, as a resource label is written. */
const dimensionsOfLabel = (label: string) => {
  const [balancer = '', group = ''] = label.split(/\/(?=targetgroup\/)/);
  return [
    { Name: 'TargetGroup', Value: group },
    { Name: 'LoadBalancer', Value: balancer },
  ];
};

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html */
const predefined = (type: string, label: string, groupName: string): Watched | undefined => {
  const ofGroup = { Namespace: 'AWS/EC2', Statistic: 'Average', Dimensions: [{ Name: 'AutoScalingGroupName', Value: groupName }] } as const;
  switch (type) {
    case 'ASGAverageCPUUtilization':
      return { ...ofGroup, Dimensions: [...ofGroup.Dimensions], MetricName: 'CPUUtilization' };
    case 'ASGAverageNetworkIn':
      return { ...ofGroup, Dimensions: [...ofGroup.Dimensions], MetricName: 'NetworkIn' };
    case 'ASGAverageNetworkOut':
      return { ...ofGroup, Dimensions: [...ofGroup.Dimensions], MetricName: 'NetworkOut' };
    case 'ALBRequestCountPerTarget':
      return {
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'RequestCountPerTarget',
        Statistic: 'Sum',
        Dimensions: dimensionsOfLabel(label),
      };
    default:
      return undefined;
  }
};

/** What the policy's alarms watch, or undefined where that isn't modelled: metric maths, and periods other than a minute. */
export const watchedBy = (configuration: TargetTrackingConfiguration, groupName: string): Watched | undefined => {
  const { PredefinedMetricSpecification: given, CustomizedMetricSpecification: own } = configuration;
  if (given) return predefined(given.PredefinedMetricType ?? '', given.ResourceLabel ?? '', groupName);
  if (!own?.MetricName || !own.Namespace || !own.Statistic || own.Metrics?.length || (own.Period ?? periodSeconds) !== periodSeconds)
    return undefined;
  const Dimensions = (own.Dimensions ?? []).map(({ Name, Value }) => ({ Name, Value }));
  return {
    Namespace: own.Namespace,
    MetricName: own.MetricName,
    Statistic: own.Statistic,
    Dimensions,
    ...(own.Unit === undefined ? {} : { Unit: own.Unit as NonNullable<PutMetricAlarmInput['Unit']> }),
  };
};

/** The two alarms of a target tracking policy, under AWS's names. */
export const trackingAlarms = (
  watched: Watched,
  target: number,
  { groupName, policyArn, scalesIn, uuid }: { groupName: string; policyArn: string; scalesIn: boolean; uuid: () => string },
): PutMetricAlarmInput[] => {
  const common = {
    ...watched,
    Period: periodSeconds,
    ActionsEnabled: true,
    AlarmActions: [policyArn],
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
  };
  const alarm = (which: 'High' | 'Low', periods: number, how: Pick<PutMetricAlarmInput, 'ComparisonOperator' | 'Threshold'>) => ({
    ...common,
    ...how,
    AlarmName: `TargetTracking-${groupName}-Alarm${which}-${uuid()}`,
    EvaluationPeriods: periods,
  });
  const above = alarm('High', high, { ComparisonOperator: 'GreaterThanThreshold', Threshold: target });
  return scalesIn ? [above, alarm('Low', low, { ComparisonOperator: 'LessThanThreshold', Threshold: target * lowShare })] : [above];
};
