import { classifyError } from '../aws/call.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Channel, Reporter } from '../ports/reporter.ts';

/** The channels of an outcome, in the order in which they are tried. A quiet outcome doesn't go to people. */
export const channelsOf = ({ channels }: Pick<Reporter, 'channels'>, outcome: Pick<Outcome, 'quiet'>): Channel[] =>
  channels.filter(({ quiet }) => quiet || !outcome.quiet);

/**
 * Sends an outcome to one channel. `unsure`: the result of an earlier try is unknown. A permanent or repeated failure is counted, so that
 * an alarm can report it in another way.
 */
export const notifyBy = async (
  channel: Channel,
  outcome: Outcome,
  { reporter, at, again, unsure }: { reporter: Pick<Reporter, 'undelivered'>; at: number; again: boolean; unsure: boolean },
): Promise<void> => {
  try {
    await channel.outcome(outcome, unsure);
  } catch (error) {
    if (again || classifyError(error).kind === 'refused') await reporter.undelivered(channel.id, outcome.incident, at);
    throw error;
  }
};
