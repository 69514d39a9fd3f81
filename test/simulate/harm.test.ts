import { beforeAll, describe, expect, test } from '@jest/globals';
import { drawScenario } from '../../local/simulate/draw.ts';
import { addHarm, type Harm, isBeyond, isWithinBudget, noHarm, withRequests } from '../../local/simulate/harm.ts';
import { playWorld, type Run, shrink } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import { scenarioSchema, type WrittenScenario } from '../../local/worlds/schema.ts';

const tallyOf = (...worlds: Harm[]) => {
  const tally = noHarm();
  for (const [i, world] of worlds.entries()) addHarm(tally, i + 1, world);
  return tally;
};
const harm = (failed: number, without: number, acted = true, total = 100_000): Harm => ({ total, failed, without, acted });

describe('the harm of many worlds', () => {
  test.each([
    ['better', harm(10, 20), { acted: 1, better: 1, seeds: [] }, true],
    ['equal', harm(20, 20), { acted: 1, equal: 1, seeds: [] }, true],
    ['worse within the budget', harm(120, 20), { acted: 1, worse: 1, beyond: 0, seeds: [], worst: { seed: 1, share: 0.001 } }, true],
    ['worse beyond it', harm(121, 20), { acted: 1, worse: 1, beyond: 1, seeds: [1] }, false],
    ['as ever, untouched', harm(20, 20, false), { acted: 0, equal: 0, differs: 0, seeds: [] }, true],
    ['different, though untouched', harm(19, 20, false), { acted: 0, better: 0, differs: 1, seeds: [1] }, false],
    ['nothing, without requests', harm(0, 0, true, 0), { worlds: 0, acted: 0, seeds: [] }, true],
  ])('is %s', (_, world, counted, within) => {
    const tally = tallyOf(world);
    expect(tally).toMatchObject(counted);
    expect([isWithinBudget(tally), isBeyond(world)]).toEqual([within, !within]);
  });

  test('is beyond the budget where too few of a hundred worlds are better', () => {
    const of = (better: number, worlds: number) => tallyOf(...Array.from({ length: worlds }, (_, i) => harm(i < better ? 1 : 2, 2)));
    expect([of(95, 100), of(94, 100), of(0, 99)].map(isWithinBudget)).toEqual([true, false, true]);
  });
});

/** A lone instance that serves, and what happens to it. */
const worldOf = (timeline: WrittenScenario['timeline'], more: Partial<WrittenScenario> = {}): WrittenScenario => ({
  name: 'Users',
  hypothesis: 'They are served.',
  seed: 5,
  watch: '30m',
  fleet: { instances: { web: { alarms: ['instance'] } }, targetGroups: { shop: { instances: ['web'], alarm: false } } },
  timeline: [...timeline, { at: '30m', do: 'all-clear' }],
  expect: { promises: 'kept', refused: { atMost: 9 } },
  ...more,
});
const hung = worldOf([{ at: '1m', do: 'hang-kernel', on: 'web' }]);
const play = async (world: WrittenScenario, options: Parameters<typeof playWorld>[1] = {}): Promise<Run['harm']> =>
  (await playWorld(withRequests(world), { harm: true, ...options })).harm;

describe('a world with users', () => {
  let healed: Run['harm'];
  beforeAll(async () => {
    healed = await play(hung);
  });

  test('is better for what selfheal does: what hangs for good fails all requests until the end without it', () => {
    expect(healed).toEqual({ total: 100 * 30 * 60, failed: expect.any(Number), without: 100 * 29 * 60, acted: true });
    expect(healed?.failed).toBeLessThan(100 * 12 * 60);
  });

  test('is the same to the last request where selfheal does nothing, whatever it looks at', async () => {
    const idle = await play({ ...hung, policy: { mode: 'dry-run' } });
    expect(idle).toEqual({ ...healed, failed: healed?.without, acted: false });
  });

  test('is worse where a protection is broken, and its shortest history says by what', async () => {
    const well = worldOf([
      { at: '1m', do: 'lose-agent', on: 'web' },
      { at: '2m', do: 'force-alarm', alarm: `\${web}-status-check-instance` },
    ]);
    expect(await play(well)).toMatchObject({ failed: 0, without: 0, acted: false });
    const sabotage = sabotages['act-on-ok'];
    expect(await play(well, { sabotage })).toMatchObject({ failed: expect.any(Number), without: 0, acted: true });
    const costs = (run: Run) => run.harm !== undefined && isBeyond(run.harm);
    const { scenario, run } = await shrink(withRequests(well), costs, { harm: true, sabotage });
    expect(scenario.timeline.map(({ do: what }) => what)).toEqual(['send-requests', 'force-alarm', 'all-clear']);
    expect(costs(run)).toBe(true);
  });

  test('has requests to every target group, and dead software where a target dies', () => {
    const drawn = withRequests(worldOf([{ at: '1m', do: 'kill-process', on: 'web', process: 'app' }]));
    expect(drawn.timeline.map(({ do: what }) => what)).toEqual(['send-requests', 'kill-process', 'sick-target', 'all-clear']);
    expect(withRequests(drawn)).toEqual(drawn);
  });

  test('is drawn for three seeds of four, by the same draws each time', () => {
    const names = [1, 2, 3, 4, 5].map((seed) => {
      const drawn = drawScenario(seed, { minutes: 60, harm: true });
      scenarioSchema.parse(drawn);
      expect(drawScenario(seed, { minutes: 60, harm: true })).toEqual(drawn);
      return drawn.name;
    });
    expect(names.map((name) => name.includes('serving'))).toEqual([true, true, true, false, true]);
  });
});
