import type { Policy } from '../../shared/model/policy.ts';
import { sourcesOf } from './account.ts';
import { type InventoryInput, inventoryOf } from './inventory.ts';
import { runSession, type Session, type SessionOptions } from './session.ts';

/** A session in plain data, as a thread can be given it. */
export type Plan = Pick<SessionOptions, 'files' | 'keep' | 'state' | 'saveEvery'> & {
  inventory: InventoryInput;
  engine: { policies: readonly [Policy] | readonly [Policy, Policy]; from: number; to: number; window: number; healsAfter: number };
  /** Where to read an account's history besides, in milliseconds since the epoch. */
  account: { from: number; to: number } | null;
  /** Whether lines are wanted. */
  lines: boolean;
  /** Milliseconds between two progress reports. */
  progressEvery: number;
  /** Its first number says whether to stop. */
  stop: SharedArrayBuffer;
};

export type Hooks = {
  stdin: AsyncIterable<Uint8Array | string>;
  write: (text: string) => Promise<void> | void;
  onProgress: (bytes: number, newest: number | null) => void;
};

/**
 * Runs a plan in this thread.
 * @throws {IncompatibleStateError} if the state can't be resumed
 */
export const runPlan = (plan: Plan, { stdin, write, onProgress }: Hooks): Promise<Session> => {
  const { inventory, engine, account, stop, progressEvery, lines, ...rest } = plan;
  const stopped = new Int32Array(stop);
  let reportedAt = performance.now();
  return runSession({
    ...rest,
    stdin,
    others: account ? sourcesOf(account) : [],
    engine: { ...engine, inventory: inventoryOf(inventory) },
    write: lines ? write : null,
    now: () => performance.now(),
    interrupted: () => Atomics.load(stopped, 0) !== 0,
    onProgress: (bytes, newest) => {
      if (performance.now() - reportedAt < progressEvery) return;
      reportedAt = performance.now();
      onProgress(bytes, newest);
    },
  });
};
