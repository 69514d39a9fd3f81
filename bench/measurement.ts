/** One figure; `name` is stable, so that runs can be compared. */
export type Measurement = { name: string; value: number; unit: string };

export const round = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The value below which a share of all lie. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** The median of times in seconds, and what one in a hundred takes longer than. */
export const timesTaken = (name: string, seconds: readonly number[]): Measurement[] =>
  [0.5, 0.99].map((share) => ({ name: `${name}_p${share * 100}_s`, value: round(percentile(seconds, share)), unit: 's' }));

export const median = (values: readonly number[]): number => percentile(values, 0.5);
