import { createRandom } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

const minute = 60;
const pagers = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' } as const;
const kinds = ['mixed', 'crash', 'groups', 'people'] as const;

/** The longest that a pager fails, and how often the watch sweeps what nobody was told of; in seconds. */
const longestOutage = 16 * minute;
const sweep = 15 * minute;

/**
 * A world with a pager that fails at times, now before and now after it has taken an event, and with heartbeats that stay away for a while, of
 * which people are told at their beginning.
 */
export const drawPages = (seed: number, minutes: number, drawWorld: (kind: (typeof kinds)[number]) => WrittenScenario): WrittenScenario => {
  const random = createRandom(seed).fork('pages');
  const span = minutes * minute;
  const world = drawWorld(random.pick(kinds));
  const region = random.pick(['us', 'eu'] as const);
  const jobs = Array.from({ length: 1 + random.int(3) }, (_, i) => `job-${i}`);
  const steps: { at: number; step: object }[] = [];
  for (const heartbeat of jobs) {
    const silent = Math.floor(random.between(0, span * 0.5));
    steps.push({ at: 0, step: { do: 'beat', heartbeat, every: '4m' } });
    steps.push({ at: silent, step: { do: 'stop-beating', heartbeat } });
    steps.push({ at: silent + 8 * minute + random.int(span), step: { do: 'beat', heartbeat, every: '4m' } });
  }
  for (let i = random.int(4); i > 0; i--)
    steps.push({
      at: random.int(span),
      step: {
        do: 'break-site',
        site: pagers[region],
        status: random.pick([429, 500, 503]),
        receives: random.chance(0.5),
        for: writeDuration(2 * minute + random.int(longestOutage - 2 * minute)),
      },
    });
  const timeline = steps.map(({ at, step }) => ({ at: writeDuration(at), ...step }) as WrittenStep);
  return {
    ...world,
    name: `${world.name}, with a pager`,
    deaths: world.deaths ?? 0.004,
    // What could not be told is told by a sweep, of which one may meet a pager that still fails.
    watch: writeDuration(span + longestOutage + 2 * sweep + 2 * minute),
    policy: {
      ...world.policy,
      channels: { pagerduty: { secret: 'pager', region } },
      beats: jobs.map((name) => ({ name, every: '5m', grace: '1m' })),
    },
    timeline: [...world.timeline, ...timeline],
    expect: { ...world.expect, refused: { atMost: world.timeline.length + timeline.length } },
  };
};
