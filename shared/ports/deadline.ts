/** Creates a signal that aborts after so many milliseconds. Only a running function has one, since a simulation has its own clock. */
export type Timer = (milliseconds: number) => AbortSignal;

/** Runs a task within its share of an invocation's time. */
export type Bounded = <T>(run: () => Promise<T>) => Promise<T>;

/** No limit. */
export const unbounded: Bounded = (run) => run();
