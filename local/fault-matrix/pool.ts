import { dealOut, runThreads } from '../threads.ts';
import { type Base, type Cell, type Line, playBase, playCell } from './play.ts';

/** A share of the work: situations without a fault, or cells with their references. */
export type Job = { bases: string[] } | { cells: Cell[]; bases: Base[] };
type Played = { base: Base } | { line: Line };

/** Plays a share in this thread; calls `onPlayed` after each world. */
export const playHere = async (job: Job, onPlayed: (played: Played) => void): Promise<void> => {
  if (!('cells' in job)) {
    for (const name of job.bases) onPlayed({ base: await playBase(name) });
    return;
  }
  const bases = new Map(job.bases.map((base) => [base.situation, base]));
  for (const cell of job.cells) {
    const base = bases.get(cell.situation);
    if (!base) throw new Error(`${cell.situation} has not been played without a fault`);
    onPlayed({ line: await playCell(cell, base) });
  }
};

const script = new URL('./worker.ts', import.meta.url);

const run = async (jobs: readonly Job[], onPlayed: (played: Played) => void, threads: number | undefined): Promise<void> => {
  if (threads === 0) for (const job of jobs) await playHere(job, onPlayed);
  else
    await runThreads<Job, Played>(script, jobs, (played) => {
      onPlayed(played);
      return false;
    });
};

/** Plays situations without a fault, in as many threads as there are cores; with 0 threads, in this one. In the order of the names. */
export const playBases = async (names: readonly string[], threads?: number): Promise<Base[]> => {
  const found = new Map<string, Base>();
  const jobs = dealOut(names, threads === 0 ? 1 : threads).map((bases): Job => ({ bases }));
  await run(jobs, (played) => void ('base' in played && found.set(played.base.situation, played.base)), threads);
  return names.flatMap((name) => found.get(name) ?? []);
};

/** Plays cells likewise; `onLine` gets them as they are through. */
export const playCells = async (
  cells: readonly Cell[],
  bases: readonly Base[],
  onLine: (line: Line) => void,
  threads?: number,
): Promise<void> => {
  const jobs = dealOut(cells, threads === 0 ? 1 : threads).map((share): Job => ({ cells: share, bases: [...bases] }));
  await run(jobs, (played) => void ('line' in played && onLine(played.line)), threads);
};
