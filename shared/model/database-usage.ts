import { minuteMs } from './duration.ts';

/** What RDS publishes of every instance by the minute. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html */
const units = {
  DatabaseConnections: 'count',
  CPUUtilization: 'percent',
  FreeableMemory: 'bytes',
  SwapUsage: 'bytes',
  ReadIOPS: 'count',
  WriteIOPS: 'count',
  DiskQueueDepth: 'count',
} as const;
export type UsageMetric = keyof typeof units;
export const usageMetrics = Object.keys(units) as UsageMetric[];

/** Of what is free the least matters, of all else the most. */
export const worstOf: (metric: UsageMetric) => 'Minimum' | 'Maximum' = (metric) => (metric === 'FreeableMemory' ? 'Minimum' : 'Maximum');

/** The last half hour is compared with the hour before it. In milliseconds. */
const recentMs = 30 * minuteMs;
export const usageLookBackMs = recentMs + 60 * minuteMs;

/** From here on more than before, or less: half as much again. */
const grown = 1.5;

type Usage = { metric: UsageMetric; now: number; worst: number; before: number | null };

const usageIn = (metric: UsageMetric, values: ReadonlyMap<number, number>, at: number): Usage | null => {
  const points = [...values].toSorted(([a], [b]) => a - b);
  const worst = (of: typeof points): number | null =>
    of.length === 0 ? null : (worstOf(metric) === 'Minimum' ? Math.min : Math.max)(...of.map(([, value]) => value));
  const recent = points.filter(([time]) => time >= at - recentMs);
  const [now, most] = [recent.at(-1)?.[1], worst(recent)];
  if (now === undefined || most === null) return null;
  return { metric, now, worst: most, before: worst(points.filter(([time]) => time < at - recentMs)) };
};

const mib = 1024 ** 2;
const rounded = (value: number): string => String(Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value));
const amount = (metric: UsageMetric, value: number): string => {
  if (units[metric] === 'percent') return `${rounded(value)} %`;
  if (units[metric] === 'count') return rounded(value);
  return value >= 1024 * mib ? `${rounded(value / (1024 * mib))} GiB` : `${rounded(value / mib)} MiB`;
};

/** How many times as much as before, or as little. What is next to nothing before and after has not changed. */
const changeOf = ({ metric, worst, before }: Usage): number => {
  if (before === null) return 1;
  const least = units[metric] === 'bytes' ? mib : 1;
  const [a, b] = [Math.max(worst, least), Math.max(before, least)];
  return Math.max(a / b, b / a);
};

const says = ({ metric, now, worst, before }: Usage): string => {
  const [was, is, then] = [before, worst, now].map((value) => (value === null ? null : amount(metric, value)));
  return `${metric} ${worstOf(metric) === 'Minimum' ? 'down to' : 'up to'} ${is} (${was ?? 'not known'} before)${then === is ? '' : `, ${then} now`}`;
};

/** For people: what an instance has used of late, beside before, what has changed most first; and what can't be read. */
export const describeUsage = (series: ReadonlyMap<UsageMetric, ReadonlyMap<number, number>>, at: number): string => {
  const read = usageMetrics.map((metric) => ({ metric, usage: usageIn(metric, series.get(metric) ?? new Map(), at) }));
  const known = read.flatMap(({ usage }) => usage ?? []).toSorted((a, b) => changeOf(b) - changeOf(a));
  const isSteady = (one: Usage) => one.before !== null && changeOf(one) < grown;
  const steady = known.filter(isSteady).map(({ metric, now }) => `${metric} ${amount(metric, now)}`);
  const missing = read.flatMap(({ metric, usage }) => (usage ? [] : [metric]));
  const changed = known.filter((one) => !isSteady(one)).map(says);
  const parts = [
    ...(changed.length > 0 ? [changed.join(', ')] : []),
    ...(steady.length > 0 ? [`much as before: ${steady.join(', ')}`] : []),
    ...(missing.length > 0 ? [`can't be read: ${missing.join(', ')}`] : []),
  ];
  return `the last 30 min beside the hour before: ${parts.join('; ')}`;
};
