import type { Random } from '../world/random.ts';

/** What happens to the world, when: plain data, so that a history can be cut down to what matters. Times in seconds from the start. */
export type Happening =
  | { at: number; do: 'fault'; fault: 'hang-kernel' | 'fail-host' | 'leak-memory'; target: Target }
  | { at: number; do: 'load'; group: number; percent: number; until: number }
  | { at: number; do: 'stop' | 'start' | 'terminate' | 'shut-down' | 'service-stop' | 'opt-out'; target: Target }
  | { at: number; do: 'force-alarm'; target: Target }
  | { at: number; do: 'suspend'; group: number; process: 'Launch' | 'Terminate' | 'HealthCheck' | 'ReplaceUnhealthy'; until: number }
  | { at: number; do: 'refresh'; group: number }
  | { at: number; do: 'dark-zone' | 'exhaust-zone'; zone: 'a' | 'b'; until: number }
  | { at: number; do: 'switch'; to: 'off' | 'on'; unreadable: boolean }
  | {
      at: number;
      do: 'fail-calls';
      service: (typeof callFaults)[number][0];
      operation: string;
      code: string;
      status: number;
      rate: number;
      when: 'before' | 'after';
      until: number;
    }
  | { at: number; do: 'deliveries'; how: 'duplicate' | 'delay' | 'reorder' | 'lose'; rate: number; until: number }
  | { at: number; do: 'stop-execution' }
  | { at: number; do: 'retire'; target: Target };

/** An instance: a lone one by its number, or a group's member by the group's number and its own. Resolved when its time comes. */
export type Target = { lone: number } | { group: number; member: number };

export type LoneSpec = { optedIn: boolean; type: 'm7i.large' | 'm5d.large'; zone: 'a' | 'b'; cursed: boolean; memoryAlarm: boolean };
export type GroupSpec = {
  optedIn: boolean;
  desired: number;
  max: number;
  suspended: ('HealthCheck' | 'ReplaceUnhealthy')[];
  watched: boolean;
};

/** One world and all that will happen in it. */
export type Scene = {
  seed: number;
  scenario: Scenario;
  /** Minutes in which things break; after that the world is left in peace until every incident is over. */
  minutes: number;
  mode: 'enforce' | 'dry-run';
  lone: LoneSpec[];
  groups: GroupSpec[];
  happenings: Happening[];
  /** Chance that a process dies at any checkpoint, and on either side of any call. */
  death: number;
};

export const scenarios = ['mixed', 'calm', 'storm', 'crash', 'people', 'groups'] as const;
export type Scenario = (typeof scenarios)[number];

/** How often each scenario is drawn where none is asked for. */
const mix: readonly Scenario[] = ['mixed', 'mixed', 'mixed', 'mixed', 'calm', 'storm', 'crash', 'crash', 'people', 'groups'];

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

