import { createHash } from 'node:crypto';
import type { DatabaseState } from './database-state.ts';

/** The tag of what selfheal has made; its value is the key of the incident. Without it nothing is taken away. */
export const madeByTag = 'selfheal:made-by';

/** A share of its CPU in percent, on average over some minutes; null if it can't be read. */
type Cpu = number | null;
export type Reader = { id: string; state: DatabaseState | 'unknown'; cpu: Cpu };

/** The reader of this incident: what it is named and tagged with, and its state once it is there. */
export type OwnReader = { id: string; madeBy: string; state: DatabaseState | 'unknown' | null };

/** What a further reader is made like. */
export type ReaderModel = { class: string; parameterGroup: string | null; public: boolean | null };

/** What decides about one more reader of a cluster of databases. */
export type ReadersFacts = {
  engine: string;
  /** Null where no member shows what to make it like. */
  like: ReaderModel | null;
  own: OwnReader;
  writer: Reader | null;
  /** All others, those that are being made or deleted too. */
  others: Reader[];
  /** Whether Aurora Auto Scaling sees to how many there are. */
  scaled: boolean;
};

/**
 * Above this share of their CPU the readers are busy, and below it the writer has room. In percent, assumed: an alarm is mostly at 70 or 80,
 * and an average over minutes is below its peaks.
 */
export const busyFrom = 60;
/** As much may be asked of each reader that is left for one to be taken away: far from busy. In percent, assumed. */
export const calmBelow = 40;

/** How the names of all readers of a cluster, or replicas of an instance, begin that selfheal makes. */
export const readerPrefix = (of: string): string => `${of.toLowerCase().slice(0, 40).replace(/-$/, '')}-selfheal-`;

/** A name that RDS takes, and that is the same whenever this incident asks for it: a letter first, single hyphens, at most 63 characters. */
export const readerName = (of: string, incident: string): string =>
  readerPrefix(of) + createHash('sha256').update(`${of} ${incident}`).digest('hex').slice(0, 12);

/** How busy the readers are on average; null if that can't be read of one of them. */
export const cpuOf = (readers: readonly Pick<Reader, 'cpu'>[]): Cpu => {
  const read = readers.flatMap(({ cpu }) => cpu ?? []);
  return read.length === 0 || read.length < readers.length ? null : read.reduce((sum, cpu) => sum + cpu, 0) / read.length;
};
