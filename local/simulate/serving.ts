import { createRandom, type Random } from '#local-aws/random';
import type { Policy } from '../../shared/model/policy.ts';
import { processAlarm } from '../worlds/alarms.ts';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';
import type { Drawn, Story } from './stories.ts';

const minute = 60;

/** Tighter than the defaults, as in other worlds; work that can wait is done at any hour. */
const policy = { budget: { actions: 4, window: 3 * 3600 }, calm: { fromHour: 0, toHour: 24 } };

/** What fails below the users' requests, alone or in a group, and how often each is drawn. */
const failures = {
  lone: { hang: 4, host: 4, leak: 3, sick: 2, process: 3, 'stopped-by-aws': 2, retired: 2 },
  group: { hang: 4, host: 3, leak: 2, sick: 2, load: 2, release: 1, 'stopped-by-aws': 1, retired: 1 },
} as const;
type Failure = keyof (typeof failures)['lone'] | keyof (typeof failures)['group'];
const deck = (times: Partial<Record<Failure, number>>): Failure[] =>
  Object.entries(times).flatMap(([failure, count]) => Array<Failure>(count).fill(failure as Failure));
const decks = { lone: deck(failures.lone), group: deck(failures.group) };

const round = (value: number) => Math.round(value * 10) / 10;

/** What fails, at its time; `name` is of the target group, `on` an instance or a member. */
const stepsOf = (failure: Failure, random: Random, at: number, span: number, name: string, on: string, each: number): Drawn[] => {
  const lasting = () => writeDuration(10 * minute + random.int(50 * minute));
  switch (failure) {
    case 'hang':
      return [{ at, step: { do: 'hang-kernel', on } }];
    case 'host':
      return [{ at, step: { do: 'fail-host', on } }];
    case 'leak':
      return [{ at, step: { do: 'leak-memory', on } }];
    case 'sick':
      return [{ at, step: { do: 'sick-target', on, ...(random.chance(0.3) ? { for: lasting() } : {}) } }];
    case 'process':
      return [
        { at, step: { do: 'kill-process', on, process: 'app' } },
        { at, step: { do: 'sick-target', on } },
      ];
    case 'stopped-by-aws':
      return [{ at, step: { do: 'stop-by-aws', on } }];
    case 'retired':
      return [{ at, step: { do: 'retire', on, in: writeDuration(span + random.int(span / 2) - at) } }];
    case 'release':
      return [
        { at, step: { do: 'bad-release', on: name, after: '10m' } },
        { at: at + minute, step: { do: 'hang-kernel', on } },
      ];
    case 'load': {
      const lasts = writeDuration(30 * minute + random.int(60 * minute));
      return [
        { at, step: { do: 'add-load', on: name, percent: 200 + random.int(200), for: lasts } },
        { at, step: { do: 'send-requests', on: `${name}-users`, perSecond: round(each * random.between(0.5, 1.5)), for: lasts } },
      ];
    }
  }
};

/** What serves users: instances, or a group, which may have a target to spare or none; and what fails of it. */
const drawFront = (random: Random, name: string, span: number): Story => {
  const targets = `${name}-users`;
  const isGroup = random.chance(0.4);
  const size = isGroup ? 2 + random.int(3) : 1 + random.int(3);
  const spare = size > 1 && random.chance(0.3) ? 1 : 0;
  const perSecond = 10 + random.int(190);
  const each = round((perSecond / (size - spare)) * random.between(1, 1.2) + 0.1);
  const names = Array.from({ length: size }, (_, i) => (isGroup ? `${name}[${i}]` : `${name}-${i + 1}`));
  const optedIn = random.chance(0.9);
  const steps: Drawn[] = [{ at: 0, step: { do: 'send-requests', on: targets, perSecond, each, for: writeDuration(2 * span) } }];
  // What a spare one is good for shows when another fails.
  const failing = Math.max(1 + spare, 1 + random.int(Math.min(2, size)));
  const processes: string[] = [];
  for (const on of names.slice(0, failing)) {
    const failure = random.pick(isGroup ? decks.group : decks.lone);
    if (failure === 'process') processes.push(on);
    steps.push(...stepsOf(failure, random, random.int(span), span, name, on, each));
  }
  const delay = writeDuration(30 + random.int(5 * minute));
  const group = {
    desired: size,
    max: size + 1 + random.int(2),
    optedIn,
    healthCheck: random.pick(['EC2', 'ELB'] as const),
    grace: '5m',
    suspended: random.chance(0.5) ? ['HealthCheck'] : [],
    alarms: [{ metric: 'cpu' as const, period: '1m', periods: 3 }],
    memberAlarms: ['system', 'instance', 'memory'] as ('system' | 'instance' | 'memory')[],
    targetGroup: targets,
  };
  const instance = { optedIn, autoRecovery: random.chance(0.6), alarms: group.memberAlarms };
  return {
    ...(isGroup ? { groups: { [name]: group } } : { instances: Object.fromEntries(names.map((one) => [one, instance])) }),
    targetGroups: { [targets]: { optedIn, delay, ...(isGroup ? {} : { instances: names }) } },
    alarms: Object.fromEntries(processes.map((one) => [`${one}-app`, processAlarm(one, 'app')])),
    steps,
  };
};

