import type { Outcome } from '../model/outcome.ts';
import type { Status } from '../model/status.ts';

/** Detail types on the bus; `source` is `selfheal`. */
export const detailTypes: Record<Status, string> = {
  healed: 'Incident Resolved',
  'healed-itself': 'Incident Resolved',
  escalated: 'Incident Escalated',
  held: 'Incident Held',
  failed: 'Incident Failed',
  'dry-run': 'Incident Dry Run',
};

/** The detail type of an interim notification. */
export const interimDetailType = 'Incident Interim';
/** The detail type of an episode's beginning: pagers open an alert, and the outcome closes it. */
export const openedDetailType = 'Incident Opened';
/** The detail type of what says, for another region, that a deployment works. */
export const aliveDetailType = 'Selfheal Alive';

export const source = 'selfheal';
export const outcomeVersion = '1';

/**
 * The published form of an outcome, on the bus and on the topic. Its schema in `docs/schemas/` says what may change without a new version.
 */
export const published = (outcome: Outcome, repeat = false) => ({
  version: outcomeVersion,
  ...outcome,
  ...(repeat ? { repeat: true as const } : {}),
});
