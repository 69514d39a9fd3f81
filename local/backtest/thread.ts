import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Policy } from '../../shared/policy.ts';
import type { InventoryInput } from './inventory.ts';
import type { Session, SessionOptions } from './session.ts';
import { StateUnfit } from './state.ts';

/** A session in plain data, as a thread can be given it. */
export type Plan = Pick<SessionOptions, 'files' | 'keep' | 'state' | 'saveEvery'> & {
  inventory: InventoryInput;
  engine: { policies: readonly [Policy] | readonly [Policy, Policy]; from: number; to: number; window: number; healsAfter: number };
  /** Where to read an account's history besides, in milliseconds since the epoch. */
  account: { from: number; to: number } | null;
  /** Whether lines are wanted. */
  lines: boolean;
  /** Milliseconds between two words of progress. */
  progressEvery: number;
  /** Its first number says whether to stop. */
  stop: SharedArrayBuffer;
};

export type FromThread = { text: string } | { bytes: number; newest: number | null } | { session: Session } | { unfit: string };

/**
 * In megabytes. With as much memory as a machine has, what is thrown away would be left lying about; a thread has a limit of its own.
 * What a session holds on to, at worst, fits twice.
 */
const limits = { maxOldGenerationSizeMb: 220, maxYoungGenerationSizeMb: 32 };

export type ThreadHooks = {
  stdin: AsyncIterable<Uint8Array | string>;
  write: (text: string) => void;
  onProgress: (bytes: number, newest: number | null) => void;
};

/** Hands standard input on, no faster than it is taken. */
const pump = async (stdin: ThreadHooks['stdin'], worker: Worker): Promise<void> => {
  const to = worker.stdin;
  if (!to) return;
  for await (const chunk of stdin) if (!to.write(chunk)) await once(to, 'drain');
  to.end();
};

/** Runs a session in a thread of its own, with bounded memory. Throws `StateUnfit`, and what ended the thread. */
export const runInThread = (plan: Plan, { stdin, write, onProgress }: ThreadHooks): Promise<Session> =>
  new Promise((resolve, reject) => {
    const reads = plan.files.flat().includes('-');
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: plan, resourceLimits: limits, stdin: reads });
    if (reads) pump(stdin, worker).catch(reject);
    worker.on('message', (message: FromThread) => {
      if ('text' in message) {
        write(message.text);
        worker.postMessage(null);
      } else if ('bytes' in message) onProgress(message.bytes, message.newest);
      else if ('session' in message) resolve(message.session);
      else reject(new StateUnfit(message.unfit));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the back-test's thread ended with ${code}`)));
  });
