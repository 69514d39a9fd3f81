import { dayMs } from '../model/duration.ts';
import type { Past } from '../ports/past.ts';
import { type Entry, entryOf, resourceKey } from './entry.ts';
import { shareOf } from './interval.ts';
import { type Learned, type LearnedRow, maxRows } from './schema.ts';

/** The most incidents that are counted, the newest. */
const maxIncidents = 10_000;
/** How far back, in milliseconds: as long as incidents are kept. */
const reach = 90 * dayMs;

type Row = { failure: string; step: string; resource: string; done: number; helped: number; day: [number, number]; week: [number, number] };

const weekMs = 7 * dayMs;

/** Counts incidents that come newest first, so that it is known of each when its resource failed next in the same way. */
export const learning = (now: number) => {
  const rows = new Map<string, Row>();
  /** When each resource failed in each way, newest first. */
  const openings = new Map<string, number[]>();
  const countStep = ({ failure, resource, ended }: Entry, step: string, later: readonly number[]) => {
    const key = [failure, step, resource.type].join(' ');
    const row = rows.get(key) ?? { failure, step, resource: resource.type, done: 0, helped: 0, day: [0, 0], week: [0, 0] };
    rows.set(key, row);
    row.done++;
    if (ended?.status !== 'healed' || ended.steps.at(-1) !== step) return;
    row.helped++;
    // What was opened while this one lasted is the same failure.
    const returned = later.findLast((at) => at > ended.at);
    for (const [sum, span] of [[row.day, dayMs] as const, [row.week, weekMs] as const]) {
      // One that is not that old may still come back in time.
      if (ended.at + span > now) continue;
      sum[1]++;
      if (returned === undefined || returned >= ended.at + span) sum[0]++;
    }
  };
  return {
    add: (entry: Entry): void => {
      const { ended, openedAt, failure } = entry;
      const about = `${failure} ${resourceKey(entry)}`;
      // Where selfheal itself failed, nobody knows whether the step helped.
      if (ended && ended.status !== 'failed' && ended.status !== 'dry-run')
        for (const step of ended.steps) countStep(entry, step, openings.get(about) ?? []);
      // What was healthy again by itself is no return.
      if (ended?.status === 'healed-itself') return;
      const known = openings.get(about);
      if (known) known.push(openedAt);
      else openings.set(about, [openedAt]);
    },
    rows: (): LearnedRow[] =>
      [...rows.values()]
        .sort((a, b) => b.done - a.done || `${a.failure} ${a.step}`.localeCompare(`${b.failure} ${b.step}`))
        .map(({ failure, step, resource, done, helped, day, week }) => ({
          ...{ failure, step, resource },
          helped: shareOf(helped, done),
          lastedDay: shareOf(...day),
          lastedWeek: shareOf(...week),
        })),
  };
};

/**
 * What the incidents that are kept teach.
 * @throws whatever the SDK throws
 */
export const learn = async (past: Past, now: number, most = maxIncidents): Promise<Learned> => {
  const counted = learning(now);
  let [incidents, unread, cut, from] = [0, 0, false, now - reach];
  pages: for await (const { items, missing } of past.pages({ from, to: now })) {
    unread += missing;
    for (const item of items) {
      if (incidents >= most) {
        cut = true;
        break pages;
      }
      const entry = entryOf(item);
      if (entry) counted.add(entry);
      else unread++;
      incidents += entry ? 1 : 0;
      if (incidents >= most) from = item.openedAt;
    }
  }
  const rows = counted.rows();
  const times = { at: new Date(now).toISOString(), from: new Date(from).toISOString() };
  return { ...times, incidents, unread, cut: cut || rows.length > maxRows, rows: rows.slice(0, maxRows) };
};
