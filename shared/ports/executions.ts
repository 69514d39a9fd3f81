export type Executions = {
  /** Those that failed, timed out or were stopped within `reach` milliseconds before `now`, newest versions first. Throws what the SDK throws. */
  endedBadly(now: number, reach: number): AsyncIterable<Ended>;
  /**
   * Deletes at most so many versions on which nothing can run any more: each deployment leaves one, and their code counts towards the
   * account's storage. Returns which. Throws what the SDK throws.
   */
  prune(now: number, reach: number, most: number): Promise<string[]>;
};

/** An execution that is over; its name is its incident's key. Times in milliseconds since the epoch. */
export type Ended = { key: string; status: string; account: string; region: string; startedAt: number; endedAt?: number };

/** How an execution may end without having come to its own end. */
export const badEnds = ['FAILED', 'TIMED_OUT', 'STOPPED'] as const;
