import type { Leasable, Ledger } from '../aws/ledger.ts';
import type { Journal } from './journal.ts';

/** The leases of one incident, as it has taken them. */
export type Holdings = {
  /** What is held, by this incident alone. */
  all(): Leasable[];
  /** Remembers what has just been taken, here and in the ledger: false if the ledger can't be told, and then nothing may be done. */
  keep(taken: readonly Leasable[]): Promise<boolean>;
  /** Leases are renewed while the treatment lasts, however long that is; a dead execution's run out soon. */
  renew(): Promise<void>;
};

/** `seconds` is how long a lease lasts; `incident` the key under which they are held. */
export const createHoldings = (incident: string, ledger: Ledger, journal: Journal, seconds: number): Holdings => {
  const held = new Map<string, Leasable>();
  /** When the leases were last taken or renewed, in milliseconds since the epoch. */
  let renewedAt = 0;
  return {
    all: () => [...held.values()],
    keep: async (taken) => {
      const fresh = taken.filter(({ type, id }) => !held.has(`${type}/${id}`));
      if (taken.length > 0) renewedAt = journal.now();
      for (const what of fresh) held.set(`${what.type}/${what.id}`, what);
      if (fresh.length === 0) return true;
      const { value } = await journal.persist('note-leases', () => ledger.noteLeases(incident, fresh));
      return value.ok;
    },
    renew: async () => {
      if (held.size === 0 || journal.now() - renewedAt < (seconds * 1000) / 3) return;
      for (const what of held.values()) {
        await journal.persist('renew', (at) => ledger.acquire(what, incident, at, at + seconds * 1000));
      }
      renewedAt = journal.now();
    },
  };
};
