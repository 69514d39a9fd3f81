import { describe, expect, test } from '@jest/globals';
import { formatDuration, hours, minutes, seconds } from '../../shared/incident/duration.ts';

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
