import type { Outcome } from '../model/outcome.ts';
import type { Status } from '../model/status.ts';

/** What a rule on the bus can match: `source` is `selfheal`. */
export const detailTypes: Record<Status, string> = {
  healed: 'Incident Resolved',
  'healed-itself': 'Incident Resolved',
  escalated: 'Incident Escalated',
  held: 'Incident Held',
  failed: 'Incident Failed',
  'dry-run': 'Incident Dry Run',
};

/** Before the end. */
export const interimDetailType = 'Incident Interim';
/** What goes on begins: pagers begin with it, and the outcome ends it. */
export const openedDetailType = 'Incident Opened';

export const source = 'selfheal';
export const outcomeVersion = '1';

/**
 * An outcome as machines get it, on the bus and on the topic alike. Its schema is published in `docs/schemas/`, which says what may
 * change without a new version.
 */
export const published = (outcome: Outcome, repeat = false) => ({
  version: outcomeVersion,
  ...outcome,
  ...(repeat ? { repeat: true as const } : {}),
});
