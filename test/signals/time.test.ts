import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTime } from '../../shared/model/time.ts';

const moment = Date.UTC(2026, 10, 20, 13, 35, 12, 681);

describe('parseTime', () => {
  test.each([
    ['2026-11-20T13:35:12.681+0000', moment],
    ['2026-11-20T13:35:12.681Z', moment],
    ['2026-11-20T13:35:12.681', moment],
    ['2026-11-20T14:35:12.681+01:00', moment],
    ['2026-11-20T08:05:12.681-0530', moment],
    ['2026-11-20 13:35:12.681', moment],
    ['2026-11-20T13: 35: 12.681+0000', moment],
    ['2026-11-20T13:35:12.6812345Z', moment],
    ['2026-11-20T13:35:12Z', moment - 681],
    ['Fri, 20 Nov 2026 13:35:12 GMT', moment - 681],
    ['1970-01-01T00:00:00Z', 0],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2000-02-29T00:00:00.000+0000', Date.UTC(2000, 1, 29)],
    ['0099-03-01T00:00:00Z', Date.parse('0099-03-01T00:00:00Z')],
    ['2026-11-20T13:35:12.007Z', moment - 674],
    ['2026-11-20T13:35:12.681+14:00', moment - 14 * 3_600_000],
    ['2026-11-20T13:35:12.681-1200', moment + 12 * 3_600_000],
  ])('%s is %d', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  test.each([
    '',
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-20T25:00:00Z',
    '2026-11-20T12:60:00Z',
    '2026-11-20T12:00:61Z',
    '2026-11-20T12:00:99Z',
    '2026-02-31T12:00:00Z',
    '2027-02-29T12:00:00Z',
    '2100-02-29T12:00:00Z',
    '2026-04-31T12:00:00Z',
    '2026-06-31T12:00:00Z',
    '2026-09-31T12:00:00Z',
    '2026-11-31T12:00:00.000+0000',
    '2026-12-32T12:00:00Z',
    '2026-11-20T12:00:00.00xZ',
    '2026-00-10T12:00:00Z',
    '2026-11-00T12:00:00Z',
    '2026-11-20T12:00:00+99:99',
    '2026-11-20T12:00:00+14:01',
    '2026-11-20T12:00:00-05:60',
    'Sat, 31 Feb 2026 13:35:12 GMT',
    'Fri, 20 Nov 2026 24:00:00 GMT',
    'Fri, 20 Nov 2026 13:60:12 GMT',
    'Fri, 20 Nov 2026 13:35:99 GMT',
    'Fri, 20 Foo 2026 13:35:12 GMT',
    'Fri, 00 Nov 2026 13:35:12 GMT',
    '2026-11-20',
    '20 Nov',
    'x'.repeat(100),
    7,
    null,
    undefined,
    {},
  ])('%j is no time', (value) => {
    expect(parseTime(value)).toBeNull();
  });

  test('reads back every time that a clock can write', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) =>
        expect(parseTime(date.toISOString())).toBe(date.getTime()),
      ),
    );
  });
});
