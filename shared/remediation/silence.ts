import { DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../aws/clients.ts';

/** The IAM action of its look-up, which packaging grants only where a rule says that missing data is the signal. */
export const silencePermissions = ['cloudwatch:GetMetricData'] as const;

/** How many periods before the silence may be without data. */
const periodsBefore = 3;

/**
 * Why the absence of an alarm's data is no failure; null if it is one. The alarm must treat missing data as breaching, and there must have
 * been data shortly before: what has never sent any is a mistake of whoever set it up.
 * @throws whatever the SDK throws
 */
export const whyNoFailure = async ({ alarms }: Clients, name: string): Promise<string | null> => {
  const { MetricAlarms } = await alarms.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm'] }));
  const alarm = MetricAlarms?.[0];
  if (!alarm) return `CloudWatch lists no alarm ${name}`;
  const { Namespace, MetricName, Dimensions, Period, Unit, EvaluationPeriods = 1 } = alarm;
  if (alarm.TreatMissingData !== 'breaching') return `alarm ${name} does not treat missing data as breaching`;
  if (!Namespace || !MetricName || !Period) return `alarm ${name} watches an expression, of which nothing tells whether it had data before`;
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  if (!since) return `nothing tells since when alarm ${name} is in this state`;
  const periods = EvaluationPeriods + periodsBefore;
  const { MetricDataResults } = await alarms.send(
    new GetMetricDataCommand({
      // CloudWatch evaluates a little after a period has ended, so the first one is only partly in.
      StartTime: new Date(since.getTime() - (periods + 1) * Period * 1000),
      EndTime: since,
      // With its unit: data of another one don't reach the alarm.
      MetricDataQueries: [
        { Id: 'before', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: 'SampleCount', ...(Unit && { Unit }) } },
      ],
    }),
  );
  const had = MetricDataResults?.some(({ Values = [] }) => Values.length > 0) ?? false;
  return had ? null : `alarm ${name} had no data in the ${periodsBefore} periods before either: what has never sent any is set up wrongly`;
};
