import { AsyncLocalStorage } from 'node:async_hooks';
import { type Bounded, type Timer, unbounded } from '../ports/deadline.ts';

const deadlines = new AsyncLocalStorage<AbortSignal>();

/**
 * Every call to AWS that `run` makes, however many there are, is given up once `milliseconds` are over, and none is begun any more. Each of
 * them has a time limit of its own as well; but a few slow ones in turn would outlast the function.
 */
export const boundedBy = (milliseconds: number, timer: Timer | undefined): Bounded =>
  timer ? (run) => deadlines.run(timer(milliseconds), run) : unbounded;

/** What ends the calls that are made here and now. */
export const currentDeadline = (): AbortSignal | undefined => deadlines.getStore();
