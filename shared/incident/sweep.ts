import { type Bounded, unbounded } from '../aws/deadline.ts';
import type { Executions } from '../aws/executions.ts';
import { type WatchDeps, watchExecution } from './watch.ts';

export type SweepDeps = WatchDeps & {
  executions: Executions;
  /** Each execution by itself. */
  bounded?: Bounded;
};

/** A sweep as it went: how many executions ended badly of late, and for how many of them it was the sweep that said so. */
export type Swept = { ended: number; seenTo: number };

/** What ended longer ago has been swept many times over. In milliseconds. */
const reach = 24 * 3600 * 1000;

/**
 * Looks for executions that ended badly and that nobody has seen to, because the notice of their end was lost or could not be dealt
 * with. One that can't be seen to doesn't keep the others waiting; then this throws in the end, and the next sweep tries it again.
 */
export const sweep = async ({ bounded = unbounded, ...deps }: SweepDeps): Promise<Swept> => {
  const failures: string[] = [];
  let ended = 0;
  let seenTo = 0;
  const listing = deps.executions.endedBadly(deps.now(), reach)[Symbol.asyncIterator]();
  for (let next = await bounded(() => listing.next()); !next.done; next = await bounded(() => listing.next())) {
    const execution = next.value;
    ended++;
    try {
      if (await bounded(() => watchExecution(execution, deps))) seenTo++;
    } catch (error) {
      failures.push(`${execution.key}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} executions could not be seen to: ${failures.slice(0, 5).join('; ')}`);
  return { ended, seenTo };
};
