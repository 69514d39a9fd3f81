/** Durable executions of the remediation function. */
export type Executions = {
  /**
   * Executions that failed, timed out or were stopped within `reachMs` before `now`, newest versions first.
   * @throws whatever the SDK throws
   */
  listFailed(now: number, reachMs: number): AsyncIterable<EndedExecution>;
  /**
   * Deletes at most `most` function versions on which no execution can be running, and returns them. Each deployment leaves one, and their
   * code counts towards the account's storage quota.
   * @throws whatever the SDK throws
   */
  prune(now: number, reachMs: number, most: number): Promise<string[]>;
};

/** An execution that has ended; its name is the key of its incident. Times are milliseconds since the epoch. */
export type EndedExecution = { key: string; status: string; account: string; region: string; startedAt: number; endedAt?: number };

/** Statuses of executions that ended without a result. */
export const terminalFailureStatuses = ['FAILED', 'TIMED_OUT', 'STOPPED'] as const;
