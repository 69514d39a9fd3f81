import { formatDuration } from '../../shared/model/duration.ts';
import { type Alarm, alarmsFor } from '../../shared/recommended-alarms/alarms.ts';
import { alarmKindOf } from '../../shared/recommended-alarms/name.ts';
import type { Watched } from '../../shared/recommended-alarms/watched.ts';
import { code, table } from './markdown.ts';

const topicArn = 'arn:aws:sns:us-east-1:111122223333:selfheal-prod-alarms';
const InstanceId = 'i-0123456789abcdef0';

/** One of each kind of thing that can be watched. */
const oneOfEach: Watched = {
  instances: [{ id: InstanceId, groupName: null, unwatched: [] }],
  groups: [{ name: 'web', unwatched: [] }],
  targets: [{ targetGroup: 'targetgroup/web/0', loadBalancer: 'app/front/0', namespace: 'AWS/ApplicationELB', unwatched: [] }],
  queues: [
    { name: 'orders', deadLetters: false, keeps: 345_600, unwatched: [] },
    { name: 'dead', deadLetters: true, keeps: 1_209_600, unwatched: [] },
  ],
  functions: [{ name: 'resize', alias: 'live', unwatched: [] }],
  services: [{ cluster: 'prod', name: 'checkout', unwatched: [] }],
  agent: [
    { name: 'mem_used_percent', dimensions: { InstanceId } },
    { name: 'disk_used_percent', dimensions: { InstanceId, path: '/', device: 'nvme0n1p1', fstype: 'xfs' } },
    { name: 'LogicalDisk % Free Space', dimensions: { InstanceId, instance: 'C:', objectname: 'LogicalDisk' } },
    { name: 'mem_used_percent', dimensions: { AutoScalingGroupName: 'web' } },
  ],
};

const watchedBy = ({
  Metrics,
  Namespace,
  MetricName,
  Statistic,
}: Alarm): { metric: string; period: number | undefined; expression: string } => {
  const query = Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat;
  const expression = Metrics?.find(({ Expression }) => Expression)?.Expression;
  const metric = code(`${query?.Metric?.Namespace ?? Namespace} ${query?.Metric?.MetricName ?? MetricName}`);
  return { metric, period: query?.Period, expression: expression === undefined ? `${Statistic}` : code(expression) };
};

const onOf = (alarm: Alarm): string => {
  const dimensions = alarm.Dimensions ?? alarm.Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Metric?.Dimensions ?? [];
  const has = (name: string) => dimensions.some(({ Name }) => Name === name);
  if (has('QueueName')) return alarm.MetricName === 'ApproximateAgeOfOldestMessage' ? 'a queue' : 'a dead-letter queue';
  if (has('FunctionName')) return has('Resource') ? 'an alias of a function, or a function' : 'a function';
  if (has('ServiceName')) return 'a service of ECS';
  return has('TargetGroup') ? 'a target group' : has('InstanceId') ? 'an instance' : 'a group';
};

const rowOf = (alarm: Alarm): string[] => {
  const { Period, EvaluationPeriods = 1, Threshold, ComparisonOperator, AlarmDescription } = alarm;
  const { metric, period, expression } = watchedBy(alarm);
  const sign = ComparisonOperator?.startsWith('Greater') ? '≥' : '≤';
  const times = `${EvaluationPeriods} × ${formatDuration(Period ?? period ?? 0)}`;
  return [
    code(alarmKindOf(topicArn, alarm.AlarmName)),
    onOf(alarm),
    metric,
    `${expression} ${sign} ${Threshold}, ${times} in a row`,
    AlarmDescription,
  ];
};

/** The generated part of docs/early-warning.md. */
export const earlyWarningParts = (): Record<string, string> => ({
  alarms: table(['what', 'of', 'metric', 'fires at', 'in words'], alarmsFor(oneOfEach, topicArn).map(rowOf)),
});
