import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import type { Incident } from '../../shared/model/incident.ts';
import { parseJson } from '../../shared/model/json.ts';
import { type AlarmSignal, isAlarm } from '../../shared/model/signal.ts';
import { decodeEach } from '../../shared/signals/decode.ts';
import { opened, textOf } from '../../shared/signals/envelopes.ts';

/**
 * An alarm as an event describes it: the call that creates an equal one, or why it can't be derived; null if the event isn't about an alarm
 * of this name, or is about a composite one.
 */
export type ToldAlarm = { input: PutMetricAlarmCommandInput } | { unknown: string } | null;

/** Some senders write numbers as texts. */
const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(?:\.\d+)?$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);
const word = z.string().optional().catch(undefined);
const arns = z.array(z.string()).optional().catch(undefined);

/** An alarm in an SNS message, with its whole configuration. */
const messageSchema = z.object({
  AlarmName: z.string(),
  NewStateValue: z.string(),
  AlarmActions: arns,
  OKActions: arns,
  InsufficientDataActions: arns,
  Trigger: z
    .object({
      Period: number,
      EvaluationPeriods: number,
      DatapointsToAlarm: number,
      ComparisonOperator: word,
      Threshold: number,
      TreatMissingData: word,
    })
    .optional(),
});

/** An alarm in EventBridge and Lambda events, with its metrics and the evaluated datapoints. */
const detailSchema = z.object({
  alarmName: z.string(),
  state: z.object({ reasonData: z.unknown() }),
  configuration: z.object({ metrics: z.array(z.object({ metricStat: z.object({ period: number }).optional() })).optional() }),
});
const reasonSchema = z.object({ threshold: number, period: number, evaluatedDatapoints: z.array(z.unknown()).optional().catch(undefined) });

/** The parts of an alarm's configuration that a signal lacks. */
type Settings = Partial<
  Pick<
    PutMetricAlarmCommandInput,
    | 'Period'
    | 'EvaluationPeriods'
    | 'DatapointsToAlarm'
    | 'ComparisonOperator'
    | 'Threshold'
    | 'TreatMissingData'
    | 'AlarmActions'
    | 'OKActions'
    | 'InsufficientDataActions'
  >
>;

const maxLevels = 12;

