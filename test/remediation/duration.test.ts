import { describe, expect, test } from '@jest/globals';
import { duration, formatDuration, hours, limit, minutes, parseDuration, seconds, secondsOf } from '../../shared/model/duration.ts';

describe('durations', () => {
  test('are seconds, whatever they are written in', () => {
    expect([seconds(15), minutes(5), hours(2)]).toEqual([15, 300, 7200]);
  });

  test.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59, '59 s'],
    [59.5, '1 min 00 s'],
    [60, '1 min 00 s'],
    [245, '4 min 05 s'],
    [3599, '59 min 59 s'],
    [3599.6, '1 h 00 min'],
    [3600, '1 h 00 min'],
    [7265, '2 h 01 min'],
    [360_000, '100 h 00 min'],
  ])('reads %d seconds as %s', (total, text) => {
    expect(formatDuration(total)).toBe(text);
  });
});

describe('a duration as people write it', () => {
  test.each([
    ['90s', 90],
    ['+5m', 300],
    ['1h30m', 5400],
    ['2d', 172_800],
    ['0s', 0],
  ])('%s is %i s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
    expect(duration.parse(text)).toBe(expected);
  });

  test.each(['', '+', '5', 'm', '-5m', '5 m', '1m1h', '1.5h', '99999999s', 300, null])('is not %j', (given) => {
    expect(parseDuration(String(given))).toBeUndefined();
    expect(duration.safeParse(given).error?.issues).toEqual([
      expect.objectContaining({ message: 'must be a duration such as 90s, 5m or 1h30m' }),
    ]);
  });

  test('is some number of seconds, once it has been checked', () => {
    expect(secondsOf('1h30m')).toBe(5400);
    expect(() => secondsOf('soon')).toThrow('"soon" must be a duration such as 90s, 5m or 1h30m');
  });
});

describe('a limit', () => {
  const window = limit('1m', '7d');

  test.each(['1m', '24h', '7d'])('may be %s, and stays so', (text) => {
    expect(window.parse(text)).toBe(text);
  });

  test.each(['59s', '7d1s', '+5m', '', 'soon'])('may not be %j', (text) => {
    expect(window.safeParse(text).error?.issues[0]?.message).toBe('must be a duration from 1m to 7d, such as 90s, 5m or 1h30m');
  });

  test('may not be a bare number, of which nobody knows the unit', () => {
    expect(window.safeParse(300).success).toBe(false);
  });
});
