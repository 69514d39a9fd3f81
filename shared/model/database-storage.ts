import { hourMs } from './duration.ts';

/** The storage of an instance of RDS. Sizes are in GiB, times in milliseconds since the epoch. */
export type StorageFacts = {
  allocated: number;
  /** What the policy would grow it to; null if it allows no more. */
  next: number | null;
  /** What RDS is about to change it to; null if it isn't. */
  wanted: number | null;
  /** Up to where RDS grows it by itself; null if it doesn't. */
  growsTo: number | null;
  /** Other changes that wait, which are made with any change that is to be made at once, by name. */
  others: string[];
  /** When it was changed last, or that began; null if not within the last hours. */
  changedAt: number | null;
  /** The IOPS that a change has to name: null if it may not name any; `unknown` if nobody knows whether it has to. */
  iops: number | null | 'unknown';
};

/**
 * "Six hours, or until storage optimization has completed, whichever is longer":
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html
 */
export const storageApartMs = 6 * hourMs;

/** A change is at least a tenth: RDS makes less a tenth. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
const minMore = 0.1;
/** Storage autoscaling adds no less either. */
const minGib = 10;

/** What storage is grown to by the policy; null if what it allows is no tenth more. */
export const grownTo = (allocated: number, { grow, atMost }: { grow: number; atMost: number }): number | null => {
  const least = Math.ceil(allocated * (1 + minMore) - 1e-9);
  const to = Math.min(atMost, Math.max(least, Math.ceil(allocated * (1 + grow) - 1e-9), allocated + minGib));
  return to >= least ? to : null;
};

/** From this size on, gp3 has IOPS that can be chosen. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const gp3ChosenFrom: readonly [RegExp, number][] = [
  [/^(mysql|mariadb|postgres)$/, 400],
  [/^oracle-/, 200],
];

/** Whether a change of the size has to name the IOPS, where they can be chosen; undefined if that isn't known. */
const namesIops = ({ type, engine, allocated }: { type: string; engine: string; allocated: number }): boolean | undefined => {
  if (type.startsWith('io')) return true;
  if (type === 'gp2' || type === 'standard') return false;
  const [, from] = (type === 'gp3' && gp3ChosenFrom.find(([name]) => name.test(engine))) || [];
  return from === undefined ? undefined : allocated >= from;
};

/** The IOPS that a change of the size names: those that it has. */
export const iopsToName = (of: { type: string; engine: string; allocated: number; iops: number | undefined }): StorageFacts['iops'] => {
  const named = namesIops(of);
  return named === false ? null : named === true ? (of.iops ?? 'unknown') : 'unknown';
};
