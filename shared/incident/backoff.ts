/** When to try again: `initial` and `cap` in seconds, `attempts` the number of tries in all. */
export type Backoff = { initial: number; cap: number; attempts: number; factor?: number };

/**
 * Seconds to wait after the given attempt (1 for the first): exponential with full jitter, so anything between 0 and the bound,
 * evenly. Full jitter spreads clients that failed together further apart than any other form, for the same number of tries.
 * `random` is a number in [0, 1). See https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export const backoffSeconds = (attempt: number, { initial, cap, factor = 2 }: Backoff, random: number): number =>
  random * Math.min(cap, initial * factor ** (Math.max(1, attempt) - 1));
