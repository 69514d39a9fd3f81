import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Distributes items over the available cores or the given number of threads; no thread gets none. */
export const dealOut = <T>(items: readonly T[], threads = availableParallelism()): T[][] =>
  Array.from({ length: threads }, (_, i) => items.filter((_item, j) => j % threads === i)).filter((share) => share.length > 0);

/**
 * Runs a script in one thread per element of `data`, available as its `workerData`, and forwards its messages. All threads stop once
 * `onMessage` returns true. Rejects with a thread's error.
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
