import { brief } from '../model/backoff.ts';
import type { Incident } from '../model/incident.ts';
import type { Leasable } from '../model/place.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Journal } from './journal.ts';

/** The leases that one incident holds. */
export type HeldLeases = {
  /** The current leases. */
  all(): Leasable[];
  /**
   * Records new leases here and in the ledger; false if the ledger is unavailable, and then no action may be taken. The ledger knows the
   * incident's own resource anyway.
   */
  keep(taken: readonly Leasable[]): Promise<boolean>;
  /** Renews the leases during the treatment, however long it is; those of a dead execution soon expire. */
  renew(): Promise<void>;
  /** When they have to be renewed, in milliseconds since the epoch; never if there are none. */
  renewedBy(): number;
  /** Releases all leases if the ledger is available; else they expire. */
  release(): Promise<void>;
};

/** Releases leases if the ledger is available; else they expire. */
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

/**
 * When a lease is renewed, in seconds after it was: after half of its time, so that most treatments never have to, and early enough for
 * a look that comes late by the longest pause and has to be retried.
 */
const renewedAfter = (seconds: number): number => Math.min(seconds / 2, seconds - 200);

/** `seconds` is the duration of a lease. */
export const createHeldLeases = (
  { key: incident, resource: own }: Pick<Incident, 'key' | 'resource'>,
  ledger: Ledger,
  journal: Journal,
  seconds: number,
): HeldLeases => {
  const held = new Map<string, Leasable>();
  /** When the leases were last acquired or renewed, in milliseconds since the epoch. */
  let renewedAt = 0;
  const renewedBy = () => (held.size === 0 ? Number.POSITIVE_INFINITY : renewedAt + renewedAfter(seconds) * 1000);
  return {
    all: () => [...held.values()],
    renewedBy,
    keep: async (taken) => {
      // Two guards may ask for the same lease.
      const named = new Map(taken.map((what) => [`${what.type}/${what.id}`, what]));
      const fresh = [...named].flatMap(([name, what]) => (held.has(name) ? [] : [what]));
      if (taken.length > 0) renewedAt = journal.now();
      for (const what of fresh) held.set(`${what.type}/${what.id}`, what);
      const news = fresh.filter(({ type, id }) => type !== own.type || id !== own.id);
      if (news.length === 0) return true;
      const { value } = await journal.persist('note-leases', () => ledger.noteLeases(incident, news));
      return value.ok;
    },
    renew: async () => {
      if (journal.now() < renewedBy()) return;
      for (const what of [...held.values()]) {
        const { value } = await journal.persist('renew', (at) => ledger.acquire(what, incident, at, at + seconds * 1000));
        // It expired and another incident holds it: nothing may be done to it until the guards acquire it again.
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
