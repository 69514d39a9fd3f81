import { expect, test } from '@jest/globals';
import { createRandom } from '#local-aws/random';
import { drawReadersIncident } from '../../local/simulate/readers.ts';
import { playWorld } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import type { WrittenScenario } from '../../local/worlds/schema.ts';
import { describeWhole } from '../runner/whole.ts';

const drawn = (seed: number): WrittenScenario => ({
  ...drawReadersIncident(createRandom(seed).fork('data')),
  ...{ name: `Seed ${seed}`, hypothesis: 'A reader comes and goes.', seed, expect: { promises: 'kept' } },
});
/** The first with all of these words in which nothing goes wrong beside. */
const tempting = (...words: readonly string[]) =>
  Array.from({ length: 4000 }, (_, i) => drawn(i + 1)).find((world) => {
    const texts = JSON.stringify([world.policy, world.fleet, world.timeline]);
    const plain = !/scalesTo|dry-run|sqlserver|backupDays|pending|fail-calls|stop-executions|"off"/.test(texts);
    return plain && [...words, '"optedIn":true'].every((word) => texts.includes(word));
  });
const cluster = () => tempting('"atMost":4', '"cluster"');
const replicated = () => tempting('"atMost":3', '["orders"]', '"orders-r0"', '"role":"reads"', '"role":"readers"');
const idle = () => tempting('"atMost":1', '["orders"]', '"orders-r0"', '"reads"');
const play = async (tempting: WrittenScenario | undefined, sabotage?: string) => {
  if (!tempting) throw new Error('no world tempts');
  const { violations } = await playWorld(tempting, { sabotage: sabotage === undefined ? undefined : sabotages[sabotage] });
  return [...new Set(violations.map(({ promise }) => promise))];
};

describeWhole('drawn worlds of readers', () => {
  test('tempt to take away one that selfheal has not added, which is noticed', async () => {
    for (const world of [cluster(), replicated()]) {
      expect(await play(world)).toEqual([]);
      expect(await play(world, 'delete-any-reader')).toEqual(['own-readers']);
    }
  });

  test('tempt to replicate an instance whatever is asked of it, which is noticed', async () => {
    const world = idle();
    expect(await play(world)).toEqual([]);
    expect(await play(world, 'replicate-anything')).toContain('own-readers');
  });
});