const call = { do: 'fail-calls', rate: 0.3 } as const;
/** What goes wrong beside it. */
const troubles: readonly ((random: Random) => WrittenStep)[] = [
  () => ({ at: '0s', ...call, service: 'ec2', code: 'RequestLimitExceeded', status: 503, for: '1h' }),
  () => ({ at: '0s', ...call, service: 'elb', code: 'Throttling', status: 400, for: '1h' }),
  () => ({ at: '0s', ...call, service: 'autoscaling', code: 'InternalFailure', status: 500, for: '1h' }),
  () => ({ at: '0s', do: 'fail-calls', service: 'ec2', operation: 'RebootInstances', when: 'after', count: 1 }),
  () => ({ at: '0s', do: 'fail-calls', service: 'ec2', operation: 'StartInstances', when: 'after', count: 1 }),
  () => ({ at: '0s', do: 'deliveries', how: 'duplicate', rate: 1, for: '1h' }),
  () => ({ at: '0s', do: 'deliveries', how: 'delay', rate: 0.5, for: '1h' }),
  (random) => ({ at: writeDuration(random.int(90 * minute)), do: 'stop-executions' }),
  (random) => ({ at: writeDuration(random.int(90 * minute)), do: 'exhaust-zone', zone: 'a', for: '20m' }),
  (random) => ({ at: writeDuration(random.int(90 * minute)), do: 'dark-zone', zone: 'a', for: '20m' }),
  () => ({ at: '0s', do: 'switch', to: 'off' }),
];

/**
 * Draws a world in which users send requests to one or two target groups, of which targets fail for `minutes`, and nobody else mends them
 * for as long again: the announced date of a retirement is in it. The same for the same seed.
 */
export const drawServing = (seed: number, minutes: number, own: Partial<Policy> = {}): WrittenScenario => {
  const random = createRandom(seed).fork('serving');
  const span = minutes * minute;
  const fronts = ['shop', 'api'].slice(0, 1 + random.int(2)).map((name) => drawFront(random.fork(name), name, span));
  const steps = fronts.flatMap((front) => front.steps).sort((a, b) => a.at - b.at);
  const trouble = random.chance(0.4) ? [random.pick(troubles)(random)] : [];
  const timeline = [...trouble, ...steps.map(({ at, step }) => ({ at: writeDuration(at), ...step }) as WrittenStep)];
  return {
    name: `Seed ${seed}: serving`,
    hypothesis: 'What is done for users costs them less than what is left alone.',
    seed,
    start: '2026-03-02T02:00:00Z',
    watch: writeDuration(2 * span),
    interleave: true,
    ...(random.chance(0.3) ? { deaths: 0.004 } : {}),
    policy: {
      ...policy,
      playbooks: { 'application-down': 'restart-application' },
      ...(random.chance(0.4) ? { drain: { atMost: '5m' } } : {}),
      ...own,
    },
    fleet: {
      instances: Object.assign({}, ...fronts.map(({ instances }) => instances)),
      groups: Object.assign({}, ...fronts.map(({ groups }) => groups)),
      targetGroups: Object.assign({}, ...fronts.map(({ targetGroups }) => targetGroups)),
      alarms: Object.assign({}, ...fronts.map(({ alarms }) => alarms)),
    },
    timeline: [...timeline, { at: writeDuration(2 * span), do: 'all-clear' }, { at: writeDuration(2 * span), do: 'switch', to: 'on' }],
    expect: { promises: 'kept', refused: { atMost: timeline.length } },
  };
};
