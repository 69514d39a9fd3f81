type Maybe<T> = T | null | undefined;

/** A metric or an expression of an alarm, as PutMetricAlarm takes it, or as an alarm's history or description has it. */
export type AlarmQuery = {
  Id?: Maybe<string>;
  Expression?: Maybe<string>;
  Label?: Maybe<string>;
  AccountId?: Maybe<string>;
  ReturnData?: Maybe<boolean>;
  MetricStat?: Maybe<{
    Metric?: Maybe<{
      Namespace?: Maybe<string>;
      MetricName?: Maybe<string>;
      Dimensions?: Maybe<readonly { Name?: string | undefined; Value?: string | undefined }[]>;
    }>;
    Period?: Maybe<number>;
    Stat?: Maybe<string>;
    Unit?: Maybe<string>;
  }>;
};

/** The same as the alarm's events have it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export const eventQuery = ({ Id, Expression, Label, AccountId, ReturnData, MetricStat }: AlarmQuery) => ({
  id: Id ?? undefined,
  ...(Expression == null ? {} : { expression: Expression }),
  ...(Label == null ? {} : { label: Label }),
  ...(AccountId == null ? {} : { accountId: AccountId }),
  ...(MetricStat == null
    ? {}
    : {
        metricStat: {
          metric: {
            namespace: MetricStat.Metric?.Namespace,
            name: MetricStat.Metric?.MetricName,
            dimensions: Object.fromEntries((MetricStat.Metric?.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
          },
          period: MetricStat.Period,
          stat: MetricStat.Stat,
          ...(MetricStat.Unit == null ? {} : { unit: MetricStat.Unit }),
        },
      }),
  returnData: ReturnData ?? true,
});
