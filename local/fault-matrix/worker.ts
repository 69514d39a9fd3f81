import { parentPort, workerData } from 'node:worker_threads';
import { type Job, playHere } from './pool.ts';

await playHere(workerData as Job, (played) => parentPort?.postMessage(played));
// Timers that the durable SDK leaves behind would keep the thread alive.
process.exit(0);
