import { beforeAll, describe, expect, test } from '@jest/globals';
import { type DrawOptions, drawScenario } from '../../local/simulate/draw.ts';
import { playHere, type Summary } from '../../local/simulate/pool.ts';
import { playWorld, type Run } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { type PromiseId, promises } from '../../local/worlds/promises.ts';
import { readScenario } from '../../local/worlds/read.ts';
import { scenarioSchema, type WrittenScenario } from '../../local/worlds/schema.ts';
import { writeScenario } from '../../local/worlds/write.ts';
import { partOf, testWhole, whole } from '../runner/whole.ts';

const options = { minutes: 12 };
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
/** Small worlds that tell every story twice and have incidents that end in every way; `selfheal simulate` plays more. */
const worlds = partOf([5, 4, 8, 11, 12, 13, 15, 20, 26, 27, 33, 34, 38, 39, 40], 8);
const storied = ['keyed', 'stranded', 'quiet', 'selfmade', 'scaled', 'node', 'release', 'barren', 'hooked', 'aside'];
const fleetOf = ({ fleet }: WrittenScenario) => [...Object.keys(fleet.instances ?? {}), ...Object.keys(fleet.groups ?? {})];

const played = async (seeds: number[], sabotage?: string, more: Partial<DrawOptions> = {}): Promise<Summary[]> => {
  const runs: Summary[] = [];
  await playHere({ seeds, options: { ...options, ...more }, sabotage }, (run) => {
    runs.push(run);
    return false;
  });
  return runs;
};

describe('the simulation', () => {
  let runs: Summary[] = [];
  let alone: Run;
  beforeAll(async () => {
    runs = await played(worlds);
    alone = await playWorld(drawScenario(5, options));
  });

  test('keeps every promise, with every story and incidents that end in every way', () => {
    expect(runs).toHaveLength(worlds.length);
    expect(runs.flatMap(({ seed, violations }) => violations.map((violation) => ({ seed, ...violation })))).toEqual([]);
    expect(runs.reduce((sum, { incidents }) => sum + incidents, 0)).toBeGreaterThan(worlds.length * 5);
    if (!whole) return;
    const statuses = new Set(runs.flatMap(({ outcomes }) => Object.keys(outcomes)));
    expect([...statuses].sort()).toEqual(['dry-run', 'escalated', 'failed', 'healed', 'healed-itself', 'held']);
    const drawn = worlds.flatMap((seed) => fleetOf(drawScenario(seed, options)));
    expect(storied.filter((name) => drawn.filter((one) => one === name).length < 2)).toEqual([]);
    expect(drawn).toContain('commanded');
  });

  test('draws every story often enough and not too often, with steps that the language has', () => {
    const fleets = seeds(200).map((seed) => {
      const drawn = drawScenario(seed, { minutes: 120 });
      scenarioSchema.parse(drawn);
      return fleetOf(drawn);
    });
    // The fleet of a story disturbs nothing else, and most worlds are none of its business.
    for (const name of [...storied, 'commanded']) {
      const share = fleets.filter((fleet) => fleet.includes(name)).length;
      expect(share).toBeGreaterThan(10);
      expect(share).toBeLessThan(60);
    }
  });

  test('takes the same course for the same seed, whatever else is played beside it', () => {
    const { history, ...summary } = alone;
    expect(runs.find(({ seed }) => seed === 5)).toEqual(summary);
    expect(history.length).toBeGreaterThan(50);
  });

  test('has a sabotage for every promise', () => {
    const broken = new Set(Object.values(sabotages).flatMap(({ breaks }) => breaks));
    expect(Object.keys(promises).filter((promise) => !broken.has(promise as PromiseId))).toEqual([]);
  });

  test.each(
    partOf(
      [
        ['no-opt-in', 'opt-in', 5],
        ['no-deduplication', 'once', 1],
        ['ignore-kill-switch', 'kill-switch', 27],
        ['any-document', 'known-documents', 17],
        ['believe-silence', 'not-failing', 4],
      ] as const,
      5,
    ),
  )('notices %s', async (sabotage, promise, seed) => {
    const [run] = await played([seed], sabotage);
    expect(run?.violations.map((violation) => violation.promise)).toContain(promise);
  });

  testWhole(
    'pages once for each incident that needs a person, whatever dies or is lost, and notices a page that is left open',
    async () => {
      const broken = await played([1], 'resolve-no-page', { kind: 'pages' });
      const { violations, history } = await playWorld(drawScenario(3, { ...options, kind: 'pages' }));
      expect(violations).toEqual([]);
      const paged = (action: string) => history.filter(({ text }) => text.startsWith(`pager: ${action} `)).length;
      expect({ opens: paged('trigger') > 1, resolves: paged('resolve') > 0 }).toEqual({ opens: true, resolves: true });
      expect(broken.flatMap(({ violations }) => violations.map(({ promise }) => promise))).toContain('pages-end');
    },
  );

  testWhole('writes a world as a scenario that takes the same course', async () => {
    const drawn = drawScenario(5, options);
    const read = readScenario(writeScenario(drawn, ['What it is about']), 'world.yml');
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    expect(read.scenario).toEqual(scenarioSchema.parse(drawn));
    const { watched, outcomes } = await playScenario(read.scenario);
    // Whether outcomes are collected at the far ends is all that differs.
    expect(watched?.history).toEqual(alone.history);
    expect(new Set(outcomes.map(({ incident }) => incident)).size).toBe(alone.incidents);
  });
});
