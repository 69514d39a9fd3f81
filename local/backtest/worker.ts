import { parentPort, workerData } from 'node:worker_threads';
import { sourcesOf } from './account.ts';
import { inventoryOf } from './inventory.ts';
import { runSession } from './session.ts';
import { StateUnfit } from './state.ts';
import type { FromThread, Plan } from './thread.ts';

const { inventory, engine, account, stop, progressEvery, ...plan } = workerData as Plan;
const post = (message: FromThread) => parentPort?.postMessage(message);

/** Lines are handed over one piece at a time: whoever prints them slowly is waited for. */
const write = (text: string): Promise<void> =>
  new Promise((resolve) => {
    parentPort?.once('message', () => resolve());
    post({ text });
  });

const stopped = new Int32Array(stop);
let toldAt = 0;
try {
  const session = await runSession({
    ...plan,
    stdin: process.stdin,
    others: account ? sourcesOf(account) : [],
    engine: { ...engine, inventory: inventoryOf(inventory) },
    write: plan.lines ? write : null,
    now: () => performance.now(),
    interrupted: () => Atomics.load(stopped, 0) !== 0,
    onProgress: (bytes, newest) => {
      if (performance.now() - toldAt < progressEvery) return;
      toldAt = performance.now();
      post({ bytes, newest });
    },
  });
  post({ session });
} catch (error) {
  if (!(error instanceof StateUnfit)) throw error;
  post({ unfit: error.message });
}
// Standard input may still be open, and must not keep the thread.
process.exit(0);
