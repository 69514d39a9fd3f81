import type { DatabaseState } from './database-state.ts';

type Member = { id: string; state: DatabaseState | 'unknown'; availabilityZone: string };

/** The members of a cluster of databases. Times are in milliseconds since the epoch. */
export type ClusterMembers = {
  /** What takes writes, as RDS lists it; `silentSince`: it has had no metrics since, null if it has. Null if RDS lists none. */
  writer: (Member & { silentSince: number | null }) | null;
  /** `lag`: the most of the last minutes, in milliseconds; null if it can't be read. */
  readers: (Member & { lag: number | null })[];
  /** Whether any member has metrics: without, silence says nothing. */
  heard: boolean;
};

/** RDS fails over by itself within so long, so nobody else does before; in milliseconds. */
export const ownFailoverMs = 120_000;

/** A reader that is so far behind would lose writes; in milliseconds. */
const maxLag = 1000;

/** Why the writer doesn't serve; null if it does. */
export const whyNoWriter = ({ writer }: ClusterMembers): string | null => {
  if (!writer) return 'it has no writer';
  const { id, state, silentSince } = writer;
  if (state !== 'available') return `its writer ${id} is ${state === 'unknown' ? 'in an unknown state' : state}`;
  return silentSince === null ? null : `its writer ${id} has no metrics`;
};

const named = ({ id, state, availabilityZone }: Member): string =>
  `${id} in ${availabilityZone}${state === 'available' ? '' : ` (${state === 'unknown' ? 'in an unknown state' : state})`}`;

/** For people: who is in it, where, and how far behind. */
export const describeMembers = ({ writer, readers }: ClusterMembers): string => {
  const lags = readers.map((one) => `${named(one)} ${one.lag === null ? 'of unknown lag' : `${Math.round(one.lag)} ms behind`}`);
  return `writer ${writer ? named(writer) : 'unknown'}, readers ${lags.join(', ') || 'none'}`;
};

type Heir = { id: string; availabilityZone: string; lag: number };

/**
 * The reader that may take over: up, in another zone than the writer, and the least behind, by less than a second. Otherwise why there is
 * none. A lag that can't be read is no small one.
 */
export const heirOf = ({ writer, readers }: ClusterMembers): Heir | { why: string } => {
  const able = readers.filter(({ state, availabilityZone }) => state === 'available' && availabilityZone !== writer?.availabilityZone);
  if (able.length === 0) return { why: 'no reader in another zone than the writer is available' };
  const read = able.flatMap(({ id, availabilityZone, lag }) => (lag === null || lag < 0 ? [] : [{ id, availabilityZone, lag }]));
  const [best] = read.toSorted((a, b) => a.lag - b.lag);
  if (!best) return { why: `how far ${able.map(({ id }) => id).join(', ')} is behind can't be read` };
  return best.lag < maxLag
    ? best
    : { why: `reader ${best.id} is ${Math.round(best.lag / 100) / 10} s behind, which a failover would lose` };
};
