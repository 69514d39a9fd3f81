import { describe, expect, test } from '@jest/globals';
import { createRandom } from '#local-aws/random';
import { drawReadersIncident } from '../../local/simulate/readers.ts';
import { playWorld } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import type { WrittenScenario } from '../../local/worlds/schema.ts';

const drawn = (seed: number): WrittenScenario => ({
  ...drawReadersIncident(createRandom(seed).fork('data')),
  ...{ name: `Seed ${seed}`, hypothesis: 'A reader comes and goes.', seed, expect: { promises: 'kept' } },
});
/** The first in which a reader is added and nothing goes wrong. */
const tempting = Array.from({ length: 100 }, (_, i) => drawn(i + 1)).find(({ policy, fleet, timeline }) => {
  const texts = JSON.stringify([policy, fleet]);
  return texts.includes('"atMost":4') && texts.includes('"optedIn":true') && !/scalesTo|dry-run/.test(texts) && timeline.length === 3;
});
const play = async (sabotage?: string) => {
  if (!tempting) throw new Error('no world tempts');
  const { violations } = await playWorld(tempting, { sabotage: sabotage === undefined ? undefined : sabotages[sabotage] });
  return [...new Set(violations.map(({ promise }) => promise))];
};

describe('drawn worlds of readers', () => {
  test('tempt to take away one that selfheal has not added, which is noticed', async () => {
    expect(await play()).toEqual([]);
    expect(await play('delete-any-reader')).toEqual(['own-readers']);
  });
});
