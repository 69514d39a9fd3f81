import type { Place } from '../model/place.ts';

/**
 * What is kept of counting past incidents. Times are milliseconds since the epoch.
 * @throws whatever the SDK throws, from all methods
 */
export type Digests = {
  /** What was learned last, as JSON or anything; null if nothing was. */
  learned(): Promise<string | null>;
  noteLearned(text: string, now: number): Promise<void>;
  /** Where past incidents were, as noted last; none if they never were, or it can't be read. */
  places(): Promise<Place[]>;
  notePlaces(places: readonly Place[], now: number): Promise<void>;
  /** True for the one that may send a digest: none was begun in the last `milliseconds`. */
  begin(now: number, milliseconds: number): Promise<boolean>;
  /** Takes back that a digest was begun at that time: certainly nobody got it. */
  abandon(begun: number): Promise<void>;
};
