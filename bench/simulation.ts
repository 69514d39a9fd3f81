import { playHere } from '../local/simulate/pool.ts';
import { type Measurement, round } from './measurement.ts';

const minutes = 180;

/** How fast the seeded chaos runs on one core: worlds in which everything goes wrong, each promise checked after each call. */
export const benchSimulation = async (quick = false): Promise<Measurement[]> => {
  const seeds = quick ? 2 : 20;
  const play = async (from: number, count: number): Promise<number> => {
    let incidents = 0;
    const job = { seeds: Array.from({ length: count }, (_, i) => from + i), options: { minutes }, sabotage: undefined };
    await playHere(job, (run) => {
      if (run.violations.length > 0) throw new Error(`seed ${run.seed} breaks promise ${run.violations[0]?.promise}`);
      incidents += run.incidents;
      return false;
    });
    return incidents;
  };
  await play(1000, 1);
  const start = performance.now();
  const incidents = await play(1, seeds);
  const seconds = (performance.now() - start) / 1000;
  return [
    { name: 'simulate.worlds', value: seeds, unit: 'count' },
    { name: 'simulate.incidents_per_second', value: round(incidents / seconds), unit: '1/s' },
    { name: 'simulate.hours_per_second', value: round((seeds * minutes) / 60 / seconds), unit: 'h/s' },
    { name: 'simulate.memory_mb', value: round(process.memoryUsage().rss / 2 ** 20, 0), unit: 'MB' },
  ];
};
