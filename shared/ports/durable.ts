/** Something that the execution can wait for, and that anybody who has its id can answer. */
export type Callback = {
  callbackId: string;
  /** Suspends until there is an answer; null if there is none within its time. */
  answer(): Promise<string | null>;
};

/** What the driver needs of a durable engine, and all that it may know of one. */
export type Durable = {
  /** Runs `run` and remembers its result for ever. After a crash it may run again, so its effect must bear that. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Runs `run` at most once, ever: null if a crash makes it uncertain whether it took effect. */
  once<T>(name: string, run: () => Promise<T>): Promise<T | null>;
  /** Opens a callback that can be answered for so many seconds from now on. */
  callback(name: string, seconds: number): Promise<Callback>;
  /** Writes a line to the logs, unless it comes by it again on a replay. Without one, nothing is written. */
  log?(message: string, fields: Record<string, unknown>): void;
  /** Suspends for that many seconds, at least one, at no cost. */
  wait(name: string, seconds: number): Promise<void>;
};
