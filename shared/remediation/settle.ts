import type { ChannelId } from '../model/channel-id.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Ledger } from '../ports/ledger.ts';

/** The outcome that stands, and the channels that have received it. */
export type Settled = { outcome: Outcome; notified: readonly ChannelId[] };

/**
 * Records an outcome unless another one exists; the recorded one is reported. An existing record may be our own, from a try whose response
 * was lost; then the full outcome counts, since the ledger has shortened it.
 */
export const settle = async (proposed: Outcome, ledger: Pick<Ledger, 'close' | 'read'>): Promise<Settled> => {
  if (await ledger.close(proposed)) return { outcome: proposed, notified: [] };
  const found = await ledger.read(proposed.incident);
  // Reporting despite a contradictory response would repeat it each time.
  if (!found?.outcome) throw new Error(`the ledger has an outcome of ${proposed.incident} but does not return it`);
  const { outcome, notified = [] } = found;
  // Two watchers of one death may find different reasons at the same moment.
  const isOwn = (['status', 'endedAt', 'reason'] as const).every((one) => outcome[one] === proposed[one]);
  return { outcome: isOwn ? proposed : outcome, notified };
};
