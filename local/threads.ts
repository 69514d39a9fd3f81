import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** How many worlds a thread plays at the same time: they spend most of it waiting for timers inside the durable SDK. */
export const worldsAtOnce = 10;

/** Runs items side by side, so many at a time, until all are through or `stopped` says so. */
export const inParallel = async <T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
  stopped: () => boolean = () => false,
): Promise<void> => {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined && !stopped(); item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
};

/** Deals items out to as many threads as there are cores, or as are asked for; no thread is without any. */
export const dealOut = <T>(items: readonly T[], threads = availableParallelism()): T[][] =>
  Array.from({ length: threads }, (_, i) => items.filter((_item, j) => j % threads === i)).filter((share) => share.length > 0);

/**
 * Runs a script in a thread for each of `data`, which it finds as its `workerData`, and hands on what it posts. All are stopped once
 * `onMessage` says true; rejects with what a thread throws.
 */
export const runThreads = async <Data, Message>(
  script: URL,
  data: readonly Data[],
  onMessage: (message: Message) => boolean,
): Promise<void> => {
  const workers: Worker[] = [];
  const stopAll = () => Promise.all(workers.map((worker) => worker.terminate()));
  await Promise.all(
    data.map(
      (workerData) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(script, { workerData });
          workers.push(worker);
          worker.on('message', (message: Message) => {
            if (onMessage(message)) void stopAll();
          });
          worker.on('error', reject);
          worker.on('exit', () => resolve());
        }),
    ),
  ).catch(async (error: unknown) => {
    await stopAll();
    throw error;
  });
};
