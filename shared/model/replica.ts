import type { DatabaseState } from './database-state.ts';
import { minuteMs } from './duration.ts';

/** How far behind a replica is, by its metrics of the last minutes. */
export type Lag = {
  /** By the newest metric, in seconds; null if it can't be read, or nothing is replicated. */
  seconds: number | null;
  /** By how many seconds it grows in a minute, negative if it shrinks; null if there is too little to tell. */
  perMinute: number | null;
  /** Nothing is replicated any more. */
  stopped: boolean;
};

/** What a database replicates. */
export type ReplicaFacts = {
  /** `gone`: RDS lists it no more. `unknown` also where it is in another region. */
  source: { id: string; state: DatabaseState | 'unknown' | 'gone' };
  /** Whether it is a reader of a cluster, which shares the storage of the writer. */
  reader: boolean;
  lag: Lag;
  /** What RDS says of the replication, in one line: `replicating`, or `error: …`; null where it says nothing, as of readers. */
  replication: string | null;
};

/** How far back lag is read, and how old the newest value may be: metrics come by the minute, and up to two later. In milliseconds. */
export const lagLookBackMs = 10 * minuteMs;
const freshestMs = 4 * minuteMs;
/** Over how long it is seen to grow or shrink. */
const trendMs = 3 * minuteMs;

/** A change of less than this share of the lag in a minute is none; and so is one of less than so many seconds. */
const steadyShare = 0.01;
const steadySeconds = 0.2;

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = low] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
};

/** Reads values in seconds, by their times in milliseconds since the epoch. RDS publishes -1 where nothing is replicated. */
export const lagIn = (values: ReadonlyMap<number, number>, now: number): Lag => {
  const points = [...values].toSorted(([a], [b]) => a - b);
  const [at, seconds] = points.at(-1) ?? [Number.NEGATIVE_INFINITY, 0];
  if (at < now - freshestMs) return { seconds: null, perMinute: null, stopped: false };
  if (seconds < 0) return { seconds: null, perMinute: null, stopped: true };
  const late = points.filter(([time, value]) => time >= at - trendMs && value >= 0);
  // From one to the next, so that one jump in between is not taken for the trend.
  const changes = late.slice(1).map(([time, value], i) => {
    const [before, old] = late[i] ?? [time, value];
    return ((value - old) * minuteMs) / (time - before);
  });
  if (changes.length < 2) return { seconds, perMinute: null, stopped: false };
  const perMinute = median(changes);
  return { seconds, perMinute: Math.abs(perMinute) < Math.max(steadySeconds, steadyShare * seconds) ? 0 : perMinute, stopped: false };
};

/** States of a source that nothing brings back: its replica has what is left of the data. */
const lostStates: ReadonlySet<ReplicaFacts['source']['state']> = new Set(['failed', 'inaccessible-encryption-credentials', 'gone']);

/** Whether what a read replica replicates is lost. A reader shares the storage of its writer, which a failover is for. */
export const isOrphan = (replica: ReplicaFacts | null | undefined): replica is ReplicaFacts =>
  replica != null && !replica.reader && lostStates.has(replica.source.state);

const rounded = (seconds: number): string => (Math.abs(seconds) < 10 ? String(Math.round(seconds * 10) / 10) : String(Math.round(seconds)));

/** For people: how far behind, and whether that grows. */
export const describeLag = ({ seconds, perMinute, stopped }: Lag): string => {
  if (stopped) return 'its replication has stopped';
  if (seconds === null) return "how far it is behind can't be read";
  const behind = `it is ${rounded(seconds)} s behind`;
  if (perMinute === null) return behind;
  if (perMinute === 0) return `${behind}, as before`;
  return `${behind}, ${rounded(Math.abs(perMinute))} s ${perMinute > 0 ? 'more' : 'less'} every minute`;
};

/** For people: RDS's own word. Neither GTIDs nor positions are in it. */
export const describeReplication = ({ replication }: Pick<ReplicaFacts, 'replication'>): string =>
  // A look that was recorded by an earlier version has none.
  replication ? `RDS says of its replication: ${replication}` : 'RDS says nothing of its replication';

/** For people: what it replicates, and how far behind it is. */
export const describeReplica = ({ source, reader, lag }: ReplicaFacts): string => {
  const state = source.state === 'unknown' ? 'in an unknown state' : source.state;
  return `${reader ? 'a reader beside' : 'a replica of'} ${source.id}, which is ${state}; ${describeLag(lag)}`;
};
