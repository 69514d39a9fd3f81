import { readFileSync } from 'node:fs';
import { playHere } from '../local/simulate/pool.ts';
import { readEvent } from '../shared/failures/read.ts';
import { policySchema } from '../shared/model/policy.ts';
import { type Measurement, round } from './measurement.ts';
import { weather } from './storm.ts';

type Work = { name: string; unit: string; base: number; run: (size: number) => Promise<number> | number };

const text = readFileSync(new URL('../events/cloudwatch-alarm/load-saturated.json', import.meta.url), 'utf8');
const policy = policySchema.parse({});

/** Each takes a size and gives how many milliseconds that took. */
const works: Work[] = [
  {
    name: 'classify',
    unit: 'event',
    base: 2_000,
    run: (events) => {
      const start = performance.now();
      for (let i = 0; i < events; i++) readEvent(JSON.parse(text));
      return performance.now() - start;
    },
  },
  {
    name: 'storm',
    unit: 'alarm',
    base: 100,
    run: async (alarms) => {
      const figures = await weather({ name: 'growth', resources: alarms / 20, deliveries: 20, policy });
      return (figures.find(({ name }) => name === 'growth.wall_s')?.value ?? Number.NaN) * 1000;
    },
  },
  {
    name: 'simulate',
    unit: 'world',
    base: 1,
    run: async (worlds) => {
      const start = performance.now();
      const seeds = Array.from({ length: worlds }, (_, i) => i + 1);
      await playHere({ seeds, options: { minutes: 20 }, sabotage: undefined }, () => false);
      return performance.now() - start;
    },
  },
];

/** What one unit of work costs at 1×, 10× and 100× the work. Flat is linear growth; `ratio` is the largest against the smallest. */
export const benchGrowth = async (quick = false): Promise<Measurement[]> => {
  const figures: Measurement[] = [];
  for (const { name, unit, base, run } of works) {
    await run(base);
    const each: number[] = [];
    for (const times of quick ? [1, 10] : [1, 10, 100]) {
      const cost = (await run(base * times)) / (base * times);
      each.push(cost);
      figures.push({ name: `growth.${name}.${times}x_us_per_${unit}`, value: round(cost * 1000, 1), unit: 'us' });
    }
    figures.push({ name: `growth.${name}.ratio`, value: round((each.at(-1) ?? 0) / (each[0] ?? 1)), unit: 'x' });
  }
  return figures;
};
