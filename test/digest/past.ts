import type { Past, PastItem } from '../../shared/ports/past.ts';
import { incident, outcome } from '../remediation/examples.ts';

/** An incident as it stands in the ledger. Times are milliseconds since the epoch; `ended` null: it is open. */
export const pastItem = (
  key: string,
  openedAt: number,
  ended: number | null,
  change: Partial<ReturnType<typeof outcome>> = {},
  asked = 0,
): PastItem => ({
  incident: key,
  openedAt,
  opened: JSON.stringify(incident({ key })),
  outcome: ended === null ? null : JSON.stringify({ ...outcome(), incident: key, endedAt: new Date(ended).toISOString(), ...change }),
  asked,
});

/** A past of these, newest first, three at a time. */
export const pastOf = (items: readonly PastItem[]): Past => ({
  pages: async function* ({ from, to }) {
    const found = items.filter(({ openedAt }) => openedAt >= from && openedAt < to).sort((a, b) => b.openedAt - a.openedAt);
    for (let at = 0; at < found.length; at += 3) yield { items: found.slice(at, at + 3), missing: 0 };
  },
});
