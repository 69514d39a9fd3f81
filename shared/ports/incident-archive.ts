import type { Outcome } from '../model/outcome.ts';

/** An incident in the ledger; it is open while its outcome is null. `openedAt` is milliseconds since the epoch. */
export type RecordedIncident = { incident: string; openedAt: number; outcome: Outcome | null };

/** Past incidents, for people to read. */
export type Incidents = {
  /**
   * The newest incidents opened from `from` to `to`, both included, at most `limit`, newest first.
   * @throws whatever the SDK throws
   */
  recent(range: { from: number; to: number; limit: number }): Promise<RecordedIncident[]>;
};
