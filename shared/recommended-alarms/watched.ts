/** What is opted in, as far as it decides which alarms there must be. */
export type WatchedInstance = { id: string; groupName: string | null; unwatched: readonly What[] };
export type WatchedGroup = { name: string; unwatched: readonly What[] };
/** A target group behind one load balancer; both as they stand in the dimensions of a metric. */
export type WatchedTargets = { targetGroup: string; loadBalancer: string; namespace: string; unwatched: readonly What[] };
/** A metric that the CloudWatch agent has reported lately. */
export type AgentMetric = { name: string; dimensions: Readonly<Record<string, string>> };

export type Watched = {
  instances: readonly WatchedInstance[];
  groups: readonly WatchedGroup[];
  targets: readonly WatchedTargets[];
  agent: readonly AgentMetric[];
};

/** What an alarm can watch; the names stand in the alarms' names, and in the tag that leaves some out. */
export const whats = ['system-check', 'instance-check', 'cpu', 'memory', 'disk-by-monday', 'disk-within-hours', 'targets'] as const;
export type What = (typeof whats)[number];

/** On a resource: what is not to be watched, of the names above with spaces between them, or `all`. It can only take away. */
export const unwatchedTag = 'selfheal:unwatched';

export const readUnwatched = (text = ''): What[] => {
  const words = text.split(/[\s,]+/);
  return words.includes('all') ? [...whats] : whats.filter((what) => words.includes(what));
};
