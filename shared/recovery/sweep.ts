import { attempt, explain } from '../aws/call.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Ended, Executions } from '../ports/executions.ts';
import type { Log } from '../ports/log.ts';
import { type WatchDeps, watchExecution } from './watch.ts';

export type SweepDeps = WatchDeps & {
  executions: Executions;
  /** Each execution by itself. */
  bounded?: Bounded;
  log?: Log;
  /** Whether there is time for another one before this invocation is cut off. */
  mayGoOn?: () => boolean;
  /** Whether there is time for more of the list: a long one must leave some for what is in it. */
  mayList?: () => boolean;
};

/**
 * A sweep as it went: how many executions ended badly of late, for how many of them it was the sweep that said so, how many there was no
 * time for, and which versions of the function it has cleared away.
 */
export type Swept = { ended: number; seenTo: number; left: number; pruned: string[] };

/** What ended longer ago has been swept many times over. In milliseconds. */
const reach = 24 * 3600 * 1000;
/** So many versions are cleared away at once: that is nobody's hurry. */
const mostPruned = 5;

/**
 * Where the last sweep ended early, this one goes on there, and comes to what is newer when it has been through the rest: so each execution
 * has its turn, however many there are.
 */
const inTurn = (found: readonly Ended[], cursor: number | null): Ended[] => {
  const newest = found.toSorted((a, b) => b.startedAt - a.startedAt);
  if (cursor === null) return newest;
  return [...newest.filter(({ startedAt }) => startedAt < cursor), ...newest.filter(({ startedAt }) => startedAt >= cursor)];
};

/**
 * Looks for executions that ended badly and that nobody has seen to, because the notice of their end was lost or could not be dealt
 * with; the newest first. One that can't be seen to doesn't keep the others waiting; then this throws in the end, and the next sweep tries
 * it again.
 */
export const sweep = async ({ bounded = unbounded, mayGoOn = () => true, mayList = mayGoOn, ...deps }: SweepDeps): Promise<Swept> => {
  const { executions, ledger, now } = deps;
  const failures: string[] = [];
  const found: Ended[] = [];
  const listing = executions.endedBadly(now(), reach)[Symbol.asyncIterator]();
  const next = () => attempt(() => bounded(() => listing.next()));
  let one = await next();
  for (; one.ok && !one.value.done; one = await next()) {
    found.push(one.value.value);
    if (!mayList()) break;
  }
  // Where it can't be read, the newest come first.
  const cursor = await attempt(() => bounded(() => ledger.sweepCursor()));
  const before = cursor.ok ? cursor.value : null;
  let seenTo = 0;
  let done = 0;
  let last: Ended | undefined;
  for (const execution of inTurn(found, before)) {
    if (!mayGoOn()) break;
    done++;
    last = execution;
    try {
      if (await bounded(() => watchExecution(execution, deps))) seenTo++;
    } catch (error) {
      failures.push(`${execution.key}: ${(error as Error).message}`);
    }
  }
  const left = found.length - done;
  const reached = left > 0 && last ? last.startedAt : null;
  if (reached !== before) await attempt(() => bounded(() => ledger.noteSweepCursor(reached, now())));
  // Nothing depends on it, and it is tried again by the next one. An execution that can't be seen to for a day doesn't keep it from being done.
  const pruned = left > 0 || !one.ok || !mayGoOn() ? null : await attempt(() => bounded(() => executions.prune(now(), reach, mostPruned)));
  if (pruned && !pruned.ok) deps.log?.({ level: 'WARN', message: 'versions not deleted', error: explain(pruned.error) });
  if (failures.length > 0) throw new Error(`${failures.length} executions could not be handled: ${failures.slice(0, 5).join('; ')}`);
  // What the list has given has been seen to; what it hasn't is the next sweep's.
  if (!one.ok) throw new Error(`not every execution could be listed: ${explain(one.error)}`);
  return { ended: found.length, seenTo, left, pruned: pruned?.ok ? pruned.value : [] };
};
