import { describe, expect, test } from '@jest/globals';
import { drawScenario } from '../../local/simulate/draw.ts';
import { play, playHere, type Summary } from '../../local/simulate/pool.ts';
import { playWorld } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { type PromiseId, promises } from '../../local/worlds/promises.ts';
import { readScenario } from '../../local/worlds/read.ts';
import { scenarioSchema, type WrittenScenario } from '../../local/worlds/schema.ts';
import { writeScenario } from '../../local/worlds/write.ts';

const options = { minutes: 12 };
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
/** As many as it takes for every story and every way to end; `selfheal simulate` plays more. */
const worlds = 40;
const storied = ['keyed', 'stranded', 'quiet', 'selfmade', 'scaled', 'node', 'release', 'barren', 'hooked', 'aside'];
const fleetOf = ({ fleet }: WrittenScenario) => [...Object.keys(fleet.instances ?? {}), ...Object.keys(fleet.groups ?? {})];

/** Plays one world after the other until the sabotage is noticed; the promises that were seen to be broken. */
const noticed = async (sabotage: string, count: number): Promise<PromiseId[]> => {
  const broken: PromiseId[] = [];
  for (let seed = 1; seed <= count && broken.length === 0; seed++) {
    await playHere({ seeds: [seed], options, sabotage }, ({ violations }) => {
      broken.push(...violations.map(({ promise }) => promise));
      return broken.length > 0;
    });
  }
  return broken;
};

describe('the simulation', () => {
  test('keeps every promise in forty worlds, with every story and incidents that end in every way', async () => {
    const runs: Summary[] = [];
    // One thread: the other core has the other tests.
    const onRun = (run: Summary) => {
      runs.push(run);
      return false;
    };
    await play({ seeds: seeds(worlds), options, sabotage: undefined }, onRun, 1);
    expect(runs).toHaveLength(worlds);
    expect(runs.flatMap(({ seed, violations }) => violations.map((violation) => ({ seed, ...violation })))).toEqual([]);
    expect(runs.reduce((sum, { incidents }) => sum + incidents, 0)).toBeGreaterThan(worlds * 8);
    const statuses = new Set(runs.flatMap(({ outcomes }) => Object.keys(outcomes)));
    expect([...statuses].sort()).toEqual(['dry-run', 'escalated', 'failed', 'healed', 'healed-itself', 'held']);
    const drawn = new Set(seeds(worlds).flatMap((seed) => fleetOf(drawScenario(seed, options))));
    expect(storied.filter((name) => !drawn.has(name))).toEqual([]);
  });

  test('draws every story often enough and not too often, with steps that the language has', () => {
    const fleets = seeds(200).map((seed) => {
      const drawn = drawScenario(seed, { minutes: 120 });
      scenarioSchema.parse(drawn);
      return fleetOf(drawn);
    });
    // The fleet of a story disturbs nothing else, and most worlds are none of its business.
    for (const name of storied) {
      const share = fleets.filter((fleet) => fleet.includes(name)).length;
      expect(share).toBeGreaterThan(10);
      expect(share).toBeLessThan(60);
    }
  });

  test('takes the same course for the same seed, whatever else is played beside it', async () => {
    const alone = await playWorld(drawScenario(5, options));
    const beside: Summary[] = [];
    await playHere({ seeds: [4, 5, 6], options, sabotage: undefined }, (run) => {
      beside.push(run);
      return false;
    });
    const { history: _, ...summary } = alone;
    expect(beside.find(({ seed }) => seed === 5)).toEqual(summary);
    const again = await playWorld(drawScenario(5, options));
    expect(again.history).toEqual(alone.history);
    expect(again.history.length).toBeGreaterThan(50);
  });

  test('has a sabotage for every promise', () => {
    const broken = new Set(Object.values(sabotages).flatMap(({ breaks }) => breaks));
    expect(Object.keys(promises).filter((promise) => !broken.has(promise as PromiseId))).toEqual([]);
  });

  test.each([
    ['no-opt-in', 'opt-in'],
    ['no-deduplication', 'once'],
    ['ignore-kill-switch', 'kill-switch'],
  ])('notices %s', async (sabotage, promise) => {
    expect(await noticed(sabotage, 30)).toContain(promise);
  });

  test('writes a world as a scenario that takes the same course', async () => {
    const drawn = drawScenario(5, options);
    const read = readScenario(writeScenario(drawn, ['What it is about']), 'world.yml');
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    expect(read.scenario).toEqual(scenarioSchema.parse(drawn));
    const { watched, outcomes } = await playScenario(read.scenario);
    const run = await playWorld(drawn);
    // Whether outcomes are collected at the far ends is all that differs.
    expect(watched?.history).toEqual(run.history);
    expect(new Set(outcomes.map(({ incident }) => incident)).size).toBe(run.incidents);
  });
});
