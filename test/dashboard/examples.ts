import type { Outcome } from '../../shared/model/outcome.ts';
import type { RecordedIncident } from '../../shared/ports/incident-archive.ts';
import { incident, noon, outcome } from '../remediation/examples.ts';

/** An incident that has ended. */
export const listed = (change: Partial<Outcome> = {}): RecordedIncident => {
  const ended = outcome(change);
  return { incident: ended.incident, openedAt: noon, resource: ended.resource, outcome: ended };
};

/** One that has been open for ten minutes at noon. */
export const open = (key = incident().key): RecordedIncident => ({
  incident: key,
  openedAt: noon - 600_000,
  resource: null,
  outcome: null,
});
