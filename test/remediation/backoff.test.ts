import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRandom } from '#local-aws/random';
import { backoffSeconds } from '../../shared/model/backoff.ts';

const almostOne = 1 - Number.EPSILON;
const policies = fc.record({
  initial: fc.double({ min: 0.1, max: 3600, noNaN: true }),
  cap: fc.double({ min: 0.1, max: 86_400, noNaN: true }),
  attempts: fc.integer({ min: 1, max: 1000 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
});
const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  test('is a number between nothing and the cap, however often was tried', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 1_000_000 }), policies, draws, (attempt, policy, random) => {
        const seconds = backoffSeconds(attempt, policy, random);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(policy.cap);
        expect(Number.isFinite(seconds)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('has a bound that never falls from one attempt to the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), policies, (attempt, policy) => {
        expect(backoffSeconds(attempt + 1, policy, almostOne)).toBeGreaterThanOrEqual(backoffSeconds(attempt, policy, almostOne));
      }),
    );
  });

  test('doubles its bound from the first attempt until the cap', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 99].map((attempt) => backoffSeconds(attempt, { initial: 15, cap: 300, attempts: 100 }, 1));
    expect(bounds).toEqual([15, 30, 60, 120, 240, 300, 300]);
  });

  test('grows by another factor where one is given', () => {
    expect(backoffSeconds(3, { initial: 2, cap: 1000, attempts: 9, factor: 3 }, 1)).toBe(18);
  });

  test('takes any attempt before the first for the first', () => {
    const policy = { initial: 7, cap: 100, attempts: 3 };
    expect([0, -1, -100].map((attempt) => backoffSeconds(attempt, policy, 1))).toEqual([7, 7, 7]);
  });

  test('spreads evenly over the whole of its range: full jitter', () => {
    const { next } = createRandom(7);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const tenth = Math.floor((backoffSeconds(4, { initial: 10, cap: 60, attempts: 9 }, next()) / 60) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 2,000 are expected in each; a deviation of 200 is more than four and a half standard deviations.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});