/** Yields every object in an event, through any number of envelopes, embedded JSON and compressed data. */
function* objectsIn(value: unknown, levels = maxLevels): Generator<object> {
  if (levels === 0) return;
  if (typeof value === 'string') {
    if (/^\s*["[{]/.test(value)) yield* objectsIn(parseJson(value), levels - 1);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) {
    yield value;
    for (const part of opened(value as Record<string, unknown>)?.parts ?? [])
      if ('data' in part) yield* objectsIn(unpacked(part.data), levels - 1);
  }
  for (const inner of Object.values(value)) yield* objectsIn(inner, levels - 1);
}

const unpacked = (data: unknown): unknown => {
  try {
    return textOf(data, 'data');
  } catch {
    return undefined;
  }
};

const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')) as never;

/** An object's settings of an alarm, and the alarm's name. */
const settingsOf = (value: object): { name: string; settings: Settings } | null => {
  const message = messageSchema.safeParse(value).data;
  if (message) {
    const { AlarmName, AlarmActions, OKActions, InsufficientDataActions, Trigger = {} } = message;
    return { name: AlarmName.trim(), settings: present({ AlarmActions, OKActions, InsufficientDataActions, ...Trigger }) as Settings };
  }
  const detail = detailSchema.safeParse(value).data;
  if (!detail) return null;
  const { reasonData } = detail.state;
  const why = reasonSchema.safeParse(typeof reasonData === 'string' ? parseJson(reasonData) : reasonData).data ?? {};
  const Period = detail.configuration.metrics?.[0]?.metricStat?.period ?? why.period;
  const EvaluationPeriods = why.evaluatedDatapoints?.length || undefined;
  return { name: detail.alarmName.trim(), settings: present({ Period, Threshold: why.threshold, EvaluationPeriods }) };
};

/** The settings of every alarm in an event, merged from all its objects. */
const settingsIn = (event: unknown): Map<string, Settings> => {
  const found = new Map<string, Settings>();
  for (const object of objectsIn(event)) {
    const one = settingsOf(object);
    if (one) found.set(one.name, { ...found.get(one.name), ...one.settings });
  }
  return found;
};

const isCheck = (metric: string) => metric.startsWith('StatusCheckFailed');

/** Derives the operator from the datapoints. A status check is 0 or 1, so it can only fail in one direction. */
const operatorOf = (
  { direction, datapoints, metrics }: AlarmSignal,
  threshold: number,
): PutMetricAlarmCommandInput['ComparisonOperator'] => {
  const decided = direction === 'above' || direction === 'below';
  if (!decided && !isCheck(metrics[0]?.name ?? '')) return undefined;
  if (direction === 'below')
    return datapoints.length > 0 && datapoints.every((point) => point >= threshold) ? 'LessThanOrEqualToThreshold' : 'LessThanThreshold';
  return !decided || (datapoints.length > 0 && datapoints.every((point) => point <= threshold))
    ? 'GreaterThanOrEqualToThreshold'
    : 'GreaterThanThreshold';
};

const statistics = /^(?:Average|Sum|Minimum|Maximum|SampleCount)$/;

const inputOf = (signal: AlarmSignal, settings: Settings): ToldAlarm => {
  const [metric] = signal.metrics;
  if (signal.watches === 'children') return null;
  if (signal.evidence.expression !== undefined || signal.metrics.length !== 1 || metric === undefined)
    return { unknown: 'it watches more than one plain metric' };
  if (metric.account !== null && metric.account !== signal.account) return { unknown: 'its metric comes from another account' };
  const { Threshold } = settings;
  const ComparisonOperator = settings.ComparisonOperator ?? (Threshold === undefined ? undefined : operatorOf(signal, Threshold));
  if (Threshold === undefined) return { unknown: 'the event does not give its threshold' };
  if (ComparisonOperator === undefined) return { unknown: 'the event does not say on which side of its threshold the value is' };
  const { namespace, name, statistic, dimensions } = metric;
  const stat = statistic ?? 'Average';
  return {
    input: {
      Period: 60,
      EvaluationPeriods: settings.DatapointsToAlarm ?? 1,
      ...settings,
      AlarmName: signal.alarm.name,
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
      ...(statistics.test(stat) ? { Statistic: stat as 'Average' } : { ExtendedStatistic: stat }),
      Threshold,
      ComparisonOperator,
    },
  };
};

const episode = (name: string, at: number) => JSON.stringify([name, at]);

/** The alarms in an event, by the incidents that they open. */
export const toldAlarms = (event: unknown): ((incident: Pick<Incident, 'alarm' | 'at'>) => ToldAlarm) => {
  const settings = settingsIn(event);
  const alarms = new Map<string, ToldAlarm>();
  for (const part of decodeEach(event)) {
    if ('rejection' in part || !isAlarm(part.signal)) continue;
    const { signal } = part;
    const { name } = signal.alarm;
    alarms.set(episode(name, signal.at), richer(alarms.get(episode(name, signal.at)), inputOf(signal, settings.get(name) ?? {})));
  }
  return ({ alarm, at }) => (alarm === null ? null : (alarms.get(episode(alarm.name, at)) ?? null));
};

/** The more complete of two descriptions of an alarm: only SNS messages have actions. */
export const richer = (one: ToldAlarm | undefined, other: ToldAlarm): ToldAlarm => {
  const worth = (described: ToldAlarm | undefined) =>
    !described ? 0 : 'unknown' in described ? 1 : described.input.AlarmActions === undefined ? 2 : 3;
  return worth(one) >= worth(other) ? (one ?? null) : other;
};
