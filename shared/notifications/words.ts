import type { Status } from '../model/status.ts';

/** The words for each status in messages to people. */
export const words: Record<Status, string> = {
  healed: 'healed',
  'healed-itself': 'healed by itself',
  escalated: 'needs you',
  held: 'held back, needs you',
  failed: 'selfheal failed, needs you',
  'dry-run': 'dry run',
};
