import * as z from 'zod';
import { eventQuery } from '#local-aws/metric-query';
import { parseArn } from '../../shared/model/arn.ts';
import { parseJson } from '../../shared/model/json.ts';
import { parseTime } from '../../shared/model/time.ts';
import { createMemory, type SavedMemory } from './memory.ts';
import { type Call, readRecord } from './trail.ts';

/** The content of one value of a history: events as selfheal would have received them, and calls that someone made. */
export type Told = { events: unknown[]; calls: Call[]; problems: string[] };

const text = z.string().nullish();
const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).nullish();

/**
 * An alarm's definition, as far as an event needs it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
 */
export const definitionSchema = z.object({
  AlarmName: z.string(),
  AlarmArn: z.string(),
  AlarmRule: text,
  Namespace: text,
  MetricName: text,
  Statistic: text,
  ExtendedStatistic: text,
  Period: z.number().nullish(),
  Dimensions: dimensions,
  Metrics: z
    .array(
      z.object({
        Id: text,
        Expression: text,
        AccountId: text,
        ReturnData: z.boolean().nullish(),
        MetricStat: z
          .object({
            Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
            Period: z.number().nullish(),
            Stat: text,
          })
          .nullish(),
      }),
    )
    .nullish(),
});
export type Definition = z.infer<typeof definitionSchema>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html */
const itemSchema = z.object({
  AlarmName: z.string(),
  HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).catch('Action'),
  Timestamp: z.unknown(),
  HistoryData: z.string(),
});
type HistoryItem = z.infer<typeof itemSchema>;

const stateSchema = z.object({
  stateValue: z.string(),
  stateReason: text,
  stateReasonData: z.record(z.string(), z.unknown()).nullish(),
});
const oldStateSchema = stateSchema.partial();
const transitionSchema = z.object({ oldState: oldStateSchema.nullish(), newState: stateSchema });

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Converts the history's lower camel case (`metricName`) to the API's (`MetricName`). */
const upperFirst = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(upperFirst);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.charAt(0).toUpperCase() + key.slice(1), upperFirst(item)]));
};

const metricsOf = ({ Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Metrics }: Definition) => {
  if (Metrics?.length || !Namespace || !MetricName) return (Metrics ?? []).map(eventQuery);
  return [
    eventQuery({ Id: 'm1', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: Statistic ?? ExtendedStatistic } }),
  ];
};

/**
 * The event that EventBridge sent for a state change, from the alarm's history and its definition: the latest known one before the change.
 */
export const eventOf = (
  definition: Definition,
  { Timestamp }: Pick<HistoryItem, 'Timestamp'>,
  { oldState, newState }: z.infer<typeof transitionSchema>,
) => {
  const arn = parseArn(definition.AlarmArn);
  const stateOf = ({ stateValue, stateReason, stateReasonData }: z.infer<typeof oldStateSchema>) => ({
    value: stateValue,
    reason: stateReason,
    reasonData: stateReasonData ?? undefined,
  });
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: arn?.account,
    region: arn?.region,
    time: Timestamp,
    resources: [definition.AlarmArn],
    detail: {
      alarmName: definition.AlarmName,
      state: { ...stateOf(newState), timestamp: Timestamp },
      previousState: oldState ? stateOf(oldState) : undefined,
      configuration: { alarmRule: definition.AlarmRule ?? undefined, metrics: definition.AlarmRule ? undefined : metricsOf(definition) },
    },
  };
};

/** The time of an item, as the API's clients give it (a Date) or the command line writes it (ISO 8601, or seconds). */
const timeOf = (value: unknown): string | undefined => {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' && value > 0 && value < 1e11) return new Date(value * 1000).toISOString();
  return parseTime(value) === null ? undefined : String(value);
};

/** Definitions of so many alarms are remembered: ten times the quota of an account and region. */
const maxAlarms = 50_000;

type History = {
  read(value: unknown): Told;
  /** Alarms with a history but no definition. */
  undefinedAlarms(): number;
  save(): SavedHistory;
};
export type SavedHistory = { definitions: SavedMemory<Definition>; unknown: number };

