import type { MetricAlarm, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Alarm } from './alarms.ts';
import { alarmKindOf } from './name.ts';
import type { AlarmKind } from './watched.ts';

/** The look-ups that must be complete before an alarm counts as unneeded. */
export const parts = ['instances', 'groups', 'targets', 'queues', 'functions', 'services', 'agent'] as const;
export type Part = (typeof parts)[number];

const neededFor: Readonly<Record<AlarmKind, readonly Part[]>> = {
  'system-check': ['instances'],
  'instance-check': ['instances'],
  cpu: ['instances', 'groups', 'services'],
  memory: ['instances', 'groups', 'services', 'agent'],
  'disk-by-monday': ['instances', 'agent'],
  'disk-within-hours': ['instances', 'agent'],
  targets: ['groups', 'targets'],
  'dead-letters': ['queues'],
  'queue-age': ['queues'],
  'function-errors': ['functions'],
  'function-throttles': ['functions'],
};

/** The changes from the existing to the desired alarms. */
export type Plan = {
  /** To be created. */
  make: Alarm[];
  /** To be changed; `present` is the existing alarm, with its ARN. */
  change: { wanted: Alarm; present: MetricAlarm }[];
  /** To be deleted: their resource is gone or no longer opted in. */
  remove: MetricAlarm[];
  kept: number;
  /** Desired alarms beyond the maximum. */
  over: number;
};

type Dimension = { Name?: string | undefined; Value?: string | undefined };
const dimensionsOf = (dimensions: readonly Dimension[] = []) => dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort();

const queryOf = ({ Id, Expression, MetricStat, ReturnData }: MetricDataQuery) => ({
  Id,
  Expression,
  ReturnData: ReturnData ?? true,
  stat: MetricStat && [
    MetricStat.Metric?.Namespace,
    MetricStat.Metric?.MetricName,
    dimensionsOf(MetricStat.Metric?.Dimensions),
    MetricStat.Period,
    MetricStat.Stat,
  ],
});

/** The settings of an alarm that early warning controls, normalised for CloudWatch's order and defaults. */
const normalisedSettings = (alarm: Alarm | MetricAlarm): string =>
  JSON.stringify([
    alarm.AlarmDescription,
    alarm.AlarmActions ?? [],
    alarm.OKActions ?? [],
    alarm.InsufficientDataActions ?? [],
    alarm.Namespace,
    alarm.MetricName,
    dimensionsOf(alarm.Dimensions),
    alarm.Statistic,
    alarm.Period,
    alarm.EvaluationPeriods,
    alarm.DatapointsToAlarm,
    alarm.Threshold,
    alarm.ComparisonOperator,
    alarm.TreatMissingData,
    (alarm.Metrics ?? []).map(queryOf).sort((a, b) => ((a.Id ?? '') < (b.Id ?? '') ? -1 : 1)),
  ]);

/**
 * Plans the changes from the existing to the desired alarms. `known` are the complete look-ups: if one failed, its alarms are never
 * deleted. Alarms beyond `most` are left out and counted.
 */
export const planFor = (
  wanted: readonly Alarm[],
  present: readonly MetricAlarm[],
  { topicArn, known, most }: { topicArn: string; known: ReadonlySet<Part>; most: number },
): Plan => {
  const byName = new Map(present.map((alarm) => [alarm.AlarmName, alarm]));
  const plan: Plan = { make: [], change: [], remove: [], kept: 0, over: Math.max(0, wanted.length - most) };
  const within = wanted.slice(0, most);
  for (const alarm of within) {
    const there = byName.get(alarm.AlarmName);
    if (!there) plan.make.push(alarm);
    else if (normalisedSettings(there) === normalisedSettings(alarm)) plan.kept++;
    else plan.change.push({ wanted: alarm, present: there });
  }
  const needed = new Set(within.map(({ AlarmName }) => AlarmName));
  for (const alarm of present) {
    const name = alarm.AlarmName ?? '';
    if (needed.has(name)) continue;
    const what = alarmKindOf(topicArn, name);
    // An alarm of an older version needs all look-ups to be complete.
    const required = Object.hasOwn(neededFor, what) ? neededFor[what as AlarmKind] : parts;
    if (required.every((part) => known.has(part))) plan.remove.push(alarm);
    else plan.kept++;
  }
  return plan;
};
