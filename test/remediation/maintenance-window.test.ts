import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maintenanceSlot, spreadOf } from '../../shared/remediation/maintenance-window.ts';

const calm = { fromHour: 2, toHour: 5, timeZone: 'UTC' };
const minute = 60_000;
const hour = 60 * minute;
const on = (time: string) => Date.parse(`${time}Z`);
const at = (time: string) => on(`2026-11-20T${time}`);
/** The beginning of the window, for the first in turn. */
const first = (now: number, hours = calm, deadline?: string) => maintenanceSlot(now, hours, deadline, 0);
const wait = (now: number, hours = calm, deadline?: string) => (first(now, hours, deadline).at - now) / 1000;

describe('a maintenance window', () => {
  test.each([
    ['at their beginning', '02:00:00', 0],
    ['in their midst', '03:30:00', 0],
    ['while there is time to begin', '04:44:59', 0],
    ['in their last minutes', '04:45:00', 21.25 * 3600],
    ['just before them', '01:59:59', 1],
    ['at midnight', '00:00:00', 2 * 3600],
    ['just as they are over', '05:00:00', 21 * 3600],
    ['at noon', '12:00:00', 14 * 3600],
  ])('are that far away %s', (_, time, seconds) => {
    expect(wait(at(time))).toBe(seconds);
  });

  test.each([
    ['a day after them', '2026-11-22T00:00:00Z', 14 * 3600],
    ['two hours after they begin', '2026-11-21T04:00:00Z', 14 * 3600],
    ['a second less than two hours after they begin', '2026-11-21T03:59:59Z', 0],
    ['before they begin', '2026-11-20T20:00:00Z', 0],
    ['over already', '2026-11-20T11:00:00Z', 0],
  ])('wait for no deadline that is %s', (_, deadline, seconds) => {
    expect(wait(at('12:00:00'), calm, deadline)).toBe(seconds);
  });

  test('wait as without a deadline where it cannot be read', () => {
    for (const deadline of ['soon', '2026-02-30T00:00:00Z']) expect(wait(at('12:00:00'), calm, deadline)).toBe(14 * 3600);
  });

  test('are not waited for in their last minutes where the deadline comes before the next ones', () => {
    expect(maintenanceSlot(at('04:50:00'), calm, '2026-11-20T12:00:00Z', 0.5)).toEqual({ at: at('04:50:00'), window: null });
  });

  test('may go over midnight', () => {
    const night = { ...calm, fromHour: 22, toHour: 4 };
    expect(wait(at('12:00:00'), night)).toBe(10 * 3600);
    for (const inside of ['22:00:00', '23:59:59', '00:00:00', '03:44:59']) expect(wait(at(inside), night)).toBe(0);
    expect(first(at('01:00:00'), night).window).toEqual({ last: at('03:45:00'), over: at('04:00:00') });
    expect(wait(at('03:45:00'), night)).toBe(18.25 * 3600);
    expect(wait(at('04:00:00'), night)).toBe(18 * 3600);
  });

  test('are all hours from 0 to 24, at no time of which anything has to wait', () => {
    const always = { ...calm, fromHour: 0, toHour: 24 };
    for (const time of ['00:00:00', '12:00:00', '23:59:59'])
      expect(maintenanceSlot(at(time), always, undefined, 0.7)).toEqual({ at: at(time), window: null });
  });

  test('are shared by all that wait for them, each in its turn and none too late', () => {
    const slots = [0, 0.25, 0.999_999].map((spread) => maintenanceSlot(at('12:00:00'), calm, undefined, spread));
    const [begin, end] = [on('2026-11-21T02:00:00'), on('2026-11-21T04:45:00')];
    expect(slots.map((slot) => Math.round((slot.at - begin) / minute))).toEqual([0, 41, 165]);
    for (const slot of slots) expect(slot).toMatchObject({ window: { last: end, over: on('2026-11-21T05:00:00') } });
    // Those that come in the midst of them have what is left, and a deadline cuts that short.
    expect(maintenanceSlot(at('04:15:00'), calm, undefined, 0.5).at).toBe(at('04:30:00'));
    expect(maintenanceSlot(at('02:00:00'), calm, '2026-11-20T06:00:00Z', 0.5)).toEqual({
      at: at('03:00:00'),
      window: { last: at('04:00:00'), over: at('05:00:00') },
    });
  });
});

