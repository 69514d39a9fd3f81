/**
 * The cron expressions of EventBridge Scheduler: minutes, hours, day of the month, month, day of the week (1 is Sunday), year.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export type Cron = {
  minutes: readonly number[];
  hours: readonly number[];
  /** Whether the schedule has a run on a day; `month` counts from 1. */
  runsOn: (year: number, month: number, day: number) => boolean;
};

type Field = { name: string; least: number; most: number; words?: readonly string[] };

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const minuteField: Field = { name: 'minutes', least: 0, most: 59 };
const hourField: Field = { name: 'hours', least: 0, most: 23 };
const dayField: Field = { name: 'day of the month', least: 1, most: 31 };
const monthField: Field = { name: 'month', least: 1, most: 12, words: months };
const weekdayField: Field = { name: 'day of the week', least: 1, most: 7, words: days };
const yearField: Field = { name: 'year', least: 1970, most: 2199 };

/** In characters: a list of every minute is shorter. */
const longest = 256;

const numberOf = ({ name, least, most, words }: Field, text: string): number => {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? word + least : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${name}: ${JSON.stringify(text.slice(0, 20))} is not between ${least} and ${most}${words ? ', nor a name' : ''}`);
};

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

const partOf = (field: Field, text: string, steps: boolean): number[] => {
  const [span = '', step, ...more] = text.split('/');
  const every = step === undefined ? 1 : /^[1-9]\d{0,3}$/.test(step) ? Number(step) : 0;
  if (more.length > 0 || every === 0 || (step !== undefined && !steps))
    throw new Error(`${field.name}: ${text.slice(0, 20)} can't be read`);
  if (span === '*') return range(field.least, field.most, every);
  const [from = '', to, ...rest] = span.split('-');
  if (rest.length > 0) throw new Error(`${field.name}: ${text.slice(0, 20)} can't be read`);
  const first = numberOf(field, from);
  const last = to === undefined ? (step === undefined ? first : field.most) : numberOf(field, to);
  if (last < first) throw new Error(`${field.name}: ${span} runs backwards`);
  return range(first, last, every);
};

const listOf = (field: Field, text: string, steps = true): number[] =>
  [...new Set(text.split(',').flatMap((part) => partOf(field, part, steps)))].sort((a, b) => a - b);

const lengthOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
/** 1 is Sunday. */
const weekdayOf = (year: number, month: number, day: number): number => new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/** The weekday nearest to a day, in the same month. */
const nearestWeekday = (year: number, month: number, day: number): number => {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < lengthOf(year, month) ? day + 1 : day - 2;
  return day;
};

type OnDay = Cron['runsOn'];

const dayOfMonth = (text: string): OnDay => {
  if (text === 'L') return (year, month, day) => day === lengthOf(year, month);
  if (text === 'LW') return (year, month, day) => day === nearestWeekday(year, month, lengthOf(year, month));
  const [, near] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (near !== undefined) {
    const wanted = numberOf(dayField, near);
    return (year, month, day) => wanted <= lengthOf(year, month) && day === nearestWeekday(year, month, wanted);
  }
  const listed = new Set(listOf(dayField, text));
  return (_year, _month, day) => listed.has(day);
};

const dayOfWeek = (text: string): OnDay => {
  if (text === 'L') return (year, month, day) => weekdayOf(year, month, day) === 7;
  const [, last] = /^(\w{1,3})L$/.exec(text) ?? [];
  if (last !== undefined) {
    const wanted = numberOf(weekdayField, last);
    return (year, month, day) => weekdayOf(year, month, day) === wanted && day > lengthOf(year, month) - 7;
  }
  const [, which, nth] = /^(\w{1,3})#([1-5])$/.exec(text) ?? [];
  if (which !== undefined) {
    const wanted = numberOf(weekdayField, which);
    return (year, month, day) => weekdayOf(year, month, day) === wanted && Math.ceil(day / 7) === Number(nth);
  }
  const listed = new Set(listOf(weekdayField, text, false));
  return (year, month, day) => listed.has(weekdayOf(year, month, day));
};

/**
 * Parses `cron(0 2 ? * MON-FRI *)`.
 * @throws {Error} that says what is wrong
 */
export const parseCron = (text: string): Cron => {
  const [, inside] = /^cron\((.*)\)$/.exec(text.slice(0, longest + 1)) ?? [];
  const fields = inside?.trim().split(/\s+/) ?? [];
  if (text.length > longest || fields.length !== 6)
    throw new Error('must be cron(minutes hours day-of-month month day-of-week year), such as cron(0 2 ? * MON-FRI *)');
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  if ((day === '?') === (weekday === '?')) throw new Error('either the day of the month or the day of the week must be ?, and not both');
  const inMonths = new Set(listOf(monthField, month));
  const inYears = new Set(listOf(yearField, year));
  const onDay = day === '?' ? dayOfWeek(weekday.toUpperCase()) : dayOfMonth(day.toUpperCase());
  return {
    minutes: listOf(minuteField, minute),
    hours: listOf(hourField, hour),
    runsOn: (y, m, d) => inYears.has(y) && inMonths.has(m) && onDay(y, m, d),
  };
};

/** A time of a schedule. In the hour that a clock repeats in autumn, it comes twice: the run may be at either. */
export type ScheduledTime = { first: number; last: number };

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(timeZone, made);
  return made;
};

/** What a clock in the zone shows, as if it were UTC. */
const clockAt = (at: number, timeZone: string): number => {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

const dayMs = 86_400_000;

/** The moments at which a clock in the zone shows this; none in the hour that it skips in spring, two in the one that it repeats. */
const momentsOf = (shown: number, timeZone: string): number[] => {
  const offsets = new Set([shown - dayMs, shown + dayMs].map((around) => clockAt(around, timeZone) - around));
  return [...offsets]
    .map((offset) => shown - offset)
    .filter((at) => clockAt(at, timeZone) === shown)
    .sort((a, b) => a - b);
};

/** A schedule that has no run for so long has ended, or has none: `cron(0 0 30 2 ? *)`. */
const longestGap = 8 * 366;

/**
 * The newest time of a schedule that is over by `now`, its repetition in autumn included; null if there is none. As EventBridge Scheduler
 * has it, a time that doesn't exist in spring is skipped.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
export const lastTimeOf = ({ minutes, hours, runsOn }: Cron, timeZone: string, now: number): ScheduledTime | null => {
  // A clock that goes back has shown a later time before.
  const today = Math.floor(clockAt(now, timeZone) / dayMs) + 1;
  for (let back = 0; back <= longestGap; back++) {
    const date = new Date((today - back) * dayMs);
    if (!runsOn(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) continue;
    for (const hour of hours.toReversed()) {
      for (const minute of minutes.toReversed()) {
        const moments = momentsOf(date.getTime() + (hour * 60 + minute) * 60_000, timeZone);
        const [first, last = first] = moments;
        if (first !== undefined && last !== undefined && last <= now) return { first, last };
      }
    }
  }
  return null;
};
