import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lastTimeOf, parseCron } from '../shared/model/cron.ts';

const at = (text: string): number => Date.parse(text);
const lastBefore = (expression: string, now: string, timeZone = 'UTC'): string[] | null => {
  const found = lastTimeOf(parseCron(expression), timeZone, at(now));
  return found && [...new Set([found.first, found.last])].map((one) => new Date(one).toISOString().slice(0, 16));
};

describe('a cron schedule', () => {
  test.each([
    ['weekdays, on a Saturday', 'cron(0 2 ? * MON-FRI *)', '2026-03-07T12:00:00Z', ['2026-03-06T02:00']],
    ['weekdays, on a Monday before its time', 'cron(0 2 ? * MON-FRI *)', '2026-03-09T01:59:59Z', ['2026-03-06T02:00']],
    ['weekdays, at its time', 'cron(0 2 ? * MON-FRI *)', '2026-03-09T02:00:00Z', ['2026-03-09T02:00']],
    ['weekdays by number, of which 1 is Sunday', 'cron(0 2 ? * 2-6 *)', '2026-03-08T12:00:00Z', ['2026-03-06T02:00']],
    ['Sundays by number', 'cron(0 2 ? * 1 *)', '2026-03-10T12:00:00Z', ['2026-03-08T02:00']],
    ['every ten minutes', 'cron(0/10 * * * ? *)', '2026-03-10T12:19:00Z', ['2026-03-10T12:10']],
    ['every ten minutes in office hours', 'cron(*/10 8-17 ? * MON-FRI *)', '2026-03-09T03:00:00Z', ['2026-03-06T17:50']],
    ['a list', 'cron(15,45 6,18 * * ? *)', '2026-03-10T12:19:00Z', ['2026-03-10T06:45']],
    ['the last day of the month', 'cron(0 5 L * ? *)', '2028-03-15T00:00:00Z', ['2028-02-29T05:00']],
    ['the last weekday of the month', 'cron(0 5 LW * ? *)', '2026-06-15T00:00:00Z', ['2026-05-29T05:00']],
    ['the weekday nearest to a Sunday', 'cron(0 5 15W * ? *)', '2026-03-20T00:00:00Z', ['2026-03-16T05:00']],
    ['the weekday nearest to the first, a Saturday, in the same month', 'cron(0 5 1W * ? *)', '2026-08-20T00:00:00Z', ['2026-08-03T05:00']],
    ['the weekday nearest to the last, a Sunday, in the same month', 'cron(0 5 31W * ? *)', '2026-06-15T00:00:00Z', ['2026-05-29T05:00']],
    ['a day that February lacks', 'cron(0 5 31 * ? *)', '2026-03-15T00:00:00Z', ['2026-01-31T05:00']],
    ['the second Tuesday', 'cron(0 9 ? * 3#2 *)', '2026-03-31T00:00:00Z', ['2026-03-10T09:00']],
    ['the last Friday', 'cron(0 9 ? * 6L *)', '2026-03-26T00:00:00Z', ['2026-02-27T09:00']],
    ['the last day of the week', 'cron(0 9 ? * L *)', '2026-03-10T00:00:00Z', ['2026-03-07T09:00']],
    ['a month by name', 'cron(0 9 1 JAN,JUL ? *)', '2026-03-26T00:00:00Z', ['2026-01-01T09:00']],
    ['a year that is over', 'cron(0 9 1 1 ? 2024)', '2026-03-26T00:00:00Z', ['2024-01-01T09:00']],
    ['a year to come', 'cron(0 9 1 1 ? 2030)', '2026-03-26T00:00:00Z', null],
    ['a day that no year has', 'cron(0 9 30 2 ? *)', '2026-03-26T00:00:00Z', null],
    ['a leap day', 'cron(0 9 29 2 ? *)', '2027-03-26T00:00:00Z', ['2024-02-29T09:00']],
  ])('of %s', (_, expression, now, expected) => {
    expect(lastBefore(expression, now)).toEqual(expected);
  });

  test.each([
    ['in winter', '2026-03-27T12:00:00Z', ['2026-03-27T01:30']],
    ['that does not exist on the night in spring, so the one before counts', '2026-03-29T12:00:00Z', ['2026-03-28T01:30']],
    ['on the day after', '2026-03-30T12:00:00Z', ['2026-03-30T00:30']],
    ['that comes twice in autumn, while the second is still to come', '2026-10-25T01:00:00Z', ['2026-10-24T00:30']],
    ['that comes twice in autumn, once both are over', '2026-10-25T01:30:00Z', ['2026-10-25T00:30', '2026-10-25T01:30']],
    ['in winter again', '2026-10-26T12:00:00Z', ['2026-10-26T01:30']],
  ])('has a time of a zone, 02:30 in Berlin, %s', (_, now, expected) => {
    expect(lastBefore('cron(30 2 * * ? *)', now, 'Europe/Berlin')).toEqual(expected);
  });

  test.each([
    ['by half an hour', 'cron(45 1 * * ? *)', '2026-04-04T20:00:00Z', 'Australia/Lord_Howe', ['2026-04-04T14:45', '2026-04-04T15:15']],
    ['at midnight', 'cron(30 0 * * ? *)', '2026-04-24T12:00:00Z', 'Africa/Cairo', ['2026-04-22T22:30']],
    ['beyond the date line', 'cron(0 2 ? * MON-FRI *)', '2026-03-08T12:30:00Z', 'Pacific/Kiritimati', ['2026-03-08T12:00']],
    ['west of it', 'cron(0 23 * * ? *)', '2026-03-10T09:59:00Z', 'Pacific/Pago_Pago', ['2026-03-09T10:00']],
  ])('knows a zone whose clock changes %s', (_, expression, now, zone, expected) => {
    expect(lastBefore(expression, now, zone)).toEqual(expected);
  });

  test('has times that its clock shows, none after now, and at each the last one is that time itself', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
    const instant = fc.integer({ min: at('2024-01-01'), max: at('2031-01-01') });
    const seen = fc.property(instant, fc.constantFrom(...zones), fc.nat(59), fc.nat(23), (now, zone, minute, hour) => {
      const schedule = parseCron(`cron(${minute} ${hour} ? * MON-FRI *)`);
      const found = lastTimeOf(schedule, zone, now);
      if (!found) return false;
      const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit' });
      const pad = (n: number) => String(n).padStart(2, '0');
      return (
        found.last <= now &&
        now - found.last <= 5 * 86_400_000 &&
        [found.first, found.last].every(
          (one) => /^(?!S)/.test(shown.format(one)) && shown.format(one).endsWith(`${pad(hour)}:${pad(minute)}`),
        ) &&
        lastTimeOf(schedule, zone, found.last)?.last === found.last
      );
    });
    fc.assert(seen, { numRuns: 200 });
  });

  test.each([
    ['0 2 * * ? *', 'must be cron('],
    ['cron(0 2 * * *)', 'must be cron('],
    ['cron(0 2 * * * *)', 'must be ?'],
    ['cron(0 2 ? * ? *)', 'must be ?'],
    ['cron(60 2 * * ? *)', 'minutes: "60" is not between 0 and 59'],
    ['cron(0 24 * * ? *)', 'hours'],
    ['cron(0 2 32 * ? *)', 'day of the month'],
    ['cron(0 2 ? * 0 *)', 'day of the week'],
    ['cron(0 2 ? * FRI-MON *)', 'runs backwards'],
    ['cron(0 2 ? * MON/2 *)', "can't be read"],
    ['cron(0/0 2 * * ? *)', "can't be read"],
    ['cron(0 2 L-3 * ? *)', 'day of the month'],
    ['cron(0 2 ? * MON#6 *)', 'day of the week'],
    ['cron(0 2 1 FOO ? *)', 'nor a name'],
    ['cron(0 2 1 * ? 1969)', 'year'],
    [`cron(${'0,'.repeat(200)}0 2 1 * ? *)`, 'must be cron('],
  ])('is refused as %s', (text, why) => {
    expect(() => parseCron(text)).toThrow(why);
  });

  test('of any text either can be read or says why not', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^cron\([0-9*?/,#LWA-Z -]{0,40}\)$/));
    const readable = fc.property(text, (given) => {
      try {
        lastTimeOf(parseCron(given), 'UTC', at('2026-03-01'));
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(200);
      }
    });
    fc.assert(readable);
  });
});
