import { parseDuration } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';

/** A duration of at least a second that is not longer than incidents are kept. */
export const sinceOf = (text: string): number => {
  const seconds = parseDuration(text);
  if (!seconds || text.startsWith('+') || seconds > 91 * 24 * 3600)
    throw new UsageError(`--since must be a duration up to 90d, such as 90m, 24h or 7d, not ${JSON.stringify(text.slice(0, 40))}`);
  return seconds;
};
