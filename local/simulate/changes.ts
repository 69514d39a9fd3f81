import type { Random } from '#local-aws';
import { writeDuration } from '../worlds/values.ts';
import type { Drawn, Story, Undated } from './stories.ts';

/** What is there already, or is changed while something is mended: by people, by AWS, and by what comes back again and again. */

type Chance = { random: Random; at: number };

const minute = 60;
const memberAlarms: ('system' | 'instance')[] = ['system', 'instance'];
/** Members fail in a group without health checks. */
const blind = { desired: 3, max: 4, suspended: ['HealthCheck'], memberAlarms };
const sick = (random: Random, on: string): Undated => ({ do: random.pick(['hang-kernel', 'fail-host'] as const), on });
/** After a failure it takes some minutes until it is treated: a change meets any part of that. */
const meanwhile = ({ random, at }: Chance) => at + random.int(18 * minute);

/** AWS takes spot members back, or one of them fails by itself. */
const spot = ({ random, at }: Chance): Story => ({
  groups: { spot: { ...blind, max: 5, spot: true } },
  steps: [
    { at, step: random.chance(0.7) ? { do: 'interrupt-spot', on: 'spot[0]' } : sick(random, 'spot[0]') },
    ...(random.chance(0.4) ? [{ at: at + random.int(10 * minute), step: { do: 'interrupt-spot', on: 'spot[1]' } } as Drawn] : []),
    ...(random.chance(0.2) ? [{ at, step: { do: 'exhaust-zone', zone: 'a', for: '30m' } } as Drawn] : []),
  ],
});

/** A warm pool has the successors. */
const warm = ({ random, at }: Chance): Story => ({
  groups: {
    warm: { ...blind, desired: 2, max: 5, warmPool: { min: 1 + random.int(2), state: random.pick(['Stopped', 'Running'] as const) } },
  },
  steps: [
    { at, step: sick(random, 'warm[0]') },
    ...(random.chance(0.4) ? [{ at: at + random.int(20 * minute), step: sick(random, 'warm[1]') }] : []),
  ],
});

/** A composite alarm reports what its own alarms don't; it may be silenced while it does. */
const composite = ({ random, at }: Chance): Story => {
  const names = ['joined-1', 'joined-2'];
  const ofBoth = names.map((name) => `ALARM("\${${name}}-status-check-instance")`);
  const silent: { metric: 'instance'; enabled: boolean }[] = [{ metric: 'instance', enabled: random.chance(0.3) }];
  return {
    instances: Object.fromEntries(names.map((name) => [name, { autoRecovery: false, alarms: silent }])),
    alarms: { 'joined-down': { rule: random.chance(0.5) ? ofBoth.join(' OR ') : (ofBoth[0] ?? '') } },
    steps: [
      { at, step: { do: 'hang-kernel', on: 'joined-1' } },
      ...(random.chance(0.4) ? [{ at: at + random.int(5 * minute), step: { do: 'hang-kernel', on: 'joined-2' } } as Drawn] : []),
      ...(random.chance(0.3)
        ? [{ at: at + random.int(8 * minute), step: { do: 'silence-alarm', alarm: 'joined-down', for: '30m' } } as Drawn]
        : []),
    ],
  };
};

/** A person deletes the group whose member is treated. */
const deleted = (chance: Chance): Story => ({
  groups: { gone: blind },
  steps: [
    { at: chance.at, step: sick(chance.random, 'gone[0]') },
    { at: meanwhile(chance), step: { do: 'delete-group', on: 'gone' } },
  ],
});

/** A person moves the bounds of a group that is short of capacity, or whose member is treated. */
const bounded = (chance: Chance): Story => {
  const { random, at } = chance;
  const desired = 2 + random.int(3);
  const least = random.pick([1, desired]);
  const most = desired + random.int(2);
  return {
    groups: { bounded: { ...blind, desired, min: least, max: most, alarms: [{ metric: 'cpu', period: '1m', periods: 2 }] } },
    steps: [
      { at, step: { do: 'add-load', on: 'bounded', percent: 150 + random.int(400), for: '70m' } },
      ...(random.chance(0.5) ? [{ at, step: sick(random, 'bounded[0]') }] : []),
      {
        at: meanwhile(chance),
        step: random.pick<Undated>([
          { do: 'resize', on: 'bounded', desired, min: desired, max: desired },
          { do: 'resize', on: 'bounded', desired: desired - 1, min: 0, max: desired - 1 },
          { do: 'resize', on: 'bounded', desired, min: 1, max: desired + 3 },
        ]),
      },
    ],
  };
};

