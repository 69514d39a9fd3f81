import { sortError } from '../aws/call.ts';
import type { ChannelId } from '../model/channel-id.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Reporter } from '../ports/reporter.ts';

/** One way in which an outcome is told. None depends on another: what one has been told is not told it again because another fails. */
export type Channel = { id: ChannelId; tell(outcome: Outcome, repeat?: boolean): Promise<void> };

/**
 * The channels that an outcome concerns, in the order in which they are tried: metrics, which need nobody's permission, then people, who
 * may have to act, then machines. A quiet outcome is nothing to people.
 */
export const channelsOf = ({ measure, announce, chat, emit }: Reporter, { quiet }: Pick<Outcome, 'quiet'>): Channel[] => [
  { id: 'metrics', tell: measure },
  ...(quiet ? [] : [{ id: 'people', tell: announce } as const]),
  ...(quiet || !chat ? [] : [{ id: 'chat', tell: chat } as const]),
  { id: 'bus', tell: emit },
];

/**
 * Tells one channel; `unsure` where nobody knows what became of an earlier try. What fails for good, or again, is counted, so that an alarm
 * can tell of it by another way.
 */
export const tellBy = async (
  { id, tell }: Channel,
  outcome: Outcome,
  { reporter, at, again, unsure }: { reporter: Pick<Reporter, 'untold'>; at: number; again: boolean; unsure: boolean },
): Promise<void> => {
  try {
    await tell(outcome, unsure);
  } catch (error) {
    if (again || sortError(error).kind === 'refused') await reporter.untold(id, outcome.incident, at);
    throw error;
  }
};
