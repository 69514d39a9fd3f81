import { expect, test } from '@jest/globals';
import { drawScenario } from '../../local/simulate/draw.ts';
import { playHere, type Summary } from '../../local/simulate/pool.ts';
import { type PromiseId, promises } from '../../local/worlds/promises.ts';
import { scenarioSchema } from '../../local/worlds/schema.ts';

const options = { kind: 'data', minutes: 120 } as const;
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** Plays worlds until a promise is broken. */
const play = async (count: number, sabotage?: string): Promise<Summary[]> => {
  const runs: Summary[] = [];
  await playHere({ seeds: seeds(count), options, sabotage }, (run) => {
    runs.push(run);
    return run.violations.length > 0;
  });
  return runs;
};
const brokenIn = (runs: readonly Summary[]) => runs.flatMap(({ violations }) => violations.map(({ promise }) => promise));

test('worlds of what holds data have steps that the language has, and are the same for the same seed', () => {
  for (const seed of seeds(200)) {
    const drawn = drawScenario(seed, options);
    scenarioSchema.parse(drawn);
    expect(drawScenario(seed, options)).toEqual(drawn);
  }
});

test('every promise is kept in them, and some of them are healed', async () => {
  const runs = await play(15);
  expect(brokenIn(runs)).toEqual([]);
  expect(runs.reduce((sum, { outcomes }) => sum + (outcomes.healed ?? 0), 0)).toBeGreaterThan(0);
});

test.each<[string, PromiseId]>([
  ['guess-device', 'right-volume'],
  ['grow-past-the-most', 'volume-most'],
  ['fail-over-anywhere', 'heir'],
  ['ignore-six-hours', 'storage-bounds'],
  ['upsert-anything', 'right-record'],
])('they notice %s', async (sabotage, promise) => {
  const broken = brokenIn(await play(200, sabotage));
  expect(Object.keys(promises)).toEqual(expect.arrayContaining(broken));
  expect(broken).toContain(promise);
});
