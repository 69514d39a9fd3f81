import { SelfhealError } from '../model/errors.ts';
import type { Durable } from '../ports/durable.ts';

/**
 * Operations of the durable engine per execution: 3,000 (assumed: no source was found, and AWS's SDK mentions more). Treatment gets a
 * share; the rest is for reporting.
 */
export const operationLimits = { most: 3000, treatment: 2500 } as const;

/** The maximum that an action takes when it has to be completed against all odds; it doesn't begin with less. */
export const forAnAction = 400;

/** The treatment has used up its share: it ends with its timeline before the engine ends it. */
export class OperationsSpentError extends SelfhealError {
  override readonly name = 'OperationsSpent';
}

/**
 * Counts an execution's operations. Until `conclude` is called, exceeding the share throws `OperationsSpentError`. The count follows from what
 * was run, so a replay gives the same.
 */
export const countOperations = (durable: Durable) => {
  let used = 0;
  let most: number = operationLimits.treatment;
  /** Throws if fewer are left. */
  const require = (operations: number): void => {
    if (used + operations > most) throw new OperationsSpentError(`${used} operations are used up`);
  };
  const take = (operations: number): void => {
    require(operations);
    used += operations;
  };
  const counted: Durable = {
    ...durable,
    step: (name, run) => {
      take(1);
      return durable.step(name, run);
    },
    once: (name, run) => {
      take(1);
      return durable.once(name, run);
    },
    poll: async (name, check) => {
      require(1);
      const left = most - used;
      // One that would go beyond the share ends early; whoever goes on with it is stopped here.
      const polled = await durable.poll(name, async (before: Parameters<typeof check>[0], count) => {
        const checked = await check(before, count);
        return count < left ? checked : { ...checked, again: null };
      });
      used += polled.count;
      return polled;
    },
    callback: (name, seconds) => {
      take(1);
      return durable.callback(name, seconds);
    },
    wait: (name, seconds) => {
      take(1);
      return durable.wait(name, seconds);
    },
  };
  return {
    durable: counted,
    require,
    used: () => used,
    /** From now on the engine's full limit applies. */
    conclude: () => {
      most = Number.POSITIVE_INFINITY;
    },
  };
};

export type Operations = ReturnType<typeof countOperations>;
