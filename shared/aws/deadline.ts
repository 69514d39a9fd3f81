import { AsyncLocalStorage } from 'node:async_hooks';
import { type Bounded, type Timer, unbounded } from '../ports/deadline.ts';

const deadlines = new AsyncLocalStorage<AbortSignal>();

/**
 * Limits all AWS calls that `run` makes to `milliseconds` in total: then those under way are aborted, and no new one starts. Each call has
 * its own timeout as well, but a few slow ones in sequence would outlast the function.
 */
export const boundedBy = (milliseconds: number, timer: Timer | undefined): Bounded =>
  timer ? (run) => deadlines.run(timer(milliseconds), run) : unbounded;

/** The deadline of the calls made in the current async context. */
export const currentDeadline = (): AbortSignal | undefined => deadlines.getStore();
