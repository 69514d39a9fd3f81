import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../aws/clients.ts';
import { minuteMs } from '../model/duration.ts';
import { type MetricValues, readMetrics } from '../resources/read-metrics.ts';

/** What the look-up needs beyond that of an alarm, which packaging grants only where the policy names what asks for it. It takes no resource. */
export const failingSincePermissions = ['cloudwatch:GetMetricData'] as const;

/** Metrics come up to so much later: until then nothing says that there is no value. */
const lateMs = 3 * minuteMs;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html; those of anomaly detection have no threshold. */
const breaching: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * Since when a metric has failed, by whole periods without one that is well between, up to the last that is over; null if it doesn't. `absent`:
 * whether a period without a value failed.
 */
const beginOf = (
  values: MetricValues,
  { from, to, periodMs, fails, absent }: { from: number; to: number; periodMs: number; fails: (value: number) => boolean; absent: boolean },
): number | null => {
  const failed = (at: number) => {
    const value = values.get(at);
    return value === undefined ? absent : fails(value);
  };
  let at = to - periodMs;
  while (!values.has(at) && !absent && at + periodMs > to - lateMs) at -= periodMs;
  let since: number | null = null;
  for (; at >= from && failed(at); at -= periodMs) since = at;
  return since;
};

/** The one metric of an alarm and when it fails; null for an expression, several metrics, or anomaly detection. */
const watchedBy = ({ Namespace, MetricName, Dimensions = [], ComparisonOperator, Threshold, ...alarm }: MetricAlarm) => {
  const compare = breaching[ComparisonOperator ?? ''];
  const statistic = alarm.ExtendedStatistic ?? alarm.Statistic;
  if (!Namespace || !MetricName || !statistic || !compare || Threshold === undefined) return null;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
  return {
    query: { namespace: Namespace, metric: MetricName, statistic, dimensions },
    fails: (value: number) => compare(value, Threshold),
    absent: alarm.TreatMissingData === 'breaching',
    period: Math.max(60, alarm.Period ?? 60),
  };
};

/**
 * Since when the metric of an alarm has shown the failure without a break, looking back at least so far: null if it doesn't now; or why
 * no metric can tell.
 * @throws whatever the SDK throws
 */
export const failingSince = async (
  clients: Clients,
  alarm: string,
  { now, backMs }: { now: number; backMs: number },
): Promise<{ metric: string; since: number | null } | { why: string }> => {
  const { MetricAlarms } = await clients.alarms.send(
    new DescribeAlarmsCommand({ AlarmNames: [alarm], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  const [found] = MetricAlarms ?? [];
  const watched = found ? watchedBy(found) : null;
  if (!watched) return { why: `alarm ${alarm} has no single metric with a threshold that shows since when it fails` };
  const { query, period, fails, absent } = watched;
  const periodMs = period * 1000;
  // CloudWatch's periods begin at multiples of them. The one that goes on says nothing yet.
  const to = Math.floor(now / periodMs) * periodMs;
  const from = to - Math.ceil((backMs + lateMs) / periodMs) * periodMs;
  const [values = new Map()] = await readMetrics({ cloudWatch: clients.alarms }, [query], from, to, period);
  return { metric: query.metric, since: beginOf(values, { from, to, periodMs, fails, absent }) };
};
