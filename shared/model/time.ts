import { dayMs, minuteMs } from './duration.ts';

const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
const rfc1123 = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC)$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The largest UTC offset, in minutes: https://data.iana.org/time-zones/tzdb/australasia (Kiritimati). */
const maxOffsetMinutes = 14 * 60;

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

/** The calendar repeats after 400 years. */
const cycle = { years: 400, ms: 146_097 * dayMs };

/** Milliseconds since the epoch of a date and time in UTC, or null for one that doesn't exist. `month` counts from one. */
const utc = (year: number, month: number, day: number, hour: number, minute: number, second: number): number | null => {
  // A leap second is counted as the first second of the next minute.
  const last = second === 60 ? 59 : second;
  if (hour > 23 || minute > 59 || last > 59 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  // Date.UTC maps years below 100 to the last century.
  return Date.UTC(year + cycle.years, month - 1, day, hour, minute, second) - cycle.ms;
};

const offsetOf = (sign: string | undefined, hours: string, minutes: string): number | null => {
  const [hour, minute] = [Number(hours), Number(minutes)];
  const offset = hour * 60 + minute;
  if (minute > 59 || offset > maxOffsetMinutes) return null;
  return offset * minuteMs * (sign === '-' ? -1 : 1);
};

/** The form in which CloudWatch writes the times of alarms, and most services those of events. */
const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|\+0000)$/;

/** The number in some digits of a text. */
const digits = (text: string, from: number, count: number): number => {
  let number = 0;
  for (let at = from; at < from + count; at++) number = number * 10 + text.charCodeAt(at) - 48;
  return number;
};

/** Reads the usual form by where its digits stand: a seventh of the time that it takes to cut them out as texts. */
const parseUsual = (text: string): number | null => {
  const second = utc(
    digits(text, 0, 4),
    digits(text, 5, 2),
    digits(text, 8, 2),
    digits(text, 11, 2),
    digits(text, 14, 2),
    digits(text, 17, 2),
  );
  return second === null ? null : second + (text[19] === '.' ? digits(text, 20, 3) : 0);
};

/**
 * Parses a time as AWS writes it into milliseconds since the epoch, or null: `2026-11-20T13:35:12.681+0000` (alarms), `…Z` (EventBridge),
 * `2026-11-20 13:35:12.681` (RDS over SNS, UTC), `Fri, 20 Nov 2026 13:35:12 GMT` (AWS Health). Stray white space is tolerated.
 */
export const parseTime = (value: unknown): number | null => {
  if (typeof value !== 'string' || value.length > 64) return null;
  if (usual.test(value)) return parseUsual(value);
  const match =
    iso.exec(value) ??
    iso.exec(
      value
        .replace(/\s+/g, ' ')
        .replace(/ ?([:T.+-]) ?/g, '$1')
        .trim(),
    );
  if (match === null) {
    const rfc = rfc1123.exec(value);
    if (rfc === null) return null;
    const [, day, month = '', year, hour, minute, second] = rfc;
    return utc(Number(year), months.indexOf(month) + 1, Number(day), Number(hour), Number(minute), Number(second));
  }
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const local = utc(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  const offset = offsetOf(sign, offsetHours, offsetMinutes);
  return local === null || offset === null ? null : local + Number(fraction.slice(0, 3).padEnd(3, '0')) - offset;
};
