import type { ChannelId } from '../model/channel-id.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Ledger } from '../ports/ledger.ts';

/** The outcome that an incident ended in, and who has been told of it. */
export type Settled = { outcome: Outcome; told: readonly ChannelId[] };

/**
 * Records an outcome, unless another one was recorded before: what stands is what is told. A record that is there already may be our
 * own, made by a try whose answer was lost; then the whole of it counts, which the ledger has shortened.
 */
export const settle = async (proposed: Outcome, ledger: Pick<Ledger, 'close' | 'read'>): Promise<Settled> => {
  if (await ledger.close(proposed)) return { outcome: proposed, told: [] };
  const found = await ledger.read(proposed.incident);
  // Told on the strength of an answer that can't be right, it would be told again each time.
  if (!found?.outcome) throw new Error(`the ledger has an outcome of ${proposed.incident} but does not return it`);
  const { outcome, told = [] } = found;
  const isOwn = outcome.status === proposed.status && outcome.endedAt === proposed.endedAt;
  return { outcome: isOwn ? proposed : outcome, told };
};
