import { secondsOf } from '../../shared/model/duration.ts';
import { type LogPattern, logMetric, logPatternKey } from '../../shared/model/log-pattern.ts';
import type { Policy } from '../../shared/model/policy.ts';

const filterOf = (entry: LogPattern, metrics: string) => ({
  Type: 'AWS::Logs::MetricFilter' as const,
  Properties: {
    FilterName: `${metrics}/${logMetric(entry)}`,
    LogGroupName: entry.group,
    FilterPattern: entry.pattern,
    // Apart for each stage, or every stage of an account would count the others' events, too.
    MetricTransformations: [{ MetricNamespace: `${metrics}/logs`, MetricName: logMetric(entry), MetricValue: '1', DefaultValue: 0 }],
  },
});

const alarmOf = (entry: LogPattern, metrics: string) => ({
  Type: 'AWS::CloudWatch::Alarm' as const,
  Properties: {
    // Not `selfheal-`: those alarms are about selfheal itself and never reach intake.
    AlarmName: `log-pattern/${metrics}/${logMetric(entry)}`,
    AlarmDescription: `At least ${entry.threshold} within ${entry.within} in ${entry.group}: ${entry.pattern}`.slice(0, 1024),
    // Without zeros for what is missing, an alarm whose metric falls silent stays as it was for some periods more.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    Metrics: [
      {
        Id: 'events',
        MetricStat: {
          Metric: { Namespace: `${metrics}/logs`, MetricName: logMetric(entry) },
          Period: secondsOf(entry.within),
          Stat: 'Sum',
        },
        ReturnData: false,
      },
      { Id: 'filled', Expression: 'FILL(events, 0)' },
    ],
    EvaluationPeriods: 1,
    // No count lies on it, so that the event shows on which side the count is; and none that fills a gap is above it.
    Threshold: entry.threshold - 0.5,
    ComparisonOperator: 'GreaterThanThreshold' as const,
    TreatMissingData: 'notBreaching' as const,
    AlarmActions: [{ Ref: 'AlarmTopic' as const }],
  },
});

/** What the stack has for one of the policy's patterns in logs. `metrics` is the namespace of the deployment's own, such as `selfheal/prod`. */
export const logAlarm = (entry: LogPattern, metrics: string) => ({
  filter: filterOf(entry, metrics),
  alarm: alarmOf(entry, metrics),
});

/** The same for all of them, by the names of the template's resources. */
export const logAlarms = ({ logs }: Pick<Policy, 'logs'>, metrics: string): Record<string, object> =>
  Object.fromEntries(
    logs.flatMap((entry) => {
      const { filter, alarm } = logAlarm(entry, metrics);
      const key = logPatternKey(entry);
      return [
        [`LogPattern${key}`, filter],
        [`LogPatternAlarm${key}`, alarm],
      ];
    }),
  );
