import { createRandom, type Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';
import type { Drawn, Story, Undated } from './stories.ts';

/** A function that is deployed, or whose dependency fails, or both, and whether a rollback is what helps. */
export type Mix = { scenario: WrittenScenario; rollBack: boolean };

/** What happens to it, and how often that is drawn. */
const courses = {
  'bad-deploy': 40,
  'good-deploy': 5,
  outage: 10,
  'good-deploy-then-outage': 20,
  'outage-then-deploy': 8,
  'both-bad': 5,
  'bad-deploys': 4,
  'person-fixes': 4,
  canary: 4,
  'old-deploy-then-outage': 4,
} as const;
type Course = keyof typeof courses;
const drawn: readonly Course[] = Object.entries(courses).flatMap(([course, times]) => Array<Course>(times).fill(course as Course));

const minute = 60;
const round = (value: number) => Math.round(value * 1000) / 1000;

/**
 * Nothing tells a deployment that fails from a dependency that fails in the same minutes, if one can only count errors. So the dependency
 * fails no sooner than this after a good one; in seconds.
 */
const apart = 4 * minute;

const stepsOf = (course: Course, random: Random, base: number): [at: number, step: Undated][] => {
  const at = random.int(5 * minute);
  const bad = round(random.between(0.15, 1));
  const deploy = (errors: number) => ({ do: 'deploy-function', function: 'shop', alias: 'live', errors: round(errors) }) as const;
  const outage = (): Undated => ({
    do: 'function-errs',
    function: 'shop',
    errors: round(random.between(0.2, 1)),
    for: writeDuration(10 * minute + random.int(50 * minute)),
  });
  switch (course) {
    case 'bad-deploy':
      return [[at, deploy(bad)]];
    case 'bad-deploys':
      return [
        [at, deploy(bad)],
        [at + 25 * minute + random.int(20 * minute), deploy(bad)],
      ];
    case 'good-deploy':
      return [[at, deploy(base)]];
    case 'outage':
      return [[at, outage()]];
    case 'good-deploy-then-outage':
      return [
        [at, deploy(base)],
        [at + apart + random.int(50 * minute), outage()],
      ];
    case 'old-deploy-then-outage':
      return [
        [at, deploy(base)],
        [at + 70 * minute + random.int(60 * minute), outage()],
      ];
    case 'outage-then-deploy':
      return [
        [at, { ...outage(), for: '50m' } as Undated],
        [at + 5 * minute + random.int(20 * minute), deploy(base)],
      ];
    case 'both-bad':
      return [[at, deploy(bad)]];
    case 'person-fixes':
      return [
        [at, deploy(bad)],
        [at + 90, { do: 'move-alias', function: 'shop', alias: 'live', version: '2', by: 'dana' }],
      ];
    case 'canary':
      return [[at, { ...deploy(bad), weight: 0.2 }]];
  }
};

/** A function in a world, its alarm, and what happens to it. */
const drawReleased = (random: Random) => {
  const course = random.pick(drawn);
  const base = random.chance(0.5) ? 0 : round(random.between(0, 0.01));
  const rate = Math.round(60 * 50 ** random.between(0, 1));
  const steps = stepsOf(course, random, base).map(([at, step]): Drawn => ({ at, step }));
  const before = course === 'both-bad' ? round(random.between(0.1, 0.3)) : base;
  const byAlias = random.chance(0.5);
  const lost = random.chance(0.1);
  const throttled = random.chance(0.1);
  const faults: Drawn[] = [
    ...(lost ? [{ at: 0, step: { do: 'fail-calls', service: 'lambda', operation: 'UpdateAlias', when: 'after', count: 1 } as const }] : []),
    ...(throttled
      ? [
          {
            at: 0,
            step: {
              do: 'fail-calls',
              service: 'cloudwatch',
              operation: 'GetMetricData',
              code: 'Throttling',
              status: 400,
              rate: 0.3,
            } as const,
          },
        ]
      : []),
  ];
  return {
    course,
    policy: { lambda: { rollback: { alias: 'live' } } },
    functions: {
      shop: { published: 2, aliases: { live: '2' }, rates: { live: rate }, errors: base, versions: { '2': { errors: before } } },
    },
    alarms: {
      'shop-errors': {
        metric: {
          namespace: 'AWS/Lambda',
          name: 'Errors',
          dimensions: { FunctionName: 'shop', ...(byAlias ? { Resource: 'shop:live' } : {}) },
        },
        comparison: '>',
        threshold: Math.ceil(rate * (course === 'both-bad' ? 0.35 : 0.03)) + 3,
        statistic: 'Sum',
        period: '1m',
        periods: 1 + random.int(3),
      },
    },
    faults,
    steps,
  } satisfies Pick<WrittenScenario, 'policy'> & Partial<WrittenScenario['fleet']> & Record<string, unknown>;
};

/** Draws a world with one; the same for the same seed. */
export const drawMix = (seed: number): Mix => {
  const { course, policy, functions, alarms, faults, steps } = drawReleased(createRandom(seed).fork('releases'));
  return {
    rollBack: course === 'bad-deploy' || course === 'bad-deploys',
    scenario: {
      name: `Seed ${seed}: ${course}`,
      hypothesis: 'A release is rolled back where it is to blame, and nowhere else.',
      seed,
      watch: '90m',
      policy,
      fleet: { functions, alarms },
      timeline: [...faults, ...steps].map(({ at, step }) => ({ at: writeDuration(at), ...step }) as WrittenStep),
      expect: { promises: 'kept', refused: { atMost: steps.length } },
    },
  };
};

/** The same in a world in which more happens. Null for most worlds: it is a rare policy. */
export const drawDeployed = (random: Random, span: number): Story | null => {
  if (!random.chance(0.12)) return null;
  const { policy, functions, alarms, faults, steps } = drawReleased(random);
  const began = Math.floor(random.between(0, span * 0.3));
  return { policy, functions, alarms, steps: [...faults, ...steps.map(({ at, step }) => ({ at: began + at, step }))] };
};
