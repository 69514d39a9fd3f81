import { createHash } from 'node:crypto';
import { dayMs, hourMs, minuteMs } from '../model/duration.ts';
import type { Policy } from '../model/policy.ts';
import { parseTime } from '../model/time.ts';

/** A maintenance window this close to the deadline is too late: AWS may act first. */
const margin = 2 * hourMs;
/** Nothing that takes minutes begins this close to the end of a window. */
const windowTail = 15 * minuteMs;

/**
 * When deferrable work should begin, in milliseconds since the epoch, and when it is too late: nothing begins after `last`, and the window
 * ends at `over`. Null window: any time will do, or no window is left before the deadline.
 */
export type Slot = { at: number; window: { last: number; over: number } | null };

const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
  formats.set(timeZone, made);
  return made;
};

/** The UTC offset at a time in a time zone, in milliseconds. */
const offsetAt = (at: number, timeZone: string): number => {
  if (timeZone === 'UTC') return 0;
  const parts = formatOf(timeZone)
    .formatToParts(at)
    .map(({ type, value }) => [type, Number(value)]);
  // Intl gives every part that it is asked for.
  const { year, month, day: date, hour: hours, minute: minutes, second } = Object.fromEntries(parts) as Record<keyof typeof fields, number>;
  return Date.UTC(year, month - 1, date, hours, minutes, second) - Math.floor(at / 1000) * 1000;
};

/**
 * Converts local time, given as if it were UTC, to a moment. An ambiguous time gives the first of two moments; a skipped one is shifted
 * forward by the gap.
 */
const momentOf = (wall: number, timeZone: string): number => {
  const [before, after] = [offsetAt(wall - dayMs, timeZone), offsetAt(wall + dayMs, timeZone)];
  const shown = [wall - before, wall - after].filter((at) => at + offsetAt(at, timeZone) === wall);
  return shown.length > 0 ? Math.min(...shown) : wall - before;
};

/**
 * When to begin work that should be done in the maintenance window. Incidents reported at the same time are spread over the window by `spread` in [0,
 * 1). If the deadline (as AWS writes it) comes first, it begins now: a bad hour of our choice is better than one of AWS's. `now` is in
 * milliseconds since the epoch.
 */
export const maintenanceSlot = (
  now: number,
  { fromHour, toHour, timeZone }: Policy['calm'],
  deadline: string | undefined,
  spread: number,
): Slot => {
  if (toHour - fromHour === 24) return { at: now, window: null };
  const latest = (parseTime(deadline) ?? Number.POSITIVE_INFINITY) - margin;
  const midnight = Math.floor((now + offsetAt(now, timeZone)) / dayMs) * dayMs;
  const until = toHour > fromHour ? toHour : toHour + 24;
  // A window may have begun yesterday, and one that a clock change leaves too short doesn't count.
  for (let ahead = -1; ahead <= 3; ahead++) {
    const start = momentOf(midnight + ahead * dayMs + fromHour * hourMs, timeZone);
    const over = momentOf(midnight + ahead * dayMs + until * hourMs, timeZone);
    const first = Math.max(now, start);
    const last = Math.min(over - windowTail, latest);
    if (first > latest) break;
    if (first < over - windowTail) return { at: Math.floor(first + spread * (last - first)), window: { last, over } };
  }
  return { at: now, window: null };
};

/** An incident's place in a window: evenly distributed, and the same on every replay. */
export const spreadOf = (key: string): number => createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
