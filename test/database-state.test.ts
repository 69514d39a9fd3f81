import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { windowEnd } from '../shared/model/database-state.ts';

/** 20 November 2026 was a Friday. */
const at = (day: number, time: string) => Date.parse(`2026-11-${day}T${time}Z`);

describe('a weekly window', () => {
  test.each([
    ['fri:12:00-fri:12:30', at(20, '12:00:00'), at(20, '12:30:00')],
    ['fri:12:00-fri:12:30', at(20, '12:29:59'), at(20, '12:30:00')],
    ['fri:12:00-fri:12:30', at(20, '12:30:00'), null],
    ['fri:12:00-fri:12:30', at(20, '11:59:59'), null],
    ['fri:12:00-fri:12:30', at(19, '12:10:00'), null],
    ['Fri:12:00-Fri:12:30', at(20, '12:10:00'), at(20, '12:30:00')],
    // Over midnight, and over the end of the week.
    ['fri:23:45-sat:00:15', at(21, '00:10:00'), at(21, '00:15:00')],
    ['sat:23:45-sun:00:15', at(22, '00:10:00'), at(22, '00:15:00')],
    ['sat:23:45-sun:00:15', at(21, '23:50:00'), at(22, '00:15:00')],
    ['sat:23:45-sun:00:15', at(22, '00:15:00'), null],
    ['sun:10:00-sat:10:00', at(20, '12:00:00'), at(21, '10:00:00')],
    ['sun:10:00-sat:10:00', at(21, '12:00:00'), null],
  ])('%s at %d ends at %p', (window, now, end) => {
    expect(windowEnd(window, now)).toBe(end);
  });

  test.each([
    '',
    'fri:12:00',
    'fri:12:00-fri:12:00',
    'fri:24:00-sat:01:00',
    'day:12:00-fri:13:00',
    'fri:12:00-fri:13:00-fri:14:00',
    '12:00-13:00',
  ])('%p is none', (window) => {
    expect(windowEnd(window, at(20, '12:00:00'))).toBeUndefined();
  });

  test('of any text is none, is closed, or ends within a week', () => {
    const week = 7 * 86_400_000;
    const time = fc
      .tuple(fc.constantFrom('sun', 'mon', 'sat'), fc.nat(23), fc.nat(59))
      .map(([day, h, m]) => `${day}:${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(time, time).map((both) => both.join('-')),
        ),
        fc.nat(4e12),
        (text, now) => {
          const end = windowEnd(text, now);
          if (typeof end === 'number') expect(end > now && end - now <= week).toBe(true);
        },
      ),
    );
  });
});
