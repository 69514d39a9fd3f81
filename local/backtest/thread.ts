import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../../shared/model/errors.ts';
import type { Hooks, Plan } from './plan.ts';
import type { Session } from './session.ts';
import { IncompatibleStateError } from './state.ts';

export type FromThread =
  | { text: string }
  | { bytes: number; newest: number | null }
  | { session: Session }
  | { unfit: string }
  | { refused: string };

/**
 * In megabytes. With as much memory as a machine has, what is thrown away would be left lying about; a thread has a limit of its own.
 * What a session holds on to, at worst, fits twice.
 */
const limits = { maxOldGenerationSizeMb: 180, maxYoungGenerationSizeMb: 48 };

/** Forwards standard input with backpressure. */
const pump = async (stdin: Hooks['stdin'], worker: Worker): Promise<void> => {
  const to = worker.stdin;
  if (!to) return;
  for await (const chunk of stdin) if (!to.write(chunk)) await once(to, 'drain');
  to.end();
};

/**
 * Runs a plan in its own thread, with bounded memory.
 * @throws {IncompatibleStateError}, {UsageError} for what the user can mend, and any error that ended the thread
 */
export const runInThread = (plan: Plan, { stdin, write, onProgress }: Hooks): Promise<Session> =>
  new Promise((resolve, reject) => {
    const reads = plan.files.flat().includes('-');
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: plan, resourceLimits: limits, stdin: reads });
    if (reads) pump(stdin, worker).catch(reject);
    worker.on('message', (message: FromThread) => {
      if ('text' in message) {
        Promise.resolve(write(message.text)).then(() => worker.postMessage(null), reject);
      } else if ('bytes' in message) onProgress(message.bytes, message.newest);
      else if ('session' in message) resolve(message.session);
      else if ('refused' in message) reject(new UsageError(message.refused));
      else reject(new IncompatibleStateError(message.unfit));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the back-test's thread ended with ${code}`)));
  });
