import type { Outcome } from '../model/outcome.ts';
import type { Resource } from '../model/resource.ts';

/**
 * An incident in the ledger; it is open while its outcome is null. `resource`: what it was opened about, null if that can't be read.
 * `openedAt` is milliseconds since the epoch.
 */
export type RecordedIncident = { incident: string; openedAt: number; resource: Resource | null; outcome: Outcome | null };

/** Past incidents. */
export type Incidents = {
  /**
   * The newest incidents opened from `from` to `to`, both included, at most `limit`, newest first.
   * @throws whatever the SDK throws
   */
  recent(range: { from: number; to: number; limit: number }): Promise<RecordedIncident[]>;
  /** The keys of all incidents that are kept and were opened until `to`, newest days first. */
  keys(to: number): Promise<string[]>;
};