/** Draws a scene. The same seed and options give the same one. */
export const drawScene = (random: Random, seed: number, asked: { scenario?: Scenario; minutes: number }): Scene => {
  const scenario = asked.scenario ?? random.pick(mix);
  const { minutes } = asked;
  const span = minutes * minute;
  const lone = Array.from(
    { length: scenario === 'storm' ? 14 : 4 + random.int(4) },
    (_, i): LoneSpec => ({
      optedIn: random.chance(0.85),
      type: random.chance(0.15) ? 'm5d.large' : 'm7i.large',
      zone: random.chance(0.5) ? 'a' : 'b',
      cursed: i === 0 && random.chance(0.3),
      memoryAlarm: random.chance(0.3),
    }),
  );
  const groups = Array.from({ length: scenario === 'storm' ? 1 : 2 + random.int(2) }, (): GroupSpec => {
    const desired = 2 + random.int(4);
    return {
      optedIn: random.chance(0.85),
      desired,
      max: desired + random.int(4),
      suspended: [
        ...(random.chance(0.4) ? (['HealthCheck'] as const) : []),
        ...(random.chance(0.15) ? (['ReplaceUnhealthy'] as const) : []),
      ],
      watched: random.chance(0.7),
    };
  });

  const happenings: Happening[] = [];
  const when = () => Math.floor(random.between(0, span * 0.8));
  const lasting = (at: number, least: number, most: number) => Math.floor(at + random.between(least, most) * minute);
  const anyTarget = (): Target =>
    random.chance(scenario === 'groups' ? 0.3 : 0.6)
      ? { lone: random.int(lone.length) }
      : { group: random.int(groups.length), member: random.int(6) };
  const add = (count: number, make: () => Happening) => {
    for (let i = 0; i < count; i++) happenings.push(make());
  };

  // In less than an hour there is less that breaks.
  const breakdowns = Math.ceil((scenario === 'calm' ? 4 : 5 + random.int(5)) * Math.min(1, minutes / 60));
  add(breakdowns, () => ({
    at: when(),
    do: 'fault',
    fault: random.pick(['hang-kernel', 'hang-kernel', 'fail-host', 'fail-host', 'leak-memory'] as const),
    target: anyTarget(),
  }));
  add(1 + random.int(2), () => {
    const at = when();
    return { at, do: 'load', group: random.int(groups.length), percent: 100 + random.int(500), until: lasting(at, 15, 50) };
  });
  if (scenario === 'storm') {
    const at = when();
    const fault = random.pick(['hang-kernel', 'fail-host'] as const);
    for (let i = 0; i < lone.length; i++) happenings.push({ at: at + random.int(40), do: 'fault', fault, target: { lone: i } });
  }
  if (scenario === 'groups') {
    const at = when();
    const group = random.int(groups.length);
    for (const member of [0, 1, 2])
      happenings.push({ at: at + random.int(60), do: 'fault', fault: 'fail-host', target: { group, member } });
    add(2, () => ({ at: when(), do: 'refresh', group: random.int(groups.length) }));
  }
  if (scenario !== 'calm') {
    const people = scenario === 'people' ? 8 : 2;
    add(people, () => ({
      at: when(),
      do: random.pick(['stop', 'stop', 'terminate', 'shut-down', 'start', 'opt-out'] as const),
      target: anyTarget(),
    }));
    add(1 + random.int(2), () => ({ at: when(), do: 'force-alarm', target: { lone: random.int(lone.length) } }));
    add(2, () => ({ at: when(), do: 'service-stop', target: { lone: random.int(lone.length) } }));
    if (random.chance(0.15)) happenings.push({ at: when(), do: 'retire', target: { lone: random.int(lone.length) } });
    if (random.chance(0.4)) {
      const at = when();
      const process = random.pick(['Launch', 'Terminate', 'HealthCheck', 'ReplaceUnhealthy'] as const);
      happenings.push({ at, do: 'suspend', group: random.int(groups.length), process, until: lasting(at, 20, 60) });
    }
    if (random.chance(0.2)) {
      const at = when();
      happenings.push({
        at,
        do: random.pick(['dark-zone', 'exhaust-zone'] as const),
        zone: random.pick(['a', 'b'] as const),
        until: lasting(at, 10, 40),
      });
    }
    if (random.chance(0.25)) {
      const at = when();
      const unreadable = random.chance(0.4);
      happenings.push({ at, do: 'switch', to: 'off', unreadable });
      happenings.push({ at: lasting(at, 20, 40), do: 'switch', to: 'on', unreadable });
    }
    add(2 + random.int(3), () => {
      const at = when();
      const [service, code, status] = random.pick(callFaults);
      const lost = random.chance(0.25);
      return {
        at,
        do: 'fail-calls',
        service,
        operation: '*',
        code,
        status,
        rate: random.between(0.1, 0.7),
        when: lost ? 'after' : 'before',
        until: lasting(at, 2, 15),
      };
    });
    add(1 + random.int(3), () => {
      const at = when();
      const how = random.pick(['duplicate', 'duplicate', 'delay', 'reorder', 'lose'] as const);
      return { at, do: 'deliveries', how, rate: how === 'lose' ? 0.1 : random.between(0.2, 1), until: lasting(at, 10, 60) };
    });
    add(scenario === 'crash' ? 2 : random.chance(0.2) ? 1 : 0, () => ({ at: when(), do: 'stop-execution' }));
  }
  happenings.sort((a, b) => a.at - b.at);
  const death = scenario === 'crash' ? 0.03 : scenario === 'calm' ? 0 : random.chance(0.5) ? 0.004 : 0;
  return { seed, scenario, minutes, mode: random.chance(0.06) ? 'dry-run' : 'enforce', lone, groups, happenings, death };
};
