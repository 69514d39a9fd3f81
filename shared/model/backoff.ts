/** When to retry: `initial` and `cap` in seconds, `attempts` is the total number of tries. */
export type Backoff = { initial: number; cap: number; attempts: number; factor?: number };

/** A few tries within seconds, for a call that something waits for or that is optional. */
export const brief: Backoff = { initial: 2, cap: 30, attempts: 4 };
/** A single try, for calls that the caller retries or that are not retried at all. */
export const onceOnly: Backoff = { ...brief, attempts: 1 };

/**
 * Seconds to wait after the given attempt (1 is the first): exponential backoff with full jitter, evenly distributed between 0 and the
 * bound. Full jitter spreads clients that failed together further apart than other forms do for the same number of tries. `random` is a
 * number in [0, 1).
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export const backoffSeconds = (attempt: number, { initial, cap, factor = 2 }: Backoff, random: number): number =>
  random * Math.min(cap, initial * factor ** (Math.max(1, attempt) - 1));
