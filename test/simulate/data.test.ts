import { expect, test } from '@jest/globals';
import { drawScenario } from '../../local/simulate/draw.ts';
import { playHere, type Summary } from '../../local/simulate/pool.ts';
import { type PromiseId, promises } from '../../local/worlds/promises.ts';
import { scenarioSchema } from '../../local/worlds/schema.ts';
import { partOf, whole } from '../runner/whole.ts';

const options = { kind: 'data', minutes: 120 } as const;
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

const play = async (worlds: readonly number[], sabotage?: string): Promise<Summary[]> => {
  const runs: Summary[] = [];
  await playHere({ seeds: [...worlds], options, sabotage }, (run) => {
    runs.push(run);
    return false;
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
  const runs = await play(seeds(whole ? 8 : 4));
  expect(brokenIn(runs)).toEqual([]);
  expect(runs.reduce((sum, { outcomes }) => sum + (outcomes.healed ?? 0), 0)).toBeGreaterThan(0);
});

test.each(
  partOf<[string, PromiseId, number]>(
    [
      ['guess-device', 'right-volume', 4],
      ['grow-past-the-most', 'volume-most', 11],
      ['fail-over-anywhere', 'heir', 17],
      ['ignore-six-hours', 'storage-bounds', 18],
      ['upsert-anything', 'right-record', 20],
    ],
    3,
  ),
)('they notice %s', async (sabotage, promise, seed) => {
  const broken = brokenIn(await play([seed], sabotage));
  expect(Object.keys(promises)).toEqual(expect.arrayContaining(broken));
  expect(broken).toContain(promise);
});
