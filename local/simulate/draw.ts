import { createRandom, type Random } from '#local-aws/random';
import type { Policy } from '../../shared/model/policy.ts';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';
import { drawConsent } from './consent.ts';
import { drawData } from './data.ts';
import { withRequests } from './harm.ts';
import { drawLarge } from './large.ts';
import { drawOrganization } from './organization.ts';
import { drawOutages } from './outages.ts';
import { drawPages } from './pages.ts';
import { drawRegions } from './regions.ts';
import { drawDeployed, drawMix } from './releases.ts';
import { drawServing } from './serving.ts';
import {
  type Drawn,
  drawCommanded,
  drawDeadLetters,
  drawLeakingService,
  drawLostAgents,
  drawOwn,
  drawServed,
  drawSilent,
  drawStories,
  type Story,
  type Undated,
} from './stories.ts';
import { drawTale } from './tales.ts';

export const kinds = [
  'mixed',
  'calm',
  'storm',
  'crash',
  'people',
  'groups',
  'releases',
  'data',
  'pages',
  'serving',
  'large',
  'consent',
  'outages',
  'organization',
  'regions',
  'stories',
] as const;
/** What goes wrong most in a world. */
export type Kind = (typeof kinds)[number];

/** How often each kind is drawn where none is asked for. */
const mix: readonly Kind[] = ['mixed', 'mixed', 'mixed', 'mixed', 'calm', 'storm', 'crash', 'crash', 'people', 'groups'];

const minute = 60;

const callFaults = [
  ['ec2', 'RequestLimitExceeded', 503],
  ['ec2', 'InternalError', 500],
  ['ec2', 'UnauthorizedOperation', 403],
  ['autoscaling', 'Throttling', 400],
  ['autoscaling', 'InternalFailure', 500],
  ['cloudwatch', 'Throttling', 400],
  ['dynamodb', 'ProvisionedThroughputExceededException', 400],
  ['dynamodb', 'InternalServerError', 500],
  ['sns', 'InternalError', 500],
  ['events', 'InternalException', 500],
  ['lambda', 'TooManyRequestsException', 429],
  ['ssm', 'InternalServerError', 500],
] as const;

/** Mutating calls, whose responses matter most. */
const actionCalls = [
  ['ec2', 'RebootInstances'],
  ['ec2', 'StopInstances'],
  ['ec2', 'StartInstances'],
  ['autoscaling', 'TerminateInstanceInAutoScalingGroup'],
  ['autoscaling', 'SetDesiredCapacity'],
] as const;

type Instance = NonNullable<WrittenScenario['fleet']['instances']>[string];
type Group = NonNullable<WrittenScenario['fleet']['groups']>[string];

/** Delayed deliveries arrive within this, in seconds. */
const late = 11 * minute;

/** Tighter than the defaults, so that a few hours of simulated time reach the limits. */
const policy = { budget: { actions: 4, window: 3 * 3600 }, calm: { fromHour: 0, toHour: 24 } };

const isSettings = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What several say of a world: of the same key each adds its own. */
const together = <One extends Readonly<Record<string, unknown>>>(all: readonly One[]): One => {
  const whole: Record<string, unknown> = {};
  for (const one of all)
    for (const [key, value] of Object.entries(one)) whole[key] = isSettings(value) ? { ...(whole[key] as object), ...value } : value;
  return whole as One;
};

/**
 * `policy`: settings of a team's own, in place of the world's. `harm`: users send requests wherever there is a target group; three worlds of
 * four are then of the kind `serving`, where none is asked for.
 */
export type DrawOptions = { kind?: Kind; minutes: number; policy?: Partial<Policy>; harm?: boolean };

/**
 * Draws a scenario in which much goes wrong for some minutes; then the world is left alone until every incident is over. Deterministic for
 * a seed and options.
 */
export const drawScenario = (seed: number, { harm, ...options }: DrawOptions): WrittenScenario => {
  if (!harm) return drawWorld(seed, options);
  return withRequests(drawWorld(seed, options.kind === undefined && seed % 4 > 0 ? { ...options, kind: 'serving' } : options));
};

