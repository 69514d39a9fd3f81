const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/;
const rfc1123 = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC)$/;

/**
 * Milliseconds since the epoch of a time as AWS writes it, or null: `2026-11-20T13:35:12.681+0000` (alarms), `…Z` (EventBridge),
 * `2026-11-20 13:35:12.681` (RDS over SNS, UTC), `Fri, 20 Nov 2026 13:35:12 GMT` (AWS Health). Stray white space inside is tolerated.
 */
export const parseTime = (value: unknown): number | null => {
  if (typeof value !== 'string' || value.length > 64) return null;
  const match =
    iso.exec(value) ??
    iso.exec(
      value
        .replace(/\s+/g, ' ')
        .replace(/ ?([:T.+-]) ?/g, '$1')
        .trim(),
    );
  if (match === null) {
    const parsed = rfc1123.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(parsed) ? null : parsed;
  }
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // Date.UTC rolls 31 February over into March: a date that doesn't exist is no time.
  const check = new Date(local);
  if (check.getUTCMonth() !== Number(month) - 1 || check.getUTCDate() !== Number(day) || Number(hour) > 23 || Number(minute) > 59)
    return null;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return local + Number(fraction.slice(0, 3).padEnd(3, '0')) - offset;
};
