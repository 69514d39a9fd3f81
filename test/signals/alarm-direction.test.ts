import { describe, expect, test } from '@jest/globals';
import { datapointsOf, directionOf, missingOf } from '../../shared/signals/alarm-direction.ts';

const data = (recentDatapoints: unknown, threshold: unknown = 10, more: object = {}) => ({ recentDatapoints, threshold, ...more });
const evaluated = (...points: Array<[minute: number, value?: number]>) => ({
  evaluatedDatapoints: points.map(([minute, value]) => ({
    timestamp: `2026-11-20T13:${minute}:00.000+0000`,
    ...(value === undefined ? {} : { value }),
  })),
});
const of = (
  reasonData: ReturnType<typeof data> | null,
  okData: ReturnType<typeof data> | null = null,
  operator: string | null = null,
  missing: 'all' | 'some' | 'none' = 'none',
) => {
  return directionOf({ operator, reasonData, okData, missing });
};

describe('directionOf', () => {
  test.each([
    ['GreaterThanThreshold', 'above'],
    ['GreaterThanOrEqualToThreshold', 'above'],
    ['GreaterThanUpperThreshold', 'above'],
    ['LessThanThreshold', 'below'],
    ['LessThanOrEqualToThreshold', 'below'],
    ['LessThanLowerThreshold', 'below'],
    ['LessThanLowerOrGreaterThanUpperThreshold', 'unknown'],
    ['EqualToThreshold', 'unknown'],
  ])('%s means %s', (operator, expected) => {
    expect(of(null, null, operator)).toBe(expected);
  });

  test('the operator counts for more than the datapoints', () => {
    expect(of(data([3]), null, 'GreaterThanThreshold')).toBe('above');
  });

  test.each([
    ['above', data([11, 12]), null],
    ['below', data([9, 1]), null],
    ['at-threshold', data([10, 10]), null],
    ['above', data([10]), data([9])],
    ['below', data([10]), data([11])],
    ['at-threshold', data([10]), data([9, 11])],
    ['at-threshold', data([10]), data([9], 12)],
    ['at-threshold', data([10]), data([10])],
    ['above', data([10, 11]), data([3])],
    ['unknown', data([10, 11]), null],
    ['unknown', data([9, 11]), null],
    ['above', data([9, 11], 10, evaluated([31, 9], [32, 11])), null],
    ['below', data([9, 11], 10, evaluated([32, 9], [31, 11])), null],
    ['unknown', data([9, 11], 10, evaluated([31, 11], [32])), null],
    ['unknown', data([9, 11, 10], 10, evaluated([31, 11], [32, 10])), null],
    ['unknown', data([9, 11], 10, { evaluatedDatapoints: 'none' }), null],
    ['unknown', data([]), null],
    ['unknown', data('11'), null],
    ['unknown', data([11], 'high'), null],
    ['above', data([11], '10'), null],
    ['unknown', null, data([9])],
    ['above', { recentDatapoints: [9], threshold: undefined, recentUpperThresholds: [5], recentLowerThresholds: [1] }, null],
    ['below', { recentDatapoints: [0], threshold: undefined, recentUpperThresholds: [5], recentLowerThresholds: [1] }, null],
    ['unknown', { recentDatapoints: [3], threshold: undefined, recentUpperThresholds: [5], recentLowerThresholds: [1] }, null],
    ['unknown', { recentDatapoints: [9, 0], threshold: undefined, recentUpperThresholds: [5, 5], recentLowerThresholds: [1, 1] }, null],
  ])('%s: %j after %j', (expected, reasonData, okData) => {
    expect(of(reasonData as ReturnType<typeof data>, okData)).toBe(expected);
  });

  test('nothing follows from the present datapoints where missing ones breached', () => {
    expect(of(data([11]), null, null, 'some')).toBe('unknown');
    expect(of(data([11]), null, 'GreaterThanThreshold', 'some')).toBe('above');
  });
});

describe('missingOf', () => {
  test.each([
    ['all', null, 'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].'],
    ['all', data([]), ''],
    ['some', null, 'Threshold Crossed: 1 datapoint [1.0] was greater, and 1 missing datapoint was treated as [Breaching].'],
    ['some', data([1], 10, evaluated([31, 1], [32])), ''],
    ['none', data([1], 10, evaluated([31, 1])), 'Threshold Crossed'],
    ['none', null, ''],
  ] as const)('%s: %j %s', (expected, reasonData, reason) => {
    expect(missingOf(reasonData as ReturnType<typeof data> | null, reason)).toBe(expected);
  });

  test('datapoints that are no numbers are none', () => {
    expect(datapointsOf({ recentDatapoints: [1, null, '2', 3] })).toEqual([1, 3]);
    expect(datapointsOf(null)).toEqual([]);
  });
});
