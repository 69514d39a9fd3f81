/** Says when so many milliseconds are over. Only a running function has one: a simulation's time is not the clock's. */
export type Timer = (milliseconds: number) => AbortSignal;

/** Runs something that must not take longer than its share of an invocation. */
export type Bounded = <T>(run: () => Promise<T>) => Promise<T>;

export const unbounded: Bounded = (run) => run();
