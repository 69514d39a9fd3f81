import { type CompositeAlarm, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../aws/clients.ts';
import { readAlarmState } from '../aws/states.ts';
import type { AlarmFacts } from '../model/snapshot.ts';

/** Read-only calls of a look at an alarm. A test compares them with the packaged template. */
export const alarmPermissions = ['cloudwatch:DescribeAlarms'] as const;

/** Metric math has a period per metric; the longest counts. */
const periodOf = ({ Period, Metrics = [] }: MetricAlarm): number =>
  Math.max(...[Period, ...Metrics.map(({ Period: own, MetricStat }) => MetricStat?.Period ?? own)].map((period) => period ?? 0));

const metricsOf = ({ Namespace, MetricName, Metrics = [] }: MetricAlarm): string[] => {
  const watched = [{ Namespace, MetricName }, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric ?? {})];
  const names = watched.flatMap((one) => (one.Namespace && one.MetricName ? [`${one.Namespace} ${one.MetricName}`] : []));
  // An alarm may have ten metrics by id.
  return [...new Set(names)].slice(0, 10);
};

/** The file systems that its metrics tell of, which the agent names by their path and device. */
const fileSystemsOf = ({ Dimensions = [], Metrics = [] }: MetricAlarm): Pick<AlarmFacts, 'fileSystems'> => {
  const all = [Dimensions, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])].flatMap((dimensions) => {
    const dimensionOf = (name: string) => dimensions.find(({ Name }) => Name === name)?.Value;
    const [instance, path, device] = [dimensionOf('InstanceId'), dimensionOf('path'), dimensionOf('device')];
    return path === undefined ? [] : [{ instance: instance ?? null, path, device: device ?? null }];
  });
  const different = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  return different.length > 0 ? { fileSystems: different.slice(0, 10) } : {};
};

/** What CloudWatch says of an alarm, in the words of a look. */
export const toAlarm = (
  name: string,
  { metric, composite }: { metric?: MetricAlarm | undefined; composite?: CompositeAlarm | undefined },
): AlarmFacts | null => {
  const found = metric ?? composite;
  if (!found) return null;
  return {
    name,
    state: readAlarmState(found.StateValue),
    updatedAt: found.StateUpdatedTimestamp?.getTime() ?? null,
    composite: !metric,
    evaluated: /"(queryDate|triggeringAlarms)"/.test(found.StateReasonData ?? ''),
    actionsEnabled: found.ActionsEnabled ?? true,
    actions: found.AlarmActions ?? [],
    evaluationSeconds: metric ? Math.max(60, periodOf(metric)) * (metric.EvaluationPeriods ?? 1) : null,
    periodSeconds: metric ? periodOf(metric) : null,
    comparison: metric?.ComparisonOperator ?? null,
    ...(metric ? { metrics: metricsOf(metric), ...fileSystemsOf(metric) } : {}),
  };
};

export const describeAlarm = async ({ alarms }: Clients, name: string): Promise<AlarmFacts | null> => {
  const { MetricAlarms, CompositeAlarms } = await alarms.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  return toAlarm(name, { metric: MetricAlarms?.[0], composite: CompositeAlarms?.[0] });
};