const drawWorld = (seed: number, { kind: asked, minutes, policy: own }: DrawOptions): WrittenScenario => {
  if (asked === 'serving') return drawServing(seed, minutes, own);
  if (asked === 'releases') return drawMix(seed).scenario;
  if (asked === 'data') return drawData(seed);
  if (asked === 'large') return drawLarge(seed);
  if (asked === 'organization') return drawOrganization(seed, minutes);
  if (asked === 'regions') return drawRegions(seed);
  if (asked === 'consent') return drawConsent(seed);
  if (asked === 'outages') return drawOutages(seed, minutes, (kind) => drawWorld(seed, { kind, minutes, ...(own ? { policy: own } : {}) }));
  if (asked === 'stories') return drawTale(seed);
  if (asked === 'pages') return drawPages(seed, minutes, (kind) => drawWorld(seed, { kind, minutes, ...(own ? { policy: own } : {}) }));
  const random = createRandom(seed).fork('scenario');
  const kind = asked ?? random.pick(mix);
  const span = minutes * minute;
  const drawInstance = (i: number): Instance & { cursed: boolean } => ({
    optedIn: random.chance(0.85),
    type: random.chance(0.15) ? 'm5d.large' : 'm7i.large',
    zone: random.chance(0.5) ? 'a' : 'b',
    cursed: i === 0 && random.chance(0.3),
    alarms: ['instance', 'system', ...(random.chance(0.3) ? (['memory'] as const) : [])],
  });
  const lone = Array.from({ length: kind === 'storm' ? 14 : 4 + random.int(4) }, (_, i) => ({ name: `lone-${i}`, ...drawInstance(i) }));
  const drawGroup = (): Group => {
    const desired = 2 + random.int(4);
    return {
      desired,
      max: desired + random.int(4),
      optedIn: random.chance(0.85),
      suspended: [...(random.chance(0.4) ? ['HealthCheck'] : []), ...(random.chance(0.15) ? ['ReplaceUnhealthy'] : [])],
      alarms: ['cpu'],
      memberAlarms: random.chance(0.7) ? ['system', 'instance'] : [],
    };
  };
  const groups = Array.from({ length: kind === 'storm' ? 1 : 2 + random.int(2) }, (_, i) => ({ name: `group-${i}`, ...drawGroup() }));

  const drawn: Drawn[] = [];
  const when = () => Math.floor(random.between(0, span * 0.8));
  const lasting = (least: number, most: number) => Math.floor(random.between(least, most) * minute);
  const anyLone = () => random.pick(lone).name;
  const anyMember = () => {
    const { name, desired } = random.pick(groups);
    return `${name}[${random.int(desired)}]`;
  };
  const any = () => (random.chance(kind === 'groups' ? 0.3 : 0.6) ? anyLone() : anyMember());
  const add = (count: number, make: () => Undated) => {
    for (let i = 0; i < count; i++) drawn.push({ at: when(), step: make() });
  };

  if (lone[0]?.cursed) drawn.push({ at: 0, step: { do: 'relapse', on: lone[0].name, for: writeDuration(span) } });
  // In less than an hour there is less that breaks.
  const breakdowns = Math.ceil((kind === 'calm' ? 4 : 5 + random.int(5)) * Math.min(1, minutes / 60));
  add(breakdowns, () => ({
    do: random.pick(['hang-kernel', 'hang-kernel', 'fail-host', 'fail-host', 'leak-memory'] as const),
    on: any(),
  }));
  add(1 + random.int(2), () => ({
    do: 'add-load',
    on: random.pick(groups).name,
    percent: 100 + random.int(500),
    for: writeDuration(lasting(15, 50)),
  }));
  if (kind === 'storm') {
    const at = when();
    const fault = random.pick(['hang-kernel', 'fail-host'] as const);
    for (const { name } of lone) drawn.push({ at: at + random.int(40), step: { do: fault, on: name } });
  }
  if (kind === 'groups') {
    const at = when();
    const { name, desired } = random.pick(groups);
    for (let i = 0; i < Math.min(3, desired); i++) drawn.push({ at: at + random.int(60), step: { do: 'fail-host', on: `${name}[${i}]` } });
    add(2, () => ({ do: 'deploy', on: random.pick(groups).name }));
  }
  if (kind !== 'calm') {
    add(kind === 'people' ? 8 : 2, () => {
      const what = random.pick(['stop', 'stop', 'terminate', 'shut-down', 'start', 'opt-out'] as const);
      return what === 'opt-out' ? { do: 'untag', on: any(), key: 'selfheal' } : { do: what, on: any() };
    });
    add(1 + random.int(2), () => ({ do: 'force-alarm', alarm: `\${${anyLone()}}-status-check-instance` }));
    add(2, () => ({ do: 'stop-by-aws', on: anyLone() }));
    if (random.chance(0.15)) add(1, () => ({ do: 'retire', on: anyLone(), in: '14d' }));
    if (random.chance(0.4)) {
      const process = random.pick(['Launch', 'Terminate', 'HealthCheck', 'ReplaceUnhealthy'] as const);
      add(1, () => ({ do: 'suspend', on: random.pick(groups).name, processes: [process], for: writeDuration(lasting(20, 60)) }));
    }
    if (random.chance(0.2))
      add(1, () => ({
        do: random.pick(['dark-zone', 'exhaust-zone'] as const),
        zone: random.pick(['a', 'b'] as const),
        for: writeDuration(lasting(10, 40)),
      }));
    if (random.chance(0.25)) {
      const at = when();
      drawn.push({ at, step: { do: 'switch', to: 'off' } });
      if (random.chance(0.4)) {
        const unreadable = { service: 'ssm', operation: 'GetParameter', code: 'InternalServerError', status: 500, for: '15m' } as const;
        drawn.push({ at, step: { do: 'fail-calls', ...unreadable } });
      }
      drawn.push({ at: at + lasting(20, 40), step: { do: 'switch', to: 'on' } });
    }
    add(2 + random.int(3), () => {
      const [service, code, status] = random.pick(callFaults);
      const lost = random.chance(0.25);
      const rate = Math.round(random.between(0.1, 0.7) * 100) / 100;
      return { do: 'fail-calls', service, code, status, rate, when: lost ? 'after' : 'before', for: writeDuration(lasting(2, 15)) };
    });
    add(1 + random.int(3), () => {
      const how = random.pick(['duplicate', 'duplicate', 'delay', 'reorder', 'lose'] as const);
      const rate = how === 'lose' ? 0.1 : Math.round(random.between(0.2, 1) * 100) / 100;
      return { do: 'deliveries', how, rate, for: writeDuration(lasting(10, 60)) };
    });
    // Then Lambda's notice of the stop is all that is left of it, and EventBridge retries its delivery for a day.
    const loses = drawn.some(({ step }) => step.do === 'deliveries' && step.how === 'lose');
    const stops = kind === 'crash' ? 2 : random.chance(0.2) ? 1 : 0;
    if (!loses) add(stops, () => ({ do: 'stop-executions', count: 1 }));
  }
  // From a separate random source, so that additions don't change what is drawn above.
  const more = random.fork('more');
  const at = () => Math.floor(more.between(0, span * 0.8));
  if (kind !== 'calm' && more.chance(0.4)) {
    const [service, operation] = more.pick(actionCalls);
    const rate = Math.round(more.between(0.5, 1) * 100) / 100;
    drawn.push({
      at: at(),
      step: { do: 'fail-calls', service, operation, rate, when: 'after', for: writeDuration(more.int(40 * minute) + 20 * minute) },
    });
  }
  if (kind !== 'calm' && more.chance(0.25)) {
    // A member fails in a group without health checks, which replaces nothing.
    const { name, desired } = more.pick(groups);
    const began = at();
    const process = more.pick(['Launch', 'Terminate'] as const);
    drawn.push({ at: began, step: { do: 'suspend', on: name, processes: ['HealthCheck', process], for: '1h' } });
    drawn.push({
      at: began + 2 * minute,
      step: { do: more.pick(['hang-kernel', 'fail-host'] as const), on: `${name}[${more.int(desired)}]` },
    });
  }
  // Each from a source of its own, too.
  const story = (name: string, draw: (random: Random, span: number) => Story | null) =>
    kind === 'calm' ? null : draw(random.fork(name), span);
  const rare = (name: string, draw: Parameters<typeof story>[1]) => (own ? null : story(name, draw));
  const silent = rare('silent', drawSilent);
  const stories = [
    story('stories', drawStories),
    story('served', drawServed),
    own ? story('own', (source, end) => drawOwn(source, end, own)) : story('commanded', drawCommanded),
    silent,
    rare('dead-letters', drawDeadLetters),
    rare('lost-agents', drawLostAgents),
    rare('releases', drawDeployed),
    // Both say what alarms mean.
    silent ? null : rare('leaking', drawLeakingService),
  ].filter((one) => one !== null);
  drawn.push(...stories.flatMap(({ steps }) => steps));
  drawn.sort((a, b) => a.at - b.at);
  drawn.push({ at: span, step: { do: 'all-clear' } }, { at: span, step: { do: 'switch', to: 'on' } });
  const deaths = kind === 'crash' ? 0.03 : kind === 'calm' ? 0 : random.chance(0.5) ? 0.004 : 0;
  return {
    name: `Seed ${seed}: ${kind}`,
    hypothesis: 'Every promise is kept, whatever fails at the same time.',
    seed,
    start: '2026-03-02T02:00:00Z',
    watch: writeDuration(span + late),
    interleave: true,
    ...(deaths > 0 ? { deaths } : {}),
    policy: {
      ...policy,
      ...(random.chance(0.06) ? { mode: 'dry-run' } : {}),
      ...together(stories.map(({ policy: named = {} }) => named)),
      ...own,
    },
    fleet: together([
      {
        instances: Object.fromEntries(lone.map(({ name, cursed: _, ...one }) => [name, one])),
        groups: Object.fromEntries(groups.map(({ name, ...one }) => [name, one])),
      },
      ...stories.map(({ steps: _, policy: __, ...fleet }) => fleet),
    ]),
    timeline: drawn.map(({ at, step }): WrittenStep => ({ at: writeDuration(at), ...step })),
    // A step's target may be gone by then.
    expect: { promises: 'kept', refused: { atMost: drawn.length } },
  };
};
