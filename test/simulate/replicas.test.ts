import { describe, expect, test } from '@jest/globals';
import { createRandom } from '#local-aws/random';
import { drawReplicasIncident } from '../../local/simulate/replicas.ts';
import { playWorld } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import type { WrittenScenario } from '../../local/worlds/schema.ts';

const drawn = (seed: number): WrittenScenario => ({
  ...drawReplicasIncident(createRandom(seed).fork('data')),
  ...{ name: `Seed ${seed}`, hypothesis: 'Two people decide.', seed, expect: { promises: 'kept' } },
});
/** The first in which a source is lost for good, and one person alone says yes to the promotion. */
const tempting = Array.from({ length: 200 }, (_, i) => drawn(i + 1)).find(
  ({ policy, fleet, timeline, answers }) =>
    JSON.stringify(policy).includes('"promote":"on"') &&
    JSON.stringify(fleet).includes('"optedIn":true') &&
    timeline.some((step) => step.do === 'change-database' && step.status === 'failed') &&
    timeline.length === 2 &&
    answers?.length === 1,
);
const play = async (sabotage?: string) => {
  if (!tempting) throw new Error('no world tempts');
  const { violations } = await playWorld(tempting, { sabotage: sabotage === undefined ? undefined : sabotages[sabotage] });
  return [...new Set(violations.map(({ promise }) => promise))];
};

describe('drawn worlds of replicas', () => {
  test('tempt to promote one on one yes, which is noticed', async () => {
    expect(await play()).toEqual([]);
    expect(await play('promote-on-one-yes')).toEqual(['two-yeses']);
  });
});
