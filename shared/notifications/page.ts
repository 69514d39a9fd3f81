import type { Outcome } from '../model/outcome.ts';
import { isResolved } from '../model/status.ts';
import type { Interim } from '../ports/reporter.ts';

/**
 * What becomes of the page for an incident when it ends: opened, unless it is open already; closed, if it may be open; or nothing. What
 * needs a person stays open until a person closes it.
 */
export const pageAtEnd = ({ status, quiet, opened }: Pick<Outcome, 'status' | 'quiet' | 'opened'>): 'open' | 'close' | null => {
  if (isResolved(status)) return opened ? 'close' : null;
  return quiet || status === 'dry-run' ? null : 'open';
};

/** Whether a message before the end opens the page. */
export const opensPage = ({ kind }: Pick<Interim, 'kind'>): boolean => kind === 'opened';
