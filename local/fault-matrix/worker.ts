import { parentPort, workerData } from 'node:worker_threads';
import { type Job, playHere } from './pool.ts';

await playHere(workerData as Job, (played) => parentPort?.postMessage(played));
// What the durable SDK has left of timers must not keep the thread.
process.exit(0);
