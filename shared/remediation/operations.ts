import type { Durable } from '../ports/durable.ts';

/**
 * Of the durable engine's operations one execution may take 3,000 (assumed: no source was found, and AWS's own SDK speaks of more). The
 * treatment has so many of them; the rest is for telling how it ended.
 */
export const operationLimits = { most: 3000, treatment: 2500 } as const;

/** What an action may take that is brought to its end against all odds: one that couldn't be isn't begun. */
export const forAnAction = 400;

/** The treatment has had its share of operations: it ends, with its story, before the engine ends it. */
export class OperationsSpent extends Error {
  override readonly name = 'OperationsSpent';
}

/**
 * Counts what an execution takes of the engine; until `conclude` is called what would go beyond the share throws `OperationsSpent`. The
 * count follows from what was run, so a replay comes to the same.
 */
export const countOperations = (durable: Durable) => {
  let used = 0;
  let most: number = operationLimits.treatment;
  /** Throws where so many are not left. */
  const require = (operations: number): void => {
    if (used + operations > most) throw new OperationsSpent(`${used} operations are used up`);
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
    /** From now on all may be taken that the engine gives. */
    conclude: () => {
      most = Number.POSITIVE_INFINITY;
    },
  };
};

export type Operations = ReturnType<typeof countOperations>;
