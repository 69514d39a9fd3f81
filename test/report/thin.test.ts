import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../local/report/data.ts';
import { renderReport } from '../../local/report/render.ts';
import { stepsOf, thinHealth, thinOut } from '../../local/report/thin.ts';
import { noon } from '../remediation/examples.ts';
import { input, minute } from './examples.ts';

const sample = (at: number, impaired: number) => ({ at, healthy: 3, impaired, stopped: 0 });

describe('thinning', () => {
  test('keeps of health what changes, and its end', () => {
    expect(stepsOf([sample(0, 0), sample(1, 0), sample(2, 1), sample(3, 1), sample(4, 1)]).map(({ at }) => at)).toEqual([0, 2, 4]);
    expect(stepsOf([])).toEqual([]);
  });

  test('keeps the beginning, the end, the worst and the best, in order, and not many more than it may', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 400 }), fc.integer({ min: 4, max: 100 }), (values, most) => {
        const samples = values.map((impaired, at) => sample(at, impaired));
        const kept = thinHealth(samples, most);
        expect(kept.length).toBeLessThanOrEqual(most + 2);
        expect([kept[0], kept.at(-1)]).toEqual([samples[0], samples.at(-1)]);
        const impaired = kept.map((one) => one.impaired);
        expect([Math.min(...impaired), Math.max(...impaired)]).toEqual([Math.min(...values), Math.max(...values)]);
        expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).sort((a, b) => a - b));
        if (samples.length <= most) expect(kept).toEqual(samples);
      }),
    );
  });

  test('spreads evenly what it keeps', () => {
    expect(thinOut([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([0, 2, 4, 6, 8]);
    expect(thinOut([1, 2], 5)).toEqual([1, 2]);
  });

  test('is told on the page', () => {
    const health = Array.from({ length: 200_000 }, (_, i) => sample(noon + i * minute, i % 7));
    const page = renderReport(input({ health }));
    expect(page.includes('of 200,000 changes: the best and the worst of each stretch of time.')).toBe(true);
    expect(page.length).toBeLessThan(400_000 + limits.health * 100);
  });
});
