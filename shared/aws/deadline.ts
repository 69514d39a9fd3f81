import { AsyncLocalStorage } from 'node:async_hooks';

const deadlines = new AsyncLocalStorage<AbortSignal>();

/** Says when so many milliseconds are over. Only a running function has one: a simulation's time is not the clock's. */
export type Timer = (milliseconds: number) => AbortSignal;

/** Runs something that must not take longer than its share of an invocation. */
export type Bounded = <T>(run: () => Promise<T>) => Promise<T>;

export const unbounded: Bounded = (run) => run();

/**
 * Every call to AWS that `run` makes, however many there are, is given up once `milliseconds` are over, and none is begun any more. Each of
 * them has a time limit of its own as well; but a few slow ones in turn would outlast the function.
 */
export const boundedBy = (milliseconds: number, timer: Timer | undefined): Bounded =>
  timer ? (run) => deadlines.run(timer(milliseconds), run) : unbounded;

/** What ends the calls that are made here and now. */
export const currentDeadline = (): AbortSignal | undefined => deadlines.getStore();
