import type { Partition } from './arn.ts';
import type { AlarmRef } from './classification.ts';
import type { Resource } from './resource.ts';

/** One metric that an alarm watches. `dimensions` keeps the event's order; values are trimmed but otherwise unchanged. */
export type Metric = {
  namespace: string;
  name: string;
  /** `Average`, `Maximum`, `p99` …, as CloudWatch writes it to EventBridge; null where the event doesn't say. */
  statistic: string | null;
  dimensions: ReadonlyArray<readonly [name: string, value: string]>;
  /** The account of the metric, if it isn't the alarm's own. */
  account: string | null;
};

/** Which side of the threshold the value is on. `at-threshold`: exactly on it, so the event alone can't say. */
export type Direction = 'above' | 'below' | 'at-threshold' | 'unknown';

type Common = {
  /** The name of the module that decoded it. */
  kind: string;
  /** Milliseconds since the epoch; the same in every redelivery. */
  at: number;
  account: string | null;
  region: string | null;
  partition: Partition;
  /** Why this is not a failure (resolved, muted, planned …); null where it may be one. */
  quiet: string | null;
  evidence: Record<string, string>;
};

/** A state change of a CloudWatch alarm. */
export type AlarmSignal = Common & {
  alarm: AlarmRef;
  /** `unreadable`: the alarm watches something without a metric's name, such as a query without contributors. */
  watches: 'metrics' | 'children' | 'unreadable';
  metrics: readonly Metric[];
  direction: Direction;
  /** Whether the alarm's current configuration would give the direction where the event doesn't. */
  comparable: boolean;
  /** The newest evaluated values, where the event has them. */
  datapoints: readonly number[];
  /** Whether missing data were treated as breaching: all of it, some, or none that the event shows. */
  missing: 'all' | 'some' | 'none';
  /** ARNs of the alarms that triggered a composite alarm. */
  children: readonly string[];
  /** Tags of the alarm: from the event if tag propagation is on, else looked up. */
  alarmTags: Readonly<Record<string, string>>;
};

/** A signal that is not an alarm. */
export type EventSignal<Kind extends string = string, Fact extends string = string> = Common & {
  kind: Kind;
  /** What the event reports, in one word of its module, such as `stopped`. */
  fact: Fact;
  subject: Resource | null;
  /** Why this event must not lead to an action although its class has a playbook; null if nothing speaks against it. */
  escalateReason: string | null;
};

/** One normalised fact from an event. */
export type Signal = AlarmSignal | EventSignal;

/** Whether the signal is an alarm's state change. */
export const isAlarm = (signal: Signal): signal is AlarmSignal => 'watches' in signal;
