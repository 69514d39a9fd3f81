import { capacity, slicesOf } from '../../shared/aws/failure-correlation.ts';
import type { CorrelatedFailures, Failing } from '../../shared/ports/failure-correlation.ts';
import { type Attempt, type Lease, LeaseLostError } from '../../shared/ports/ledger.ts';
import { createMemory, type SavedMemory } from './memory.ts';
import type { Call } from './trail.ts';

type Entry = { holder: string | null; until: number; attempts: Attempt[]; lastHealedAt: number | null };
type Place = { buckets: [bucket: number, entries: Record<string, Failing>, size: number][]; impaired: [id: string, until: number][] };
type Matter = { teller: string; askedAt: number };

export type SavedLedger = {
  resources: SavedMemory<Entry>;
  places: SavedMemory<Place>;
  matters: SavedMemory<Matter>;
  calls: SavedMemory<Call[]>;
};

/** The maximum number of entries of each kind. */
const most = { resources: 20_000, places: 500, matters: 10_000, calls: 20_000 };
/** The number of calls kept per resource. */
const maxCalls = 20;

/** Something that can be leased, in its account and region. */
export const leaseKey = (place: string, { type, id }: { type: string; id: string }): string => `${place} ${type}/${id}`;

/**
 * An in-memory ledger for one policy: leases, attempts, failing resources, who reports what, and calls in the history. Times are
 * milliseconds since the epoch. `place` separates accounts and regions, as tables do; a `key` comes from `leaseKey`. Attempts before
 * `since` are dropped.
 */
export const createLedger = (since: () => number, saved?: SavedLedger) => {
  const matters = ({ holder, attempts }: Entry) => holder !== null || attempts.some(({ at }) => at > since());
  const resources = createMemory<Entry>(most.resources, saved?.resources, matters);
  const places = createMemory<Place>(most.places, saved?.places);
  const reporters = createMemory<Matter>(most.matters, saved?.matters);
  const calls = createMemory<Call[]>(most.calls, saved?.calls);
  const entryOf = (key: string): Entry => resources.get(key) ?? { holder: null, until: 0, attempts: [], lastHealedAt: null };
  const placeOf = (place: string): Place => places.get(place) ?? { buckets: [], impaired: [] };

  return {
    acquire: (key: string, incident: string, now: number, until: number): Lease => {
      const entry = entryOf(key);
      if (entry.holder !== null && entry.holder !== incident && entry.until > now) {
        return { acquired: false, holder: entry.holder, until: entry.until };
      }
      resources.set(key, { ...entry, holder: incident, until });
      return { acquired: true, attempts: entry.attempts };
    },

    recordAttempt: (key: string, attempt: Attempt, kept: readonly Attempt[]): void => {
      const entry = entryOf(key);
      if (entry.holder !== attempt.incident || entry.until <= attempt.at) throw new LeaseLostError(`another incident holds ${key}`);
      resources.set(key, { ...entry, attempts: [...kept, attempt] });
    },

    /** Releases the resource; `wellAt` if it was healed. */
    release: (key: string, incident: string, lastHealedAt: number | null): void => {
      const entry = entryOf(key);
      if (entry.holder !== incident) return;
      resources.set(key, { ...entry, holder: null, until: 0, lastHealedAt: lastHealedAt ?? entry.lastHealedAt });
    },

    /** When the resource was last healed. */
    lastHealedAt: (key: string): number | null => resources.get(key)?.lastHealedAt ?? null,

    /** Counts like the real ledger. */
    noteFailing: (place: string, failing: Failing, now: number, window: number, where: readonly string[] = []): CorrelatedFailures => {
      const { first, current, last } = slicesOf(now, window);
      const found = placeOf(place);
      const kept = found.buckets.filter(([bucket]) => bucket >= first && bucket <= last);
      let own = kept.find(([bucket]) => bucket === current);
      if (!own) {
        own = [current, {}, 0];
        kept.push(own);
      }
      const key = JSON.stringify([failing.id, failing.zone, failing.group]);
      if (!Object.hasOwn(own[1], key) && own[2] < capacity) {
        own[1][key] = failing;
        own[2]++;
      }
      const impaired = found.impaired.filter(([, until]) => until > now);
      places.set(place, { buckets: kept, impaired });
      const full = kept.some(([, , size]) => size >= capacity);
      const all = new Map<string, Failing>([[failing.id, failing]]);
      // A full bucket is a mass failure of the whole account, whichever resources it has.
      for (const [, entries] of full ? [] : kept) for (const one of Object.values(entries)) all.set(one.id, one);
      return { failing: [...all.values()], full, impaired: where.filter((one) => impaired.some(([id]) => id === one)) };
    },

    noteImpaired: (place: string, id: string, until: number): void => {
      const found = placeOf(place);
      places.set(place, {
        ...found,
        impaired: [...found.impaired.filter(([other]) => other !== id), [id, until] as [string, number]].slice(-50),
      });
    },

    electReporter: (matter: string, incident: string, now: number, quiet: number): boolean => {
      const found = reporters.get(matter);
      const teller = found === undefined || found.askedAt < now - quiet ? incident : found.teller;
      reporters.set(matter, { teller, askedAt: now });
      return teller === incident;
    },

    noteCall: (call: Call): void => {
      for (const id of call.resources) {
        const key = `${call.account}/${call.region} ${id}`;
        calls.set(key, [...(calls.get(key) ?? []), call].slice(-maxCalls));
      }
    },

    /** Newest first. */
    callsOn: (place: string, id: string, from: number, to: number): Call[] =>
      (calls.get(`${place} ${id}`) ?? []).filter(({ at }) => at >= from && at <= to).reverse(),

    forgotten: (): number => resources.forgotten,
    save: (): SavedLedger => ({ resources: resources.save(), places: places.save(), matters: reporters.save(), calls: calls.save() }),
  };
};

export type Ledger = ReturnType<typeof createLedger>;
