import { dealOut, runThreads } from '../threads.ts';
import type { DrawOptions } from './draw.ts';
import type { Run } from './run.ts';

/** A run without its history, which only the seeds that matter are played again for. */
export type Summary = Omit<Run, 'history'>;

export type Job = { seeds: number[]; options: DrawOptions; sabotage: string | undefined; report?: boolean };

/** Plays seeds in this thread; calls `onRun` after each. Stops early once `onRun` says true. */
export const playHere = async (job: Job, onRun: (run: Summary) => boolean): Promise<void> => {
  const [{ playWorld }, { drawScenario }, { sabotages }] = await Promise.all([
    import('./run.ts'),
    import('./draw.ts'),
    import('./sabotage.ts'),
  ]);
  const sabotage = job.sabotage === undefined ? undefined : sabotages[job.sabotage];
  for (const seed of job.seeds) {
    const { history: _, ...summary } = await playWorld(drawScenario(seed, job.options), {
      sabotage,
      report: job.report,
      harm: job.options.harm,
    });
    if (onRun(summary)) return;
  }
};

/** Plays seeds in as many threads as there are cores, and in this one where one is enough; otherwise as `playHere`. */
export const play = async (job: Job, onRun: (run: Summary) => boolean, threads?: number): Promise<void> => {
  const jobs = dealOut(job.seeds, threads).map((seeds): Job => ({ ...job, seeds }));
  if (jobs.length === 1) return playHere(job, onRun);
  await runThreads(new URL('./worker.ts', import.meta.url), jobs, onRun);
};
