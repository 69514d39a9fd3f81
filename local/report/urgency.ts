import type { Status } from '../../shared/model/status.ts';

type Ended = { status: Status; quiet: boolean };

/** In the order in which a reader cares. */
export const urgency: readonly Status[] = ['failed', 'escalated', 'held', 'healed', 'dry-run', 'healed-itself'];

/** What a person has to look at: it did not recover, and no other incident reports it. */
export const needsPerson = ({ status, quiet }: Ended): boolean => !quiet && ['failed', 'escalated', 'held'].includes(status);

/** Sorts what needs a person first, and what nobody hears of last. */
export const moreUrgent = (a: Ended, b: Ended): number =>
  Number(needsPerson(b)) - Number(needsPerson(a)) ||
  Number(a.quiet) - Number(b.quiet) ||
  urgency.indexOf(a.status) - urgency.indexOf(b.status);
