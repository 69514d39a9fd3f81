import { brief } from '../model/backoff.ts';
import type { Incident } from '../model/incident.ts';
import type { Leasable } from '../model/place.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Journal } from './journal.ts';

/** The leases of one incident, as it has taken them. */
export type Holdings = {
  /** What is held, by this incident alone. */
  all(): Leasable[];
  /**
   * Remembers what has just been taken, here and in the ledger: false if the ledger can't be told, and then nothing may be done. Of the
   * incident's own resource the ledger knows anyway.
   */
  keep(taken: readonly Leasable[]): Promise<boolean>;
  /** Leases are renewed while the treatment lasts, however long that is; a dead execution's run out soon. */
  renew(): Promise<void>;
  /** Gives all back, as far as the ledger can be told: what is left runs out. */
  release(): Promise<void>;
};

/** Gives leases back, as far as the ledger can be told. What is left runs out. */
export const giveBack = async (
  leases: Iterable<Leasable>,
  incident: string,
  journal: Pick<Journal, 'persist'>,
  ledger: Pick<Ledger, 'release'>,
): Promise<Leasable[]> => {
  const left: Leasable[] = [];
  for (const lease of leases) {
    const { value } = await journal.persist('release', () => ledger.release(lease, incident), brief);
    if (!value.ok) left.push(lease);
  }
  return left;
};

/** `seconds` is how long a lease lasts. */
export const createHoldings = (
  { key: incident, resource: own }: Pick<Incident, 'key' | 'resource'>,
  ledger: Ledger,
  journal: Journal,
  seconds: number,
): Holdings => {
  const held = new Map<string, Leasable>();
  /** When the leases were last taken or renewed, in milliseconds since the epoch. */
  let renewedAt = 0;
  return {
    all: () => [...held.values()],
    keep: async (taken) => {
      const fresh = taken.filter(({ type, id }) => !held.has(`${type}/${id}`));
      if (taken.length > 0) renewedAt = journal.now();
      for (const what of fresh) held.set(`${what.type}/${what.id}`, what);
      const news = fresh.filter(({ type, id }) => type !== own.type || id !== own.id);
      if (news.length === 0) return true;
      const { value } = await journal.persist('note-leases', () => ledger.noteLeases(incident, news));
      return value.ok;
    },
    renew: async () => {
      if (held.size === 0 || journal.now() - renewedAt < (seconds * 1000) / 3) return;
      for (const what of [...held.values()]) {
        const { value } = await journal.persist('renew', (at) => ledger.acquire(what, incident, at, at + seconds * 1000));
        // It ran out, and somebody else took it: nothing may be done on it before the guards have taken it again.
        if (value.ok && !value.value.acquired) {
          held.delete(`${what.type}/${what.id}`);
          journal.note('decide', `the lease on ${what.type} ${what.id} was taken over by incident ${value.value.holder}`);
        }
      }
      renewedAt = journal.now();
    },
    release: async () => {
      const left = await giveBack([...held.values()], incident, journal, ledger);
      for (const [name, what] of [...held]) if (!left.includes(what)) held.delete(name);
    },
  };
};