describe('a maintenance window in a time zone', () => {
  const berlin = { ...calm, timeZone: 'Europe/Berlin' };
  test.each([
    ['in winter', '2026-01-15T00:00:00', 3600],
    ['in summer', '2026-07-15T00:00:00', 0],
    ['in summer, an hour before', '2026-07-14T23:00:00', 3600],
  ])('are by its clocks %s', (_, now, seconds) => {
    expect(wait(on(now), berlin)).toBe(seconds);
  });

  test.each([
    // Clocks are put forward on 29 March at 01:00 UTC, from two to three, and back on 25 October at 01:00 UTC, from three to two.
    [
      'begin when the hour that is skipped would have',
      { ...berlin, fromHour: 2, toHour: 5 },
      '2026-03-28T12:00:00',
      '2026-03-29T01:00:00',
      '2026-03-29T03:00:00',
    ],
    [
      'are not there where all of it is skipped',
      { ...berlin, fromHour: 2, toHour: 3 },
      '2026-03-28T12:00:00',
      '2026-03-30T00:00:00',
      '2026-03-30T01:00:00',
    ],
    [
      'have the hour that comes twice',
      { ...berlin, fromHour: 2, toHour: 5 },
      '2026-10-24T12:00:00',
      '2026-10-25T00:00:00',
      '2026-10-25T04:00:00',
    ],
    [
      'are over at the first end that a clock shows',
      { ...berlin, fromHour: 22, toHour: 2 },
      '2026-10-24T12:00:00',
      '2026-10-24T20:00:00',
      '2026-10-25T00:00:00',
    ],
    ['go over midnight', { ...berlin, fromHour: 22, toHour: 4 }, '2026-07-15T00:30:00', '2026-07-15T00:30:00', '2026-07-15T02:00:00'],
    ['know of half hours', { ...calm, timeZone: 'Asia/Kolkata' }, '2026-11-20T12:00:00', '2026-11-20T20:30:00', '2026-11-20T23:30:00'],
    [
      'are days ahead on the other side of the world',
      { ...calm, timeZone: 'Pacific/Kiritimati' },
      '2026-11-20T11:00:00',
      '2026-11-20T12:00:00',
      '2026-11-20T15:00:00',
    ],
  ])('%s', (_, hours, now, begin, over) => {
    expect(first(on(now), hours)).toEqual({ at: on(begin), window: { last: on(over) - 15 * minute, over: on(over) } });
  });

  test('are within a day or two, and what is begun there is begun in them and has its time', () => {
    const hours = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 1, max: 24 }))
      .filter(([from, to]) => from !== to && to - from !== 24);
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const now = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
    const spread = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(now, hours, zones, spread, (time, [fromHour, toHour], timeZone, turn) => {
        const slot = maintenanceSlot(time, { fromHour, toHour, timeZone }, undefined, turn);
        expect(slot.at).toBeGreaterThanOrEqual(time);
        expect(slot.at - time).toBeLessThan(50 * hour);
        expect(slot.at).toBeLessThanOrEqual(slot.window?.last ?? 0);
        const shown = Number(new Intl.DateTimeFormat('en-US', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(slot.at));
        expect(toHour > fromHour ? shown >= fromHour && shown < toHour : shown >= fromHour || shown < toHour).toBe(true);
      }),
    );
  });
});

test('turns are the same whenever they are asked for, and spread evenly', () => {
  const turns = Array.from({ length: 1000 }, (_, i) => spreadOf(`instance-retiring-${i}`));
  expect(turns).toEqual(Array.from({ length: 1000 }, (_, i) => spreadOf(`instance-retiring-${i}`)));
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = turns.filter((turn) => Math.floor(turn * 10) === tenth).length;
    expect(share).toBeGreaterThan(60);
    expect(share).toBeLessThan(140);
  }
});
