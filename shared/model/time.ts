import { minuteMs } from './duration.ts';

const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
const rfc1123 = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC)$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The largest UTC offset, in minutes: https://data.iana.org/time-zones/tzdb/australasia (Kiritimati). */
const maxOffsetMinutes = 14 * 60;

/** Milliseconds since the epoch of a date and time in UTC, or null for one that doesn't exist. `month` counts from one. */
const utc = (year: number, month: number, day: number, hour: number, minute: number, second: number): number | null => {
  // A leap second is counted as the first second of the next minute.
  const last = second === 60 ? 59 : second;
  if (hour > 23 || minute > 59 || last > 59) return null;
  const at = new Date(0);
  // Date.UTC maps years below 100 to the last century.
  at.setUTCFullYear(year, month - 1, day);
  // Dates such as 31 February roll over into the next month; they are invalid.
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return null;
  return at.setUTCHours(hour, minute, second);
};

const offsetOf = (sign: string | undefined, hours: string, minutes: string): number | null => {
  const [hour, minute] = [Number(hours), Number(minutes)];
  const offset = hour * 60 + minute;
  if (minute > 59 || offset > maxOffsetMinutes) return null;
  return offset * minuteMs * (sign === '-' ? -1 : 1);
};

/** The form in which CloudWatch writes the times of alarms, and most services those of events. */
const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|\+0000)$/;

const zero = 0x30;

/** The number in two digits of a text. */
const two = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 11 * zero;

/** Reads the usual form by where its digits stand: a fifth of the time that it takes to cut them out as texts. */
const parseUsual = (text: string): number | null => {
  const second = utc(two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8), two(text, 11), two(text, 14), two(text, 17));
  return second === null ? null : second + (text[19] === '.' ? two(text, 20) * 10 + Number(text[22]) : 0);
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
    const [, day, month = '', year, hour, minute, second] = rfc1123.exec(value) ?? [];
    return utc(Number(year), months.indexOf(month) + 1, Number(day), Number(hour), Number(minute), Number(second));
  }
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const local = utc(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  const offset = offsetOf(sign, offsetHours, offsetMinutes);
  return local === null || offset === null ? null : local + Number(fraction.slice(0, 3).padEnd(3, '0')) - offset;
};
