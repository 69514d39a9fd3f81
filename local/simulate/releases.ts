import { createRandom, type Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

/** A function that is deployed, or whose dependency fails, or both, and whether a rollback is what helps. */
export type Mix = { scenario: WrittenScenario; rollBack: boolean };

/** What happens to it, and how often that is drawn. */
const stories = {
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
type Story = keyof typeof stories;
const drawn: readonly Story[] = Object.entries(stories).flatMap(([story, times]) => Array<Story>(times).fill(story as Story));

const minute = 60;
const round = (value: number) => Math.round(value * 1000) / 1000;

/**
 * Nothing tells a deployment that fails from a dependency that fails in the same minutes, if one can only count errors. So the dependency
 * fails no sooner than this after a good one; in seconds.
 */
const apart = 4 * minute;

type Undated = WrittenStep extends infer One ? (One extends WrittenStep ? Omit<One, 'at'> : never) : never;

const stepsOf = (story: Story, random: Random, base: number): [at: number, step: Undated][] => {
  const at = random.int(5 * minute);
  const bad = round(random.between(0.15, 1));
  const deploy = (errors: number) => ({ do: 'deploy-function', function: 'shop', alias: 'live', errors: round(errors) }) as const;
  const outage = (): Undated => ({
    do: 'function-errs',
    function: 'shop',
    errors: round(random.between(0.2, 1)),
    for: writeDuration(10 * minute + random.int(50 * minute)),
  });
  switch (story) {
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
export const drawReleased = (random: Random) => {
  const story = random.pick(drawn);
  const base = random.chance(0.5) ? 0 : round(random.between(0, 0.01));
  const rate = Math.round(60 * 50 ** random.between(0, 1));
  const steps = stepsOf(story, random, base);
  const before = story === 'both-bad' ? round(random.between(0.1, 0.3)) : base;
  const byAlias = random.chance(0.5);
  const lost = random.chance(0.1);
  const throttled = random.chance(0.1);
  const faults: { at: number; step: Undated }[] = [
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
    story,
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
        threshold: Math.ceil(rate * (story === 'both-bad' ? 0.35 : 0.03)) + 3,
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
  const { story, policy, functions, alarms, faults, steps } = drawReleased(createRandom(seed).fork('releases'));
  return {
    rollBack: story === 'bad-deploy' || story === 'bad-deploys',
    scenario: {
      name: `Seed ${seed}: ${story}`,
      hypothesis: 'A release is rolled back where it is to blame, and nowhere else.',
      seed,
      watch: '90m',
      policy,
      fleet: { functions, alarms },
      timeline: [...faults.map(({ at, step }) => [at, step] as const), ...steps].map(
        ([at, step]) => ({ at: writeDuration(at), ...step }) as WrittenStep,
      ),
      expect: { promises: 'kept', refused: { atMost: steps.length } },
    },
  };
};
