import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../shared/model/errors.ts';
import { type Plan, runPlan } from './plan.ts';
import { IncompatibleStateError } from './state.ts';
import type { FromThread } from './thread.ts';

const post = (message: FromThread) => parentPort?.postMessage(message);

/** Writes with backpressure: a slow reader is waited for. */
const write = (text: string): Promise<void> =>
  new Promise((resolve) => {
    parentPort?.once('message', () => resolve());
    post({ text });
  });

try {
  post({
    session: await runPlan(workerData as Plan, { stdin: process.stdin, write, onProgress: (bytes, newest) => post({ bytes, newest }) }),
  });
} catch (error) {
  if (error instanceof IncompatibleStateError) post({ unfit: error.message });
  else if (error instanceof UsageError) post({ refused: error.message });
  else throw error;
}
// An open standard input would keep the thread alive.
process.exit(0);
