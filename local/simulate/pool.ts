import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DrawOptions } from './draw.ts';
import type { Run } from './run.ts';

/** A run without its history, which only the seeds that matter are played again for. */
export type Summary = Omit<Run, 'history'>;

export type Job = { seeds: number[]; options: DrawOptions; sabotage: string | undefined; report?: boolean };

/** How many worlds a worker plays at the same time: they spend most of it waiting for timers inside the durable SDK. */
const worldsAtOnce = 10;

const inParallel = async <T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
  stopped: () => boolean,
): Promise<void> => {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined && !stopped(); item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
};

/** Plays seeds in this thread; calls `onRun` after each. Stops early once `onRun` says true. */
export const playHere = async (job: Job, onRun: (run: Summary) => boolean): Promise<void> => {
  const [{ playWorld }, { drawScenario }, { sabotages }] = await Promise.all([
    import('./run.ts'),
    import('./draw.ts'),
    import('./sabotage.ts'),
  ]);
  const sabotage = job.sabotage === undefined ? undefined : sabotages[job.sabotage];
  let stop = false;
  await inParallel(
    job.seeds,
    worldsAtOnce,
    async (seed) => {
      const { history: _, ...summary } = await playWorld(drawScenario(seed, job.options), sabotage, job.report);
      stop ||= onRun(summary);
    },
    () => stop,
  );
};

/** Plays seeds in as many threads as there are cores; otherwise as `playHere`. */
export const play = async (job: Job, onRun: (run: Summary) => boolean, threads = availableParallelism()): Promise<void> => {
  const shares = Array.from({ length: threads }, (_, i) => job.seeds.filter((_seed, j) => j % threads === i)).filter(
    (seeds) => seeds.length > 0,
  );
  const workers: Worker[] = [];
  const stopAll = () => Promise.all(workers.map((worker) => worker.terminate()));
  await Promise.all(
    shares.map(
      (seeds) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { ...job, seeds } satisfies Job });
          workers.push(worker);
          worker.on('message', (run: Summary) => {
            if (onRun(run)) void stopAll();
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
