import * as z from 'zod';
import { type Arn, parseArn, regionOf } from '../model/arn.ts';
import { once } from '../model/once.ts';
import { isValidResourceId } from '../model/resources/index.ts';
import { parseTime } from '../model/time.ts';
import { type AlarmFacts, type AlarmItem, alarmSignal } from './alarm.ts';
import { anything, type Delivery, defineSignal, type Envelope, embedded, eventSignal, type Fields, isFields, read } from './module.ts';

const states = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
const text = z.string().nullish();
const tags = z.record(z.string(), z.string()).nullish();

/**
 * An alarm as CloudWatch publishes it to SNS. Fields come and go over the years: only those needed are validated. Its ARN, account, time and
 * actions are read from the message itself: anything may be in them here.
 */
const messageSchema = once(() => {
  const dimensions = z.array(z.object({ name: z.string(), value: z.string() })).nullish();
  return z.object({
    AlarmName: z.string(),
    NewStateValue: z.enum(states),
    NewStateReason: text,
    OldStateValue: text,
    AlarmRule: text,
    TriggeringChildren: z.array(z.object({ Arn: z.string() })).nullish(),
    Trigger: z
      .object({
        Namespace: text,
        MetricName: text,
        Statistic: text,
        ExtendedStatistic: text,
        ComparisonOperator: text,
        Threshold: anything,
        Dimensions: dimensions,
        Metrics: z
          .array(
            z.object({
              Expression: text,
              AccountId: text,
              MetricStat: z
                .object({
                  Metric: z.object({
                    Namespace: z.string(),
                    MetricName: z.string(),
                    Dimensions: dimensions,
                  }),
                  Stat: text,
                })
                .nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
    AlarmContributorAttributes: tags,
    AlarmTags: tags,
  });
});

/** An alarm as EventBridge and the direct Lambda action deliver it. */
const detailSchema = once(() =>
  z.object({
    alarmName: z.string(),
    state: z.object({
      value: z.enum(states),
      reason: text,
      reasonData: anything,
      timestamp: anything,
      actionsSuppressedBy: text,
    }),
    previousState: z.object({ value: text, reasonData: anything }).nullish(),
    configuration: z.object({
      alarmRule: text,
      metrics: z
        .array(
          z.object({
            expression: text,
            accountId: text,
            metricStat: z
              .object({
                metric: z.object({ namespace: z.string(), name: z.string(), dimensions: z.record(z.string(), z.string()).nullish() }),
                stat: text,
              })
              .nullish(),
          }),
        )
        .nullish(),
    }),
    alarmContributor: z.object({ attributes: tags }).nullish(),
    muteDetail: anything,
    alarmTags: tags,
  }),
);

const spellings: Record<string, string> = {
  AVERAGE: 'Average',
  SUM: 'Sum',
  MINIMUM: 'Minimum',
  MAXIMUM: 'Maximum',
  SAMPLECOUNT: 'SampleCount',
  SAMPLE_COUNT: 'SampleCount',
};
const statisticOf = (statistic: string | null | undefined): string | null => {
  return statistic ? (spellings[statistic.toUpperCase()] ?? statistic) : null;
};

const pairs = (dimensions: ReadonlyArray<{ name: string; value: string }> | null | undefined): Array<readonly [string, string]> => {
  return (dimensions ?? []).map(({ name, value }) => [name, value] as const);
};

/** `reasonData` is a JSON text, or missing. */
const reasonDataOf = (value: unknown): Fields | null => (isFields(value) ? value : embedded(value));

const fromMessage = (body: Fields, delivery: Delivery): AlarmFacts => {
  const message = read(messageSchema, body, '');
  const { Trigger: trigger } = message;
  const items: AlarmItem[] = (trigger?.Metrics ?? []).map(({ Expression, MetricStat, AccountId }) => ({
    expression: Expression ?? null,
    metric: MetricStat
      ? {
          namespace: MetricStat.Metric.Namespace,
          name: MetricStat.Metric.MetricName,
          statistic: statisticOf(MetricStat.Stat),
          dimensions: pairs(MetricStat.Metric.Dimensions),
        }
      : null,
    account: AccountId ?? null,
  }));
  if (trigger?.Namespace && trigger.MetricName) {
    const statistic = statisticOf(trigger.ExtendedStatistic ?? trigger.Statistic);
    const metric = { namespace: trigger.Namespace, name: trigger.MetricName, statistic, dimensions: pairs(trigger.Dimensions) };
    items.push({ expression: null, metric, account: null });
  }
  const threshold = trigger?.Threshold;
  const { AlarmActions: actions } = body;
  const arn = parseArn(body.AlarmArn);
  return {
    name: message.AlarmName,
    arn,
    account: body.AWSAccountId,
    // `Region` is a display name ("EU (Ireland)"); the ARNs have the code.
    region: arn?.region ?? parseArn(delivery.topicArn)?.region ?? delivery.region,
    state: message.NewStateValue,
    previousState: message.OldStateValue ?? null,
    at: parseTime(body.StateChangeTime) ?? parseTime(delivery.sentAt),
    reason: message.NewStateReason ?? '',
    reasonData: null,
    previousData: null,
    operator: trigger?.ComparisonOperator ?? null,
    threshold: typeof threshold === 'number' ? threshold : null,
    items,
    composite: typeof message.AlarmRule === 'string',
    children: (message.TriggeringChildren ?? []).map(({ Arn }) => Arn),
    suppressed: suppression(body.ActionsSuppressedBy, body.MuteDetail),
    actions: Array.isArray(actions) ? actions.filter((action) => typeof action === 'string') : null,
    contributor: message.AlarmContributorAttributes ? Object.entries(message.AlarmContributorAttributes) : null,
    tags: message.AlarmTags ?? {},
  };
};

const suppression = (suppressedBy: unknown, muteDetail: unknown): string | null => {
  if (muteDetail !== null && muteDetail !== undefined) return 'the alarm is muted';
  return suppressedBy ? 'the actions of the alarm are suppressed' : null;
};

const childrenOf = (reasonData: Fields | null): string[] => {
  const triggering = reasonData?.triggeringAlarms;
  if (!Array.isArray(triggering)) return [];
  return triggering.flatMap((child) => (isFields(child) && typeof child.arn === 'string' ? [child.arn] : []));
};

type Outside = { arn: Arn | null; account: unknown; region: string | null; time: number | null };

const fromDetail = (detail: unknown, outside: Outside, where: string): AlarmFacts => {
  const { alarmName, state, previousState, configuration, alarmContributor, muteDetail, alarmTags } = read(detailSchema, detail, where);
  const reasonData = reasonDataOf(state.reasonData);
  return {
    name: alarmName,
    arn: outside.arn,
    account: outside.account,
    region: outside.region,
    state: state.value,
    previousState: previousState?.value ?? null,
    at: parseTime(state.timestamp) ?? outside.time,
    reason: state.reason ?? '',
    reasonData,
    previousData: reasonDataOf(previousState?.reasonData),
    operator: null,
    threshold: null,
    items: (configuration.metrics ?? []).map(({ expression, metricStat, accountId }) => ({
      expression: expression ?? null,
      metric: metricStat
        ? {
            namespace: metricStat.metric.namespace,
            name: metricStat.metric.name,
            statistic: statisticOf(metricStat.stat),
            dimensions: Object.entries(metricStat.metric.dimensions ?? {}),
          }
        : null,
      account: accountId ?? null,
    })),
    composite: typeof configuration.alarmRule === 'string',
    children: childrenOf(reasonData),
    suppressed: suppression(state.actionsSuppressedBy, muteDetail),
    // Only SNS messages have them.
    actions: null,
    contributor: alarmContributor ? Object.entries(alarmContributor.attributes ?? {}) : null,
    tags: alarmTags ?? {},
  };
};

const configurationChange = 'CloudWatch Alarm Configuration Change';

const fromEvent = (detail: unknown, envelope: Envelope) => {
  const { detailType, resources, account, region, time } = envelope;
  // It may have a state, even ALARM, also when the alarm is being deleted, but it is not a state change.
  if (detailType === configurationChange) {
    const name = isFields(detail) ? detail.alarmName : undefined;
    const subject =
      typeof name === 'string' && isValidResourceId({ type: 'alarm', id: name }) ? ({ type: 'alarm', id: name } as const) : null;
    const quiet = "the alarm's configuration changed, not its state";
    return [eventSignal(envelope, { kind: 'cloudwatch-alarm', fact: 'configuration', subject, quiet })];
  }
  return [alarmSignal(fromDetail(detail, { arn: parseArn(resources[0]), account, region, time }, 'detail'))];
};

const fromAction = (body: Fields) => {
  const outside = { arn: parseArn(body.alarmArn), account: body.accountId, region: regionOf(body.region), time: parseTime(body.time) };
  return [alarmSignal(fromDetail(body.alarmData, outside, 'alarmData'))];
};

/**
 * State changes of CloudWatch alarms, in their three formats.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
export const cloudwatchAlarm = defineSignal({
  kind: 'cloudwatch-alarm',
  facts: ['configuration'],
  events: {
    source: 'aws.cloudwatch',
    detailTypes: ['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change', configurationChange],
    decode: fromEvent,
  },
  message: {
    recognises: (body) => ('AlarmName' in body && 'NewStateValue' in body) || ('alarmData' in body && body.source === 'aws.cloudwatch'),
    decode: (body, delivery) => ('alarmData' in body ? fromAction(body) : [alarmSignal(fromMessage(body, delivery))]),
  },
});
