/** What came of asking somebody: an answer, none within the time, or why nobody could be reached to be asked. */
export type Asked = { answer: string } | 'silence' | { unreachable: string };

/** What the driver needs of a durable engine, and all that it may know of one. */
export type Durable = {
  /** Runs `run` and remembers its result for ever. After a crash it may run again, so its effect must bear that. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Runs `run` at most once, ever: null if a crash makes it uncertain whether it took effect. */
  once<T>(name: string, run: () => Promise<T>): Promise<T | null>;
  /**
   * Hands `submit` the id of a callback, suspends until somebody answers it, and returns the answer, if there is one within
   * `seconds`. `submit` may run again after a crash.
   */
  ask(name: string, seconds: number, submit: (callbackId: string) => Promise<void>): Promise<Asked>;
  /** Writes a line to the logs, unless it comes by it again on a replay. Without one, nothing is written. */
  log?(message: string, fields: Record<string, unknown>): void;
  /** Suspends for that many seconds, at least one, at no cost. */
  wait(name: string, seconds: number): Promise<void>;
};
