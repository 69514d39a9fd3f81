import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { World } from '../../../core/world.ts';
import type { Alarm, CompositeAlarm, MetricAlarm, StateRecord } from '../model/alarm.ts';
import { regionName } from '../model/regions.ts';
import { Double, timestamp, writeJavaJson } from '../model/text.ts';
import { eventQuery } from './metric-query.ts';

/**
 * The three shapes in which CloudWatch tells of an alarm. Events: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 * Lambda: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
 */

const sdkDimensions = (dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] = []) =>
  dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }));

const statisticNames: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
};

const snsQuery = (query: MetricDataQuery) => ({
  Expression: query.Expression,
  Id: query.Id,
  Label: query.Label,
  MetricStat: query.MetricStat && {
    Metric: {
      Dimensions: sdkDimensions(query.MetricStat.Metric?.Dimensions),
      MetricName: query.MetricStat.Metric?.MetricName,
      Namespace: query.MetricStat.Metric?.Namespace,
    },
    Period: query.MetricStat.Period,
    Stat: query.MetricStat.Stat,
    Unit: query.MetricStat.Unit,
  },
  ReturnData: query.ReturnData ?? true,
});

const trigger = (alarm: MetricAlarm) => {
  const { input } = alarm;
  const common = {
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    Threshold: new Double(alarm.threshold),
    TreatMissingData: alarm.treatMissingData ?? '',
    EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile ?? '',
  };
  if (input.Metrics) return { ...common, Metrics: input.Metrics.map(snsQuery) };
  return {
    MetricName: input.MetricName,
    Namespace: input.Namespace,
    StatisticType: input.ExtendedStatistic ? 'ExtendedStatistic' : 'Statistic',
    ...(input.ExtendedStatistic
      ? { ExtendedStatistic: input.ExtendedStatistic }
      : { Statistic: statisticNames[input.Statistic as string] }),
    Unit: input.Unit ?? null,
    Dimensions: sdkDimensions(input.Dimensions),
    ...common,
  };
};

const composition = (alarm: CompositeAlarm) => ({
  AlarmRule: alarm.ruleText,
  TriggeringChildren: alarm.triggeringChildren.map(({ arn, value, at }) => ({
    Arn: arn,
    State: { Value: value, Timestamp: timestamp(at) },
  })),
});

/** The body of the SNS notification: JSON, as a string. */
export const snsMessage = (world: World, alarm: Alarm, previous: StateRecord): string => {
  const { state } = alarm;
  return writeJavaJson({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: world.account,
    AlarmConfigurationUpdatedTimestamp: timestamp(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: timestamp(state.updatedAt),
    Region: regionName(world.region),
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    ...(alarm.kind === 'metric' ? { Trigger: trigger(alarm) } : composition(alarm)),
  });
};

const longestSubject = 100;

/** SNS takes 100 characters for a subject; CloudWatch shortens the alarm's name to fit. */
export const snsSubject = (world: World, alarm: Alarm): string => {
  const head = `${alarm.state.value}: "`;
  const tail = `" in ${regionName(world.region)}`;
  const room = longestSubject - head.length - tail.length;
  const name = alarm.name.length <= room ? alarm.name : `${alarm.name.slice(0, room - 3)}...`;
  return `${head}${name}${tail}`;
};

const eventState = (state: StateRecord) => ({
  ...(state.suppressedBy
    ? { actionsSuppressedBy: state.suppressedBy, actionsSuppressedReason: `Actions suppressed by ${state.suppressedBy}` }
    : {}),
  value: state.value,
  reason: state.reason,
  ...(state.reasonData === undefined ? {} : { reasonData: state.reasonData }),
  timestamp: timestamp(state.updatedAt),
});

/** What an alarm watches, as state changes tell it. */
const watched = (alarm: Alarm) =>
  alarm.kind === 'metric'
    ? { metrics: alarm.queries.map(eventQuery) }
    : {
        alarmRule: alarm.ruleText,
        ...(alarm.suppressor === undefined
          ? {}
          : {
              actionsSuppressor: alarm.suppressor,
              actionsSuppressorWaitPeriod: alarm.waitPeriod,
              actionsSuppressorExtensionPeriod: alarm.extensionPeriod,
            }),
      };

const stateDetail = (alarm: Alarm, previous: StateRecord) => ({
  alarmName: alarm.name,
  state: eventState(alarm.state),
  previousState: eventState(previous),
  configuration: { ...(alarm.description === undefined ? {} : { description: alarm.description }), ...watched(alarm) },
});

/** `CloudWatch Alarm State Change` on the default event bus. */
export const putStateChange = (world: World, alarm: Alarm, previous: StateRecord): void =>
  world.putEvent({
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: stateDetail(alarm, previous),
  });

/** What a Lambda function that is an alarm's action is invoked with. */
export const lambdaPayload = (world: World, alarm: Alarm, previous: StateRecord) => ({
  source: 'aws.cloudwatch',
  alarmArn: alarm.arn,
  accountId: world.account,
  time: timestamp(alarm.state.updatedAt),
  region: world.region,
  alarmData: stateDetail(alarm, previous),
});

/** The whole configuration, as configuration changes tell it. */
export const configurationOf = (alarm: Alarm): Record<string, unknown> => ({
  ...(alarm.kind === 'metric'
    ? {
        evaluationPeriods: alarm.evaluationPeriods,
        ...(alarm.datapointsToAlarm === undefined ? {} : { datapointsToAlarm: alarm.datapointsToAlarm }),
        threshold: alarm.threshold,
        comparisonOperator: alarm.comparison,
        ...(alarm.treatMissingData === undefined ? {} : { treatMissingData: alarm.treatMissingData }),
      }
    : {}),
  ...watched(alarm),
  alarmName: alarm.name,
  ...(alarm.description === undefined ? {} : { description: alarm.description }),
  actionsEnabled: alarm.actionsEnabled,
  timestamp: timestamp(alarm.configuredAt),
  okActions: [...alarm.okActions],
  alarmActions: [...alarm.alarmActions],
  insufficientDataActions: [...alarm.insufficientDataActions],
});

/** `CloudWatch Alarm Configuration Change` on the default event bus. */
export const putConfigurationChange = (
  world: World,
  alarm: Alarm,
  operation: 'create' | 'update' | 'delete',
  previousConfiguration?: Record<string, unknown>,
): void =>
  world.putEvent({
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm Configuration Change',
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      operation,
      state: {
        ...(alarm.state.suppressedBy ? { actionsSuppressedBy: alarm.state.suppressedBy } : {}),
        value: alarm.state.value,
        timestamp: timestamp(alarm.state.updatedAt),
      },
      configuration: configurationOf(alarm),
      ...(previousConfiguration ? { previousConfiguration } : {}),
    },
  });
