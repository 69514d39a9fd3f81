import { createHash } from 'node:crypto';
import type { Policy } from '../model/policy.ts';
import { parseTime } from '../model/time.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A calm hour this close to the deadline is too late: AWS may act first. */
const margin = 2 * hour;
/** What takes minutes doesn't begin in the last ones of a window. */
const tail = 15 * minute;

/**
 * When work that can wait is to begin, in milliseconds since the epoch, and when it is too late for it: nothing is begun after `last`, and
 * at `over` the window is over. No window: any time is as good as another, or none is left before the deadline.
 */
export type Slot = { at: number; window: { last: number; over: number } | null };

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
  formats.set(timeZone, made);
  return made;
};

/** What a clock on the wall there is ahead of UTC, in milliseconds. */
const offsetAt = (at: number, timeZone: string): number => {
  if (timeZone === 'UTC') return 0;
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day: date = 1, hour: hours = 0, minute: minutes = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, date, hours, minutes, second) - Math.floor(at / 1000) * 1000;
};

/**
 * The moment at which the clock on the wall shows a time, given as if it were one in UTC: the first, where it shows it twice, and the moment
 * at which it is put forward, or so long after that, where it skips it.
 */
const momentOf = (wall: number, timeZone: string): number => {
  const [before, after] = [offsetAt(wall - day, timeZone), offsetAt(wall + day, timeZone)];
  const shown = [wall - before, wall - after].filter((at) => at + offsetAt(at, timeZone) === wall);
  return shown.length > 0 ? Math.min(...shown) : wall - before;
};

/**
 * When to begin what is best done at a calm hour. Many that are told of at once are spread over the window: `spread`, in [0, 1), says where
 * in it this one is. Where the deadline (as AWS writes it) comes first, it is now: better at a bad hour of our own than at one of AWS's.
 * `now` in milliseconds since the epoch.
 */
export const calmSlot = (
  now: number,
  { fromHour, toHour, timeZone }: Policy['calm'],
  deadline: string | undefined,
  spread: number,
): Slot => {
  if (toHour - fromHour === 24) return { at: now, window: null };
  const latest = (parseTime(deadline) ?? Number.POSITIVE_INFINITY) - margin;
  const midnight = Math.floor((now + offsetAt(now, timeZone)) / day) * day;
  const until = toHour > fromHour ? toHour : toHour + 24;
  // One that has begun yesterday may last until now, and one that a clock put forward leaves too short is none.
  for (let ahead = -1; ahead <= 3; ahead++) {
    const start = momentOf(midnight + ahead * day + fromHour * hour, timeZone);
    const over = momentOf(midnight + ahead * day + until * hour, timeZone);
    const first = Math.max(now, start);
    const last = Math.min(over - tail, latest);
    if (first > latest) break;
    if (first < over - tail) return { at: Math.floor(first + spread * (last - first)), window: { last, over } };
  }
  return { at: now, window: null };
};

/** Where in a window an incident's turn is: the same on every replay, and evenly spread over all of them. */
export const spreadOf = (key: string): number => createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
