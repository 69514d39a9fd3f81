import { costOf } from '../model/cost.ts';
import { settingsOf } from '../model/guard-settings.ts';
import { type Status, statuses } from '../model/status.ts';
import { type Entry, resourceKey } from './entry.ts';
import { percentile, shareOf } from './interval.ts';
import type { Figures } from './schema.ts';

/** In rows: more than these are left out. */
const maxListed = 5;

/** Puts one to a count. */
const addTo = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
const most = (counts: ReadonlyMap<string, number>): [string, number][] => [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));

/** The guard that ended an incident, if one did. A question that nobody answered, or with a no, belongs to the guard that asked. */
const heldBy = ({ ended }: Entry): string | null => {
  if (ended?.refusal === null || ended === null) return null;
  return ended.status === 'held' || ended.refusal.answer === 'escalate' ? ended.refusal.guard : null;
};

/** Counts the incidents of a time, one by one and in any order. */
export const counting = () => {
  const ended = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  const [recovery, guards] = [new Map<string, number[]>(), new Map<string, number>()];
  const resources = new Map<string, { about: Entry; failures: Map<string, number>; incidents: number }>();
  let [incidents, open, quiet, due, healed, pagesAvoided, heldByNone] = [0, 0, 0, 0, 0, 0, 0];

  const addEnded = (entry: Entry, { status, verified, opened, timeToRecoverSeconds, ...rest }: NonNullable<Entry['ended']>) => {
    ended[status]++;
    if (rest.quiet) quiet++;
    if (!rest.quiet && status !== 'healed-itself' && status !== 'dry-run') due++;
    if (!rest.quiet && status === 'healed') healed++;
    if (status === 'healed' && verified && !entry.asked && !opened) pagesAvoided++;
    if (status === 'healed' && timeToRecoverSeconds !== null) {
      const times = recovery.get(entry.failure) ?? [];
      recovery.set(entry.failure, times);
      times.push(timeToRecoverSeconds);
    }
    if (status !== 'held' && status !== 'escalated') return;
    const guard = heldBy(entry);
    if (guard === null) heldByNone++;
    else addTo(guards, guard);
  };

  return {
    add: (entry: Entry): void => {
      incidents++;
      if (entry.ended) addEnded(entry, entry.ended);
      else open++;
      // What was quiet was no failure, or another incident reports it.
      if (entry.ended?.quiet || entry.ended?.status === 'healed-itself') return;
      const key = resourceKey(entry);
      const one = resources.get(key) ?? { about: entry, failures: new Map<string, number>(), incidents: 0 };
      resources.set(key, one);
      one.incidents++;
      addTo(one.failures, entry.failure);
    },
    /** `milliseconds`: how long the time is, for its share of what the installation costs. */
    figures: (milliseconds: number): Figures => {
      const again = [...resources]
        .filter(([, one]) => one.incidents > 1)
        .sort(([a, m], [b, n]) => n.incidents - m.incidents || (a < b ? -1 : 1));
      const cost = costOf(incidents, milliseconds);
      return {
        ...{ incidents, open, ended, quiet, healed: shareOf(healed, due), pagesAvoided },
        recovery: [...recovery]
          .sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
          .map(([failure, times]) => {
            const sorted = times.sort((a, b) => a - b);
            return { failure, count: sorted.length, p50Seconds: percentile(sorted, 0.5), p90Seconds: percentile(sorted, 0.9) };
          }),
        recurring: again.slice(0, maxListed).map(
          ([
            ,
            {
              about: { resource, account, region },
              failures,
              incidents,
            },
          ]) => ({
            ...{ resource, account, region, incidents },
            failures: most(failures).map(([failure, incidents]) => ({ failure, incidents })),
          }),
        ),
        recurringResources: again.length,
        holding: most(guards)
          .slice(0, maxListed)
          .map(([guard, incidents]) => {
            const governed = settingsOf(guard) ?? { settings: [], instead: 'this version knows no guard of that name' };
            return { guard, incidents, settings: [...governed.settings], instead: 'instead' in governed ? governed.instead : null };
          }),
        heldByNone,
        cost: { incidentsUsd: cost.incidents, installationUsd: cost.installation },
      };
    },
  };
};
