import { dayMs, minuteMs } from '../../shared/model/duration.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { type Case, createEngine, type Result } from '../backtest/engine.ts';
import type { Inventory } from '../backtest/inventory.ts';
import { maxReported } from '../backtest/report.ts';
import { drive } from '../backtest/run.ts';
import type { Item, Source } from '../input/source.ts';
import type { Documents } from './documents.ts';

/** The back-test of the last days: its result, and the first incidents one by one. */
export type Past = { from: number; to: number; result: Result; cases: Case[] };

const healsAfter = 10 * minuteMs;

const sourceOf = (items: readonly Item[]): Source => {
  let taken = 0;
  return { next: () => items[taken++] ?? null, position: () => ({ file: 0, taken }), close: () => {} };
};

const replay = async (
  { definitions, history }: Documents,
  policy: Policy,
  inventory: Inventory,
  from: number,
  to: number,
): Promise<Past> => {
  const cases: Case[] = [];
  const engine = createEngine({
    policies: [policy],
    inventory,
    from,
    to,
    // All of it is in memory: it may be in any order.
    window: Number.POSITIVE_INFINITY,
    healsAfter,
    onCase: (one) => {
      if (cases.length < maxReported) cases.push(one);
    },
  });
  await drive({ sources: [sourceOf([...definitions, ...history])], engine, stopped: () => false, between: () => undefined });
  return { from, to, result: engine.result(), cases };
};

/**
 * What the last days would have been, by a back-test; null without a history. `now` ends them; without it the history does. In
 * milliseconds since the epoch.
 */
export const pastOf = async (
  documents: Documents,
  policy: Policy,
  inventory: Inventory,
  days: number,
  now: number | null,
): Promise<Past | null> => {
  if (documents.history.length === 0) return null;
  if (now !== null) return replay(documents, policy, inventory, now - days * dayMs, now);
  const whole = await replay(documents, policy, inventory, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const { first, last } = whole.result;
  if (first === null || last === null) return whole.result.read > 0 ? { ...whole, from: 0, to: 0 } : null;
  const from = last - days * dayMs;
  return first >= from
    ? { ...whole, from: first, to: last }
    : { ...(await replay(documents, policy, inventory, from, last + 1)), to: last };
};