/** A group loses its tag, and so may its members. */
const leaving = (chance: Chance): Story => ({
  groups: { leaving: { ...blind, alarms: [{ metric: 'cpu', period: '1m', periods: 2 }] } },
  steps: [
    {
      at: chance.at,
      step: chance.random.chance(0.5)
        ? sick(chance.random, 'leaving[0]')
        : { do: 'add-load', on: 'leaving', percent: 250 + chance.random.int(300), for: '60m' },
    },
    { at: meanwhile(chance), step: { do: 'untag', on: 'leaving', key: 'selfheal' } },
    ...(chance.random.chance(0.5) ? [{ at: meanwhile(chance), step: { do: 'untag', on: 'leaving[0]', key: 'selfheal' } } as Drawn] : []),
  ],
});

/** A group that doesn't launch, terminate or replace, or will again. */
const held = (chance: Chance): Story => {
  const { random, at } = chance;
  const process = random.pick(['Launch', 'Launch', 'Terminate', 'ReplaceUnhealthy'] as const);
  const from = random.chance(0.6) ? 0 : meanwhile(chance);
  return {
    groups: { held: blind },
    steps: [
      { at: from, step: { do: 'suspend', on: 'held', processes: [process], for: writeDuration((30 + random.int(60)) * minute) } },
      { at, step: sick(random, 'held[1]') },
    ],
  };
};

/** What it is mended of comes back again and again. */
const relapsing = ({ random, at }: Chance): Story => ({
  instances: { again: { autoRecovery: false, alarms: ['instance'] } },
  steps: [{ at, step: { do: 'relapse', on: 'again', every: writeDuration((2 + random.int(8)) * minute), for: '5h' } }],
});

/** It loses what it stores if it is stopped. */
const storing = ({ random, at }: Chance): Story => ({
  instances: { store: { type: 'm5d.large', autoRecovery: false, alarms: memberAlarms } },
  steps: [{ at, step: sick(random, 'store') }],
});

/** Two alarms report one failure, and another follows it closely. */
const twice = ({ random, at }: Chance): Story => ({
  instances: { twice: { autoRecovery: false, alarms: ['system', 'instance', 'either', 'memory'] } },
  steps: [
    { at, step: { do: 'fail-host', on: 'twice' } },
    { at: at + random.int(15 * minute), step: { do: random.pick(['hang-kernel', 'leak-memory'] as const), on: 'twice' } },
  ],
});

/** People mend at the same time what fails. */
const crowded = (chance: Chance): Story => {
  const { random, at } = chance;
  const person = (): Undated =>
    random.pick<Undated>([
      { do: 'reboot', on: 'shared' },
      { do: 'stop', on: 'shared' },
      { do: 'start', on: 'shared' },
      { do: 'deploy', on: 'crowd' },
      { do: 'terminate', on: 'crowd[0]' },
      { do: 'detach', on: 'crowd[0]', decrement: random.chance(0.5) },
      { do: 'resize', on: 'crowd', desired: 2 + random.int(3) },
    ]);
  return {
    instances: { shared: { autoRecovery: random.chance(0.5), alarms: memberAlarms } },
    groups: { crowd: { ...blind, min: 0 } },
    steps: [
      { at, step: sick(random, 'shared') },
      { at: at + random.int(5 * minute), step: sick(random, 'crowd[0]') },
      ...Array.from({ length: 1 + random.int(4) }, () => ({ at: meanwhile(chance), step: person() })),
    ],
  };
};

const changes = [spot, warm, composite, deleted, bounded, leaving, held, relapsing, storing, twice, crowded] as const;

/** One of these in the first part of a world. */
export const drawChange = (random: Random, span: number): Story =>
  random.pick(changes)({ random, at: Math.floor(random.between(0, span * 0.3)) });
