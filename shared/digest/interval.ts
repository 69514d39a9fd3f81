import type { Share } from './schema.ts';

/** The quantile of the normal distribution for an interval of 95 %. */
const z = 1.959964;

/**
 * A share with Wilson's score interval of 95 %, which holds for few and for extreme counts.
 * https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm
 */
export const shareOf = (times: number, of: number): Share => {
  if (of === 0) return { times, of, low: 0, high: 1 };
  const share = times / of;
  const middle = share + (z * z) / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const whole = 1 + (z * z) / of;
  // Exact at the ends, where rounding would leave them just beside it.
  return { times, of, low: times === 0 ? 0 : (middle - half) / whole, high: times === of ? 1 : (middle + half) / whole };
};

/** The smallest of the values that at least this share of them does not exceed; 0 without values. They are sorted. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
