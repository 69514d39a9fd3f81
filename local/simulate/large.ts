import { createRandom } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeDuration } from '../worlds/values.ts';

const minute = 60;

type Step = WrittenScenario['timeline'][number];

/**
 * A group of 20 to 40 members, of which some fail within minutes of one another, once or twice: fewer than a mass failure, and more than its
 * share; or so many that single actions must stop.
 */
export const drawLarge = (seed: number): WrittenScenario => {
  const random = createRandom(seed).fork('large');
  const desired = 20 + random.int(21);
  const share = random.pick([0.05, 0.08, 0.1, 0.13, 0.17]);
  const sick = () => random.pick(['hang-kernel', 'fail-host'] as const);
  const members = Array.from({ length: desired }, (_, i) => `web[${i}]`);
  /** What EC2 doesn't recover by itself, where `lasts`. */
  const failing = (at: number, count: number, within: number, lasts = false): Step[] => {
    const first = random.int(desired);
    return Array.from({ length: count }, (_, i) => ({
      at: writeDuration(at + random.int(within)),
      do: lasts ? 'hang-kernel' : sick(),
      on: members[(first + i) % desired] ?? 'web[0]',
    }));
  };
  const most = Math.floor(desired * share);
  const all = random.chance(0.2);
  const timeline: Step[] = [
    ...failing(minute, all ? Math.ceil(desired * 0.7) : most + 1 + random.int(3), 2 * minute, all),
    ...(random.chance(0.5) ? failing(40 * minute, 1 + random.int(most + 1), 5 * minute) : []),
    ...(random.chance(0.3) ? [{ at: '8m', do: 'resize', on: 'web', desired: desired + random.int(4) } as Step] : []),
    ...(random.chance(0.2) ? [{ at: '20m', do: 'enter-standby', on: `web[${random.int(desired)}]` } as Step] : []),
    ...(random.chance(0.3) ? [{ at: '6m', do: 'stop-executions', count: 1 } as Step] : []),
    { at: '90m', do: 'all-clear' },
  ];
  return {
    name: `Seed ${seed}: large`,
    hypothesis: 'Of many members only a few are treated at a time.',
    seed,
    interleave: true,
    watch: '2h',
    policy: {
      blastRadius: { share },
      budget: { actions: 4, window: 3 * 3600, group: { actions: desired } },
      massFailure: { account: 30, zone: 30 },
      ...(random.chance(0.05) ? { mode: 'dry-run' } : {}),
    },
    fleet: {
      groups: {
        web: {
          min: 1,
          desired,
          max: desired + 4,
          optedIn: random.chance(0.95),
          suspended: ['HealthCheck'],
          memberAlarms: ['system', 'instance'],
        },
      },
    },
    timeline,
    expect: { promises: 'kept', refused: { atMost: timeline.length } },
  };
};
