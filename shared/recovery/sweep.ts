import { attempt, explain } from '../aws/call.ts';
import { dayMs } from '../model/duration.ts';
import { errorMessage } from '../model/errors.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { EndedExecution, Executions } from '../ports/executions.ts';
import type { Log } from '../ports/log.ts';
import { type WatchDeps, watchExecution } from './watch.ts';

/** What a sweep needs. */
export type SweepDeps = WatchDeps & {
  executions: Executions;
  /** Limits each execution separately. */
  bounded?: Bounded;
  log?: Log;
  /** Whether there is time to handle another execution. */
  mayGoOn?: () => boolean;
  /** Whether there is time to list more; some must be left to handle what was listed. */
  mayList?: () => boolean;
};

/**
 * The result of a sweep: how many executions ended badly lately, how many of them this sweep handled, how many are left for lack of time,
 * and which function versions it deleted.
 */
export type SweepResult = { ended: number; reconciled: number; left: number; pruned: string[] };

/** How far back a sweep looks; anything older has been swept many times. In milliseconds. */
const lookBackTime = dayMs;
/** The maximum number of versions deleted per sweep; there is no hurry. */
const maxPruned = 5;

/** Continues where the last sweep stopped, and handles newer executions after the rest, so that each execution gets its turn. */
const inTurn = (found: readonly EndedExecution[], cursor: number | null): EndedExecution[] => {
  const newest = found.toSorted((a, b) => b.startedAt - a.startedAt);
  if (cursor === null) return newest;
  return [...newest.filter(({ startedAt }) => startedAt < cursor), ...newest.filter(({ startedAt }) => startedAt >= cursor)];
};

/**
 * Handles executions that ended badly and that nothing has handled yet, because the notice of their end was lost or failed; newest first. A
 * failure with one doesn't delay the others.
 * @throws {Error} in the end if any could not be handled or listed; the next sweep retries
 */
export const sweep = async ({ bounded = unbounded, mayGoOn = () => true, mayList = mayGoOn, ...deps }: SweepDeps): Promise<SweepResult> => {
  const { executions, ledger, now } = deps;
  const failures: string[] = [];
  const found: EndedExecution[] = [];
  const listing = executions.listFailed(now(), lookBackTime)[Symbol.asyncIterator]();
  const next = () => attempt(() => bounded(() => listing.next()));
  let one = await next();
  for (; one.ok && !one.value.done; one = await next()) {
    found.push(one.value.value);
    if (!mayList()) break;
  }
  // Without a cursor the newest come first.
  const cursor = await attempt(() => bounded(() => ledger.sweepCursor()));
  const before = cursor.ok ? cursor.value : null;
  let handled = 0;
  let done = 0;
  let last: EndedExecution | undefined;
  for (const execution of inTurn(found, before)) {
    if (!mayGoOn()) break;
    done++;
    last = execution;
    try {
      if (await bounded(() => watchExecution(execution, deps))) handled++;
    } catch (error) {
      failures.push(`${execution.key}: ${errorMessage(error)}`);
    }
  }
  const left = found.length - done;
  const reached = left > 0 && last ? last.startedAt : null;
  if (reached !== before) await attempt(() => bounded(() => ledger.noteSweepCursor(reached, now())));
  // Optional, and retried by the next sweep. It runs even if an execution has been failing all day.
  const pruned =
    left > 0 || !one.ok || !mayGoOn() ? null : await attempt(() => bounded(() => executions.prune(now(), lookBackTime, maxPruned)));
  if (pruned && !pruned.ok) deps.log?.({ level: 'WARN', message: 'versions not deleted', error: explain(pruned.error) });
  if (failures.length > 0) throw new Error(`${failures.length} executions could not be handled: ${failures.slice(0, 5).join('; ')}`);
  // Everything listed has been handled; the rest is for the next sweep.
  if (!one.ok) throw new Error(`not every execution could be listed: ${explain(one.error)}`);
  return { ended: found.length, reconciled: handled, left, pruned: pruned?.ok ? pruned.value : [] };
};
