/** What the ledger holds of one heartbeat. Times are milliseconds since the epoch. */
export type BeatRecord = {
  /** When the last beat came; null if none ever did. */
  lastAt: number | null;
  /** When a sweep first saw the heartbeat with these due times in the policy; null if none has. */
  watched: { timing: string; since: number } | null;
  /** The missed beat since which none has come: when it was due, what had come before, and whether its incident was started. */
  missed: { due: number; lastAt: number | null; started: boolean } | null;
};

/** A time in which nothing looked for heartbeats, so that some may have been lost. */
export type BlindTime = { from: number; to: number };

/**
 * Heartbeats in the ledger. Every write is conditional, so that sweeps at the same time decide once.
 * @throws whatever the SDK throws, from all methods
 */
export type Beats = {
  /** Counts a beat that came at `at`; `too-many` if there were more than sixty in this minute. */
  countBeat(name: string, at: number, now: number): Promise<'counted' | 'too-many'>;
  /** What is known of each of these. */
  readBeats(names: readonly string[]): Promise<ReadonlyMap<string, BeatRecord>>;
  readBeat(name: string): Promise<BeatRecord>;
  /** Records that a heartbeat is watched from now on, by these due times. */
  watchBeat(name: string, timing: string, now: number): Promise<void>;
  /** Records a missed beat. False if a beat has come meanwhile or one is recorded already. */
  noteMissed(name: string, missed: { due: number; lastAt: number | null }): Promise<boolean>;
  /** Records that the incident of the missed beat was started. */
  noteMissedStarted(name: string, due: number): Promise<void>;
  /** Records that beats have come again. */
  noteResumed(name: string, due: number): Promise<void>;
  /** Records that something looks for heartbeats now. Returns the last time in which nothing did; null if there is none. */
  noteLooked(now: number): Promise<BlindTime | null>;
};

/** Nothing is known of a heartbeat. */
export const noBeat: BeatRecord = { lastAt: null, watched: null, missed: null };
