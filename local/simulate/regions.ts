import { createRandom } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeDuration } from '../worlds/values.ts';

const minute = 60;

type Step = WrittenScenario['timeline'][number];
type Place = NonNullable<WrittenScenario['places']>[string];

const accounts = ['222222222222', '333333333333', '444444444444', '555555555555'] as const;

/**
 * A region, or one zone of it by the name that each account has for it, in which several accounts of an organisation fail within minutes. Each has so few
 * instances that half of them are a mass failure.
 */
export const drawRegions = (seed: number): WrittenScenario => {
  const random = createRandom(seed).fork('regions');
  const zonal = random.chance(0.4);
  const chosen = accounts.slice(0, 2 + random.int(3));
  const drawPlace = (account: string): Place => {
    const zone = random.pick(['a', 'b', 'c'] as const);
    const from = minute + random.int(3 * minute);
    const names = Array.from({ length: 5 }, (_, i) => `web-${i + 1}`);
    const timeline: Step[] = names.map((on) => ({ at: writeDuration(from + random.int(minute)), do: 'hang-kernel', on }));
    return {
      ...{ account, region: 'us-east-1' },
      fleet: { instances: { web: { count: 5, zone, alarms: ['instance'] } } },
      timeline: [...timeline, { at: '40m', do: 'all-clear' }],
    };
  };
  const places = Object.fromEntries(chosen.map((account, i) => [`place-${i}`, drawPlace(account)]));
  return {
    name: `Seed ${seed}: regions`,
    hypothesis: 'What several accounts have in common is told once for all of them.',
    seed,
    interleave: true,
    watch: '55m',
    policy: { budget: { actions: 4, window: 3 * 3600 }, massFailure: zonal ? { zone: 3, account: 20 } : { account: 3, zone: 20 } },
    fleet: {},
    places,
    timeline: [{ at: '40m', do: 'all-clear' }],
    expect: { promises: 'kept' },
  };
};
