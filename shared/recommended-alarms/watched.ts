/** An opted-in instance, with what decides on its alarms. */
export type WatchedInstance = { id: string; groupName: string | null; unwatched: readonly AlarmKind[] };
/** An opted-in Auto Scaling group. */
export type WatchedGroup = { name: string; unwatched: readonly AlarmKind[] };
/** A target group behind one load balancer; both as in metric dimensions. */
export type WatchedTargets = { targetGroup: string; loadBalancer: string; namespace: string; unwatched: readonly AlarmKind[] };
/** An opted-in queue: whether it gets the dead letters of others, and how long it keeps a message, in seconds. */
export type WatchedQueue = { name: string; deadLetters: boolean; keeps: number; unwatched: readonly AlarmKind[] };
/** An opted-in function of Lambda, and the alias that serves, where the policy names one that there is. */
export type WatchedFunction = { name: string; alias: string | null; unwatched: readonly AlarmKind[] };
/** An opted-in service of ECS. */
export type WatchedService = { cluster: string; name: string; unwatched: readonly AlarmKind[] };
/** A metric that the CloudWatch agent has reported recently. */
export type AgentMetric = { name: string; dimensions: Readonly<Record<string, string>> };

/** Everything opted in. */
export type Watched = {
  instances: readonly WatchedInstance[];
  groups: readonly WatchedGroup[];
  targets: readonly WatchedTargets[];
  /** None where the policy doesn't name what may be done to queues. */
  queues: readonly WatchedQueue[];
  /** Likewise for functions. */
  functions: readonly WatchedFunction[];
  /** Likewise for services of ECS. */
  services: readonly WatchedService[];
  agent: readonly AgentMetric[];
};

/** What alarms can watch. The ids are part of alarm names and of the tag that excludes some. */
export const alarmKinds = [
  'system-check',
  'instance-check',
  'cpu',
  'memory',
  'disk-by-monday',
  'disk-within-hours',
  'targets',
  'dead-letters',
  'queue-age',
  'function-errors',
  'function-throttles',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

/** A tag with the ids not to watch, separated by spaces, or `all`. It can only exclude. */
const unwatchedTag = 'selfheal:unwatched';

/** Reads that tag; unknown words are ignored. */
export const readUnwatched = (text = ''): AlarmKind[] => {
  const words = text.split(/[\s,]+/);
  return words.includes('all') ? [...alarmKinds] : alarmKinds.filter((what) => words.includes(what));
};

/** The kinds of alarms that a resource's tags turn off. */
export const unwatchedOf = (tags: Readonly<Record<string, string>>): readonly AlarmKind[] =>
  readUnwatched(Object.hasOwn(tags, unwatchedTag) ? tags[unwatchedTag] : '');
