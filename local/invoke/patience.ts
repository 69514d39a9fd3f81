import { classifyError } from '../../shared/aws/call.ts';
import { RefusedError } from '../../shared/model/errors.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Channel, Reporter } from '../../shared/ports/reporter.ts';

/** A deployed function retries a channel for most of a day; a person at a terminal waits for an answer. */
const maxTries = 3;

/**
 * A reporter that keeps every outcome and gives a channel up after a few tries. The ledger records which channels are missing, and the
 * deployed watch notifies them.
 */
export const impatient = (reporter: Reporter, keep: (outcome: Outcome) => void): Reporter => {
  const tries = new Map<string, number>();
  const bounded =
    (channel: Channel) =>
    async (outcome: Outcome): Promise<void> => {
      keep(outcome);
      try {
        await channel.outcome(outcome);
      } catch (error) {
        const key = `${channel.id} ${outcome.incident}`;
        const tried = (tries.get(key) ?? 0) + 1;
        tries.set(key, tried);
        const { kind, code, message } = classifyError(error);
        if (kind === 'refused' || tried < maxTries) throw error;
        const given = `${message} (${maxTries} tries)`;
        throw new RefusedError(code, given);
      }
    };
  return { ...reporter, channels: reporter.channels.map((channel) => ({ ...channel, outcome: bounded(channel) })) };
};
