import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { secondsToCalm } from '../../shared/incident/calm.ts';

const calm = { fromHour: 2, toHour: 5 };
const at = (time: string) => Date.parse(`2026-11-20T${time}Z`);
const hour = 3600;

describe('calm hours', () => {
  test.each([
    ['at their beginning', '02:00:00', 0],
    ['in their midst', '03:30:00', 0],
    ['in their last second', '04:59:59', 0],
    ['just before them', '01:59:59', 1],
    ['at midnight', '00:00:00', 2 * hour],
    ['just as they are over', '05:00:00', 21 * hour],
    ['at noon', '12:00:00', 14 * hour],
  ])('are that far away %s', (_, time, wait) => {
    expect(secondsToCalm(at(time), calm, undefined)).toBe(wait);
  });

  test.each([
    ['a day after them', '2026-11-22T00:00:00Z', 14 * hour],
    ['two hours after they begin', '2026-11-21T04:00:00Z', 14 * hour],
    ['a second less than two hours after they begin', '2026-11-21T03:59:59Z', 0],
    ['before they begin', '2026-11-20T20:00:00Z', 0],
    ['over already', '2026-11-20T11:00:00Z', 0],
  ])('wait for no deadline that is %s', (_, deadline, wait) => {
    expect(secondsToCalm(at('12:00:00'), calm, deadline)).toBe(wait);
  });

  test('wait as without a deadline where it cannot be read', () => {
    expect(secondsToCalm(at('12:00:00'), calm, 'soon')).toBe(14 * hour);
  });

  test('are at most a day away, and reached after exactly that wait', () => {
    const hours = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 1, max: 24 })).filter(([from, to]) => from < to);
    const now = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
    fc.assert(
      fc.property(now, hours, (time, [fromHour, toHour]) => {
        const wait = secondsToCalm(time, { fromHour, toHour }, undefined);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(24 * hour);
        const then = new Date(time + wait * 1000).getUTCHours();
        expect(then >= fromHour && then < toHour).toBe(true);
      }),
    );
  });
});
