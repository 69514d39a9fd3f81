/** When to try again: `initial` and `cap` in seconds, `attempts` the number of tries in all. */
export type Backoff = { initial: number; cap: number; attempts: number; factor?: number };

/** For what somebody waits for, or that does no harm where it can't be had: seconds of trying, no more. */
export const brief: Backoff = { initial: 2, cap: 30, attempts: 4 };
/** What is tried again elsewhere, or not at all. */
export const onceOnly: Backoff = { ...brief, attempts: 1 };

/**
 * Seconds to wait after the given attempt (1 for the first): exponential with full jitter, so anything between 0 and the bound,
 * evenly. Full jitter spreads clients that failed together further apart than any other form, for the same number of tries.
 * `random` is a number in [0, 1). See https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export const backoffSeconds = (attempt: number, { initial, cap, factor = 2 }: Backoff, random: number): number =>
  random * Math.min(cap, initial * factor ** (Math.max(1, attempt) - 1));
