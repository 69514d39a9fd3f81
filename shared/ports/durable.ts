/** A wait that anyone who knows its id can end with an answer. */
export type Callback = {
  callbackId: string;
  /** Suspends until there is an answer; null if none arrives in time. */
  answer(): Promise<string | null>;
};

/** What one check of many came to, and in how many seconds (at least one) the next one follows; null if it is over. */
export type Checked<T> = { value: T; again: number | null };

/** The durable engine, as the driver sees it. */
export type Durable = {
  /** Runs `run` and checkpoints its result. After a crash it may run again, so it must be idempotent. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Runs `run` at most once, ever; null if a crash leaves it uncertain whether it took effect. */
  once<T>(name: string, run: () => Promise<T>): Promise<T | null>;
  /**
   * Runs `check` until it says that it is over, and suspends in between. Each time is one operation, with its pause, where a step and a
   * wait would be two. A check gets what the last one came to, null at first, and which it is, counted from 1. After a crash one may run
   * again, so it must be idempotent.
   */
  poll<T>(name: string, check: (before: T | null, count: number) => Promise<Checked<T>>): Promise<{ value: T; count: number }>;
  /** Opens a callback that can be answered within so many seconds. */
  callback(name: string, seconds: number): Promise<Callback>;
  /** Logs a line, except on a replay. Without this method nothing is logged. */
  log?(message: string, fields: Record<string, unknown>): void;
  /** Suspends for that many seconds (at least one) without paying for compute. */
  wait(name: string, seconds: number): Promise<void>;
};
