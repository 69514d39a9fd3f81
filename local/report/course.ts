import type { Row } from './data.ts';
import { needsPerson } from './urgency.ts';

/** What became of incidents, as far as colours can tell it apart. */
export const fates = ['needs a person', 'recovered', 'other'] as const;
export type Fate = (typeof fates)[number];

export const fateOf = (row: Pick<Row, 'status' | 'quiet'>): Fate =>
  needsPerson(row) ? 'needs a person' : !row.quiet && row.status.startsWith('healed') ? 'recovered' : 'other';

/** One incident as a bar: `level` is its line in the lane. Times are milliseconds since the epoch. */
export type Bar = { row: Row; from: number; to: number; level: number; fate: Fate };
/** How many were under way in a stretch of time, by their fate; `row` is the first of them that needs a person, or the first. */
export type Column = { from: number; to: number; count: number; below: number; fate: Fate; row: Row };
export type Lane = { name: string; incidents: number; forPeople: number } & (
  | { bars: Bar[]; levels: number }
  | { columns: Column[]; most: number }
);
export type Course = { from: number; to: number; lanes: Lane[] };

/** More lines than that in a lane are told apart by nobody: columns count them. */
const maxLevels = 6;
/** So many bars next to one another in a lane can be told apart. */
const maxBars = 40;
/** Further kinds of failure share the last lane. */
const maxLanes = 14;

/** Each gets the first line on which nothing is under way; it needs `least` milliseconds of room to be seen. */
const barsOf = (rows: readonly Row[], least: number): { bars: Bar[]; levels: number } => {
  const free: number[] = [];
  const bars = rows.map((row): Bar => {
    const [from, to] = [row.startedAt, Math.max(row.endedAt, row.startedAt + least)];
    const found = free.findIndex((at) => at <= from);
    const level = found === -1 ? free.length : found;
    free[level] = to + least / 2;
    return { row, from, to, level, fate: fateOf(row) };
  });
  return { bars, levels: free.length };
};

const columnsOf = (rows: readonly Row[], from: number, step: number, columns: number): { columns: Column[]; most: number } => {
  const found: Column[] = [];
  let most = 0;
  for (let i = 0; i < columns; i++) {
    const [start, end] = [from + i * step, from + (i + 1) * step];
    const under = rows.filter(({ startedAt, endedAt }) => startedAt < end && Math.max(endedAt, startedAt + 1) > start);
    let below = 0;
    for (const fate of fates) {
      const those = under.filter((row) => fateOf(row) === fate);
      const [row] = those;
      if (row) found.push({ from: start, to: end, count: those.length, below, fate, row });
      below += those.length;
    }
    most = Math.max(most, below);
  }
  return { columns: found, most };
};

/** Incidents in the order of time, in a lane for each kind of failure, those lanes first in which most need a person. `columns`: how many fit. */
export const courseOf = (rows: readonly Row[], columns: number): Course => {
  const sorted = rows
    .filter(({ startedAt, endedAt }) => Number.isFinite(startedAt) && Number.isFinite(endedAt))
    .sort((a, b) => a.startedAt - b.startedAt);
  const from = sorted[0]?.startedAt ?? 0;
  const to = Math.max(from + 60_000, ...sorted.map(({ endedAt }) => endedAt));
  const forPeople = (those: readonly Row[]) => those.filter(needsPerson).length;
  const kinds = [...Map.groupBy(sorted, ({ failure }) => failure)].sort(
    ([, a], [, b]) => forPeople(b) - forPeople(a) || b.length - a.length || ((a[0]?.failure ?? '') < (b[0]?.failure ?? '') ? -1 : 1),
  );
  const own = kinds.length > maxLanes ? kinds.slice(0, maxLanes - 1) : kinds;
  const rest = kinds.slice(own.length);
  const others: [string, Row[]][] =
    rest.length === 0 ? [] : [[`${rest.length} other kinds`, rest.flatMap(([, those]) => those).sort((a, b) => a.startedAt - b.startedAt)]];
  const step = (to - from) / columns;
  const lanes = [...own, ...others].map(([name, those]): Lane => {
    const common = { name, incidents: those.length, forPeople: forPeople(those) };
    const packed = barsOf(those, step / 2);
    return packed.levels > maxLevels || those.length > maxBars
      ? { ...common, ...columnsOf(those, from, step, columns) }
      : { ...common, ...packed };
  });
  return { from, to, lanes };
};
