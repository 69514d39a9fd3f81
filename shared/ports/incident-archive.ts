import type { Outcome } from '../model/outcome.ts';

/** An incident as the ledger has it; without an outcome it is still open. `openedAt` in milliseconds since the epoch. */
export type RecordedIncident = { incident: string; openedAt: number; outcome: Outcome | null };

export type Incidents = {
  /** The newest incidents opened from `from` to `to`, both included, at most `limit` of them, newest first. Throws what the SDK throws. */
  recent(range: { from: number; to: number; limit: number }): Promise<RecordedIncident[]>;
};
