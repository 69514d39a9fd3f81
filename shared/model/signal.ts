import type { Partition } from './arn.ts';
import type { AlarmRef } from './classification.ts';
import type { Resource } from './resource.ts';

/** One metric that an alarm watches. `dimensions` keeps the event's order; values are trimmed, otherwise as they came. */
export type Metric = {
  namespace: string;
  name: string;
  /** `Average`, `Maximum`, `p99` …, as CloudWatch writes it to EventBridge; null where the event doesn't say. */
  statistic: string | null;
  dimensions: ReadonlyArray<readonly [name: string, value: string]>;
  /** The account that the metric comes from, where that isn't the alarm's own. */
  account: string | null;
};

/** Which way the value went. `at-threshold`: exactly on it, so the event alone can't tell. */
export type Direction = 'above' | 'below' | 'at-threshold' | 'unknown';

type Common = {
  /** Name of the module that decoded it. */
  kind: string;
  /** Milliseconds since the epoch; the same in every redelivery. */
  at: number;
  account: string | null;
  region: string | null;
  partition: Partition;
  /** Why this is no failure (resolved, muted, planned …); null where it may be one. */
  quiet: string | null;
  evidence: Record<string, string>;
};

export type AlarmSignal = Common & {
  alarm: AlarmRef;
  /** `unreadable`: the alarm watches something that names no metric, such as a query without contributors. */
  watches: 'metrics' | 'children' | 'unreadable';
  metrics: readonly Metric[];
  direction: Direction;
  /** Whether the comparison of the alarm as it stands would tell the direction where the event doesn't. */
  comparable: boolean;
  /** The newest values that were compared, where the event carries them. */
  datapoints: readonly number[];
  /** Whether data were missing and treated as breaching: all of it, some, or none that the event tells of. */
  missing: 'all' | 'some' | 'none';
  /** ARNs of the alarms that set off a composite alarm. */
  children: readonly string[];
  /** Tags of the alarm: from the event where tag propagation is on, else from whoever looked them up. */
  alarmTags: Readonly<Record<string, string>>;
};

export type EventSignal = Common & {
  /** What the event says, in one word of its module, such as `stopped`. */
  fact: string;
  subject: Resource | null;
  /** Why no action may follow from this event although its class has a playbook; null where nothing speaks against it. */
  doubt: string | null;
};

/** One fact out of an event, normalised. */
export type Signal = AlarmSignal | EventSignal;

export const isAlarm = (signal: Signal): signal is AlarmSignal => 'watches' in signal;
