import { pollBySteps } from '../../local/model-check/process.ts';
import type { Durable } from '../../shared/ports/durable.ts';

export class Death extends Error {}

type Engine = Durable & { length: () => number; rewind: () => void };

/**
 * An engine that keeps what each step came to, so that an execution can die and be run again: before the step at this place, or after it
 * and before its result was kept.
 */
export const mortalEngine = (pass: (seconds: number) => void, dies?: { at: number; when: 'before' | 'after' }): Engine => {
  const kept: ({ result: unknown } | 'begun')[] = [];
  let place = 0;
  let alive = dies !== undefined;
  const mayDie = (own: number, when: 'before' | 'after') => {
    if (!alive || dies?.at !== own || dies.when !== when) return;
    alive = false;
    throw new Death();
  };
  const keep = async <T>(run: () => Promise<T>, again: (() => Promise<T>) | null): Promise<T> => {
    const own = place++;
    const before = kept[own];
    if (before && before !== 'begun') return before.result as T;
    kept[own] = 'begun';
    mayDie(own, 'before');
    const result = before === 'begun' && again ? await again() : await run();
    mayDie(own, 'after');
    kept[own] = { result };
    return result;
  };
  const wait = (seconds: number) =>
    keep(
      async () => pass(seconds),
      async () => {},
    );
  return {
    step: (_, run) => keep(run, null),
    once: <T>(_: string, run: () => Promise<T>) => keep<T | null>(run, async () => null),
    wait: (_, seconds) => wait(seconds),
    poll: (_, check) => pollBySteps((run) => keep(run, null), wait, check),
    callback: () => Promise.reject(new Error('nobody is asked')),
    length: () => kept.length,
    rewind: () => {
      place = 0;
    },
  };
};
