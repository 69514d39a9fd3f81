import { createRandom, type Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeDuration } from '../worlds/values.ts';

const minute = 60;

type Step = WrittenScenario['timeline'][number];
type Part = { policy?: WrittenScenario['policy']; answers?: WrittenScenario['answers']; steps: Step[] };

const at = (seconds: number) => writeDuration(Math.max(0, Math.floor(seconds)));

/** A person is asked before some actions, and says yes or no, in time, late, or not at all. */
const asked = (random: Random): Part => {
  const timeout = random.pick([10, 30, 60]) * minute;
  const action = random.pick(['reboot-instance', 'stop-start-instance', 'replace-member'] as const);
  const answers = Array.from({ length: random.pick([0, 1, 3, 6]) }, () => ({
    answer: random.pick(['approve', 'approve', 'reject'] as const),
    after: at(random.chance(0.3) ? timeout + random.int(30 * minute) : random.int(timeout)),
  }));
  return { policy: { approval: { timeout, required: [{ action }] } }, answers, steps: [] };
};

/** Somebody pauses what fails. */
const pausing = (random: Random, sick: string): Part => ({
  steps: [{ at: at(random.int(2 * minute)), do: 'pause', on: sick, for: at((20 + random.int(60)) * minute), because: 'we look into it' }],
});

/** A change calendar is closed, from the beginning or from some time on. */
const closed = (random: Random): Part => ({
  policy: { calendars: ['freeze'] },
  steps: [
    { at: '0s', do: 'calendar', name: 'freeze', open: random.chance(0.3) },
    { at: at(random.int(10 * minute)), do: 'calendar', name: 'freeze', open: false },
    { at: at((60 + random.int(30)) * minute), do: 'calendar', name: 'freeze', open: true },
  ],
});

/** Somebody protects a member, or an instance, from what would be done to it. */
const protecting = (random: Random, sick: string): Part => ({
  steps: [{ at: '0s', do: 'protect', on: sick, from: random.pick(['stop', 'termination', 'scale-in', 'scale-in'] as const) }],
});

/** Somebody takes a member aside, before or after it fails. */
const aside = (random: Random): Part => ({
  steps: [
    { at: at(random.int(12 * minute)), do: 'enter-standby', on: 'web[0]', decrement: random.chance(0.7) },
    ...(random.chance(0.3) ? [{ at: '50m', do: 'exit-standby', on: 'web[0]' } as Step] : []),
  ],
});

/** The switch is turned to dry-run, off, and on again. */
const switched = (random: Random): Part => ({
  steps: [
    { at: at(random.int(8 * minute)), do: 'switch', to: random.pick(['dry-run', 'dry-run', 'off'] as const) },
    ...(random.chance(0.3) ? [{ at: at((12 + random.int(8)) * minute), do: 'switch', to: 'dry-run' } as Step] : []),
    { at: at((40 + random.int(30)) * minute), do: 'switch', to: 'on' },
  ],
});

/** The owner's tags change what is done, or no longer let anything be done. */
const tagged = (random: Random, sick: string): Part => ({
  steps: [
    random.chance(0.5)
      ? { at: at(random.int(8 * minute)), do: 'untag', on: sick, key: 'selfheal' }
      : { at: at(random.int(2 * minute)), do: 'tag', on: sick, key: 'selfheal:mode', value: random.pick(['dry-run', 'off', 'nonsense']) },
  ],
});

/** All that was delivered is delivered again, hours and days later. */
const redelivered = (random: Random): Part => ({
  steps: [
    { at: at((100 + random.int(60)) * minute), do: 'redeliver' },
    ...(random.chance(0.5) ? [{ at: at((24 + random.int(30)) * 60 * minute), do: 'redeliver' } as Step] : []),
  ],
});

/** A few things fail while people say what may be done about it. */
export const drawConsent = (seed: number): WrittenScenario => {
  const random = createRandom(seed).fork('consent');
  const names = ['lone-0', 'lone-1', 'web[0]', 'web[1]'];
  const sick = random.pick(names);
  const also = random.pick(names);
  const parts: Part[] = [
    random.pick<(source: Random, on: string) => Part>([
      asked,
      asked,
      pausing,
      closed,
      protecting,
      protecting,
      aside,
      switched,
      switched,
      tagged,
    ])(random, sick),
    ...(random.chance(0.3) ? [switched(random)] : []),
    ...(random.chance(0.4) ? [redelivered(random)] : []),
  ];
  const fails = (on: string, from: number): Step => ({ at: at(from), do: random.pick(['hang-kernel', 'fail-host'] as const), on });
  const steps: Step[] = [
    fails(sick, 2 * minute + random.int(6 * minute)),
    ...(also === sick ? [] : [fails(also, 2 * minute + random.int(20 * minute))]),
    ...parts.flatMap((part) => part.steps),
    { at: '95m', do: 'all-clear' },
    { at: '95m', do: 'switch', to: 'on' },
  ];
  return {
    name: `Seed ${seed}: consent`,
    hypothesis: 'What people say counts, whenever they say it.',
    seed,
    interleave: true,
    watch: '2h',
    policy: { budget: { actions: 4, window: 3 * 3600 }, ...Object.assign({}, ...parts.map(({ policy }) => policy)) },
    fleet: {
      instances: {
        'lone-0': { autoRecovery: false, alarms: ['system', 'instance'] },
        'lone-1': { autoRecovery: false, alarms: ['system', 'instance'] },
      },
      groups: { web: { min: 0, desired: 3, max: 5, suspended: ['HealthCheck'], memberAlarms: ['system', 'instance'] } },
    },
    timeline: steps,
    answers: parts.flatMap(({ answers = [] }) => answers),
    expect: { promises: 'kept', refused: { atMost: steps.length } },
  };
};
