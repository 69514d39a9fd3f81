import type { Ledger } from '../aws/ledger.ts';
import type { ChannelId } from './channels.ts';
import type { Outcome } from './outcome.ts';

/** The outcome that an incident ended in, and who has been told of it. */
export type Settled = { outcome: Outcome; told: readonly ChannelId[] };

/**
 * Records an outcome, unless another one was recorded before: what stands is what is told. A record that is there already may be our
 * own, made by a try whose answer was lost; then the whole of it counts, which the ledger has shortened.
 */
export const settle = async (proposed: Outcome, ledger: Pick<Ledger, 'close' | 'read'>): Promise<Settled> => {
  if (await ledger.close(proposed)) return { outcome: proposed, told: [] };
  const { outcome, told = [] } = (await ledger.read(proposed.incident)) ?? {};
  const isOwn = outcome?.status === proposed.status && outcome.endedAt === proposed.endedAt;
  return { outcome: outcome && !isOwn ? outcome : proposed, told };
};