/**
 * Reads the forms of a history: events in any envelope; alarm history and definitions as the AWS CLI prints them, whole or item by item;
 * CloudTrail's log files and look-ups.
 */
export const createHistory = (saved?: SavedHistory): History => {
  const definitions = createMemory<Definition>(maxAlarms, saved?.definitions);
  let unknown = saved?.unknown ?? 0;

  const define = (value: unknown): void => {
    const read = definitionSchema.safeParse(value);
    // By name only, which is all that the history has.
    if (read.success) definitions.set(read.data.AlarmName, read.data);
  };

  const readItem = (value: unknown): Told => {
    const parsed: Told = { events: [], calls: [], problems: [] };
    const read = itemSchema.safeParse(value);
    if (!read.success) return { ...parsed, problems: [`an alarm's history that can't be read: ${read.error.issues[0]?.message}`] };
    const item = { ...read.data, Timestamp: timeOf(read.data.Timestamp) };
    if (item.HistoryItemType === 'Action') return parsed;
    const data = parseJson(item.HistoryData);
    if (item.HistoryItemType === 'ConfigurationUpdate') {
      if (isFields(data)) define(upperFirst(data.updatedAlarm ?? data.createdAlarm ?? data.deletedAlarm));
      return parsed;
    }
    const transition = transitionSchema.safeParse(data);
    if (!transition.success || item.Timestamp === undefined) {
      return { ...parsed, problems: [`a change of state of alarm ${JSON.stringify(item.AlarmName.slice(0, 80))} that can't be read`] };
    }
    const definition = definitions.get(item.AlarmName);
    if (!definition) unknown++;
    else parsed.events.push(eventOf(definition, item, transition.data));
    return parsed;
  };

  const all = (parts: Told[]): Told => ({
    events: parts.flatMap(({ events }) => events),
    calls: parts.flatMap(({ calls }) => calls),
    problems: parts.flatMap(({ problems }) => problems),
  });
  const nothing: Told = { events: [], calls: [], problems: [] };
  const trail = (records: readonly unknown[]): Told => all(records.map((record) => ({ ...nothing, ...readRecord(record) })));

  const read = (value: unknown): Told => {
    if (!isFields(value)) return { ...nothing, events: [value] };
    if (typeof value.HistoryItemType === 'string' && 'HistoryData' in value) return readItem(value);
    if (Array.isArray(value.AlarmHistoryItems)) {
      // In the printed order, newest first, a definition would come after the items that need it.
      const items: unknown[] = value.AlarmHistoryItems;
      const isDefinition = (item: unknown) => isFields(item) && item.HistoryItemType === 'ConfigurationUpdate';
      return all([...items.filter(isDefinition), ...items.filter((item) => !isDefinition(item))].map(readItem));
    }
    if (Array.isArray(value.MetricAlarms) || Array.isArray(value.CompositeAlarms)) {
      for (const list of [value.MetricAlarms, value.CompositeAlarms]) for (const alarm of Array.isArray(list) ? list : []) define(alarm);
      return nothing;
    }
    const { Records: records, Events: looked, detail } = value;
    if (
      Array.isArray(records) &&
      isFields(records[0]) &&
      'eventName' in records[0] &&
      'eventVersion' in records[0] &&
      !('body' in records[0])
    )
      return trail(records);
    if (Array.isArray(looked)) return trail(looked.map((one) => (isFields(one) ? parseJson(String(one.CloudTrailEvent)) : null)));
    if ('eventName' in value && 'userIdentity' in value) return trail([value]);
    if (value['detail-type'] === 'AWS API Call via CloudTrail')
      return all([
        { ...nothing, events: [value] },
        { ...trail([detail]), events: [] },
      ]);
    return { ...nothing, events: [value] };
  };

  return { read, undefinedAlarms: () => unknown, save: () => ({ definitions: definitions.save(), unknown }) };
};
