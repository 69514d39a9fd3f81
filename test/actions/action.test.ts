import { describe, expect, test } from '@jest/globals';
import {
  type Action,
  addressAfter,
  allowDryRun,
  bootAndChecks,
  type Effect,
  gravest,
  groupTarget,
  instanceTarget,
  serviceTarget,
  started,
} from '../../shared/actions/action.ts';
import { extendFileSystem, extendFileSystemBy } from '../../shared/actions/extend-file-system.ts';
import { growVolume, growVolumeBy } from '../../shared/actions/grow-volume.ts';
import { actions } from '../../shared/actions/index.ts';
import { listDisks, listDisksBy } from '../../shared/actions/list-disks.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { runCommand, runCommandOf } from '../../shared/actions/run-command.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import type { InstanceFacts } from '../../shared/model/snapshot.ts';
import { ec2Error, empty, sdkError } from '../aws/recorder.ts';
import {
  certificate,
  clusterMembers,
  clusterReaders,
  containerHost,
  containerService,
  database,
  databaseStorage,
  diskFacts,
  facts,
  group,
  instance,
  instanceId,
  instanceReplicas,
  lambda,
  memberFacts,
  policy,
  queue,
  replica,
  task,
} from '../remediation/examples.ts';
import { doAll, failEach, followAll } from './examples.ts';
import { restart } from './managed-instance.ts';

/** The one that runs a command is known as an action once it is known which command. */
const disks = { grow: 0.25, atMost: 40, times: 2, within: '7d', snapshot: true, look: 'list-disks', extend: 'extend-disk' };
const byPolicy = new Map<Action, Action>([
  [runCommand, runCommandOf('restart-nginx', restart)],
  [listDisks, listDisksBy('list-disks', restart)],
  [growVolume, growVolumeBy(disks, restart)],
  [extendFileSystem, extendFileSystemBy(disks, restart)],
]);
const named = actions.map((action) => [action.id, byPolicy.get(action) ?? action] as const);
const { alarm, disks: seenDisks } = diskFacts();
const parts = {
  alarm,
  ...(seenDisks && { disks: seenDisks }),
  database: database({ storage: databaseStorage() }),
  queue: queue(),
  host: containerHost(),
  task: task(),
  certificate: certificate(),
};
const ofFunctions: readonly string[] = ['rollback-alias', 'raise-concurrency'];
/** What a look saw, with a service that the action is for. */
const seenFor = ({ id }: Action) =>
  memberFacts({
    ...parts,
    ...(id === 'fail-over-cluster' ? { database: database({ members: clusterMembers() }) } : {}),
    ...(id === 'add-reader' ? { database: database({ members: clusterMembers(), reading: clusterReaders() }) } : {}),
    ...(id === 'add-replica' ? { database: database({ replicas: instanceReplicas() }) } : {}),
    ...(id === 'promote-replica' ? { database: database({ replica: replica() }) } : {}),
    service: ofFunctions.includes(id) ? lambda() : containerService(),
  });
/** What makes an action make another one of its calls. */
const otherwise: readonly [string, Parameters<typeof memberFacts>[0]][] = [
  ['replace-member', {}],
  ['replace-container-instance', { host: containerHost() }],
  ['roll-back-service', { service: containerService({ deployment: { status: 'SUCCESSFUL' } }) }],
];

test.each(named)('%s says how long it interrupts something if it does, and only then', (_, { effects, downtime }) => {
  const interrupts = effects.some((effect) => ['interrupts', 'removesFromService', 'destroys'].includes(effect));
  expect(downtime !== null && downtime.seconds > 0).toBe(interrupts);
});

test.each([
  ['kept by a reboot', rebootInstance, false, 'kept'],
  ['changed by a stop and start', stopStartInstance, false, 'changes'],
  ['kept by a stop and start if it is elastic', stopStartInstance, true, 'kept'],
  ['gone with a member that is replaced', replaceMember, true, 'goes'],
  ['no matter of a group', scaleOut, false, null],
] as const)('an address is %s', (_, action, elastic, expected) => {
  const facts = memberFacts();
  const instance = facts.instance && { ...facts.instance, address: { ip: '198.51.100.7', elastic } };
  expect(addressAfter(action, { ...facts, instance })).toBe(expected);
  if (expected !== null && facts.instance)
    expect(addressAfter(action, { ...facts, instance: { ...facts.instance, address: null } })).toBe('none');
});

describe('every action', () => {
  test.each(named)('%s makes the calls that it lists, and no others', async (_, action) => {
    const calls = await doAll(action, seenFor(action));
    // A group with a maintenance policy is asked in another way.
    const kept = { group: group({ maintenance: { minHealthy: 100, maxHealthy: 150 } }) };
    const [, more] = otherwise.find(([id]) => id === action.id) ?? [];
    const others = more ? await doAll(action, memberFacts({ ...kept, ...more })) : [];
    const following = await followAll(action, seenFor(action));
    const made = new Set([...others, ...calls, ...following].map(({ permission }) => permission));
    expect([...made].sort()).toEqual(action.permissions.toSorted());
  });

  test.each(named)('%s mutates nothing in a dry run', async (_, action) => {
    const calls = await doAll(action, seenFor(action), { dryRun: true, answer: ec2Error('DryRunOperation', 412) });
    expect(calls.filter(({ input }) => input.DryRun !== true)).toEqual([]);
  });

  test.each(named)('%s throws an error of AWS as it is', async (_, action) => {
    const denied = sdkError('AccessDenied', 403);
    await expect(doAll(action, seenFor(action), { answer: denied })).rejects.toBe(denied);
    const ends = await failEach(action, seenFor(action), denied);
    expect(ends).toEqual(ends.map(() => denied));
    expect(ends.length).toBeGreaterThanOrEqual(action.steps.length);
  });

  test.each(named)('%s takes an answer that means that a dry run would have worked for an error where it was none', async (_, action) => {
    if (!action.permissions.some((permission) => permission.startsWith('ec2:'))) return;
    await expect(doAll(action, seenFor(action), { answer: ec2Error('DryRunOperation', 412) })).rejects.toMatchObject({
      name: 'DryRunOperation',
    });
  });

  test.each(named)('%s gives each step a name of its own', (_, action) => {
    expect(new Set(action.steps.map(({ name }) => name)).size).toBe(action.steps.length);
  });

  test.each(named)('%s says how it is undone, and what destroys something is not', (_, { effects, undo }: Action) => {
    expect(effects.includes('destroys') ? undo === null : undo !== '').toBe(true);
  });

  // A second step is only safe once the first is known to have taken effect.
  test.each(named)('%s settles each step but its last, and can tell whether it is done', (_, action) => {
    for (const step of action.steps.slice(0, -1)) {
      if (step.follow) expect(step.proof).toBeDefined();
      else {
        expect(step.settled?.within).toBeGreaterThan(0);
        expect(step.done).toBeDefined();
      }
    }
  });
});

test('each action interrupts for as long as it says, and each step is given its time', () => {
  const timed = named.flatMap(([id, { downtime, takes, steps }]) => {
    const within = steps.flatMap(({ name, settled }) => (settled ? [`${name} ${settled.within}`] : []));
    const times = [...(downtime ? [`down ${downtime.seconds}`] : []), ...(takes ? [`takes ${takes}`] : []), ...within];
    return times.length > 0 ? [`${id}: ${times.join(', ')}`] : [];
  });
  // In seconds.
  expect(timed).toEqual([
    'grow-volume: snapshot 120, modify 1800',
    'add-reader: create 1800',
    'add-replica: create 3600',
    'fail-over-cluster: down 60, fail-over 300',
    'grow-storage: modify 1800',
    'promote-replica: down 600, promote 1800',
    'reboot-database: down 120',
    'reboot-instance: down 180, takes 240',
    'replace-container-instance: down 300, drain 600',
    'replace-member: down 300',
    'restart-service: down 60',
    'roll-back-service: roll-back 1200',
    'run-command: down 120',
    'scale-out: takes 120',
    'start-instance: takes 120, start 600',
    'stop-start-instance: down 300, takes 120, stop 5400, start 600',
    'stop-task: down 60',
  ]);
});

test('what takes something out of service is known step by step', () => {
  const out = named.flatMap(([id, { steps }]) => steps.flatMap(({ name, takesOut }) => (takesOut ? [`${id}: ${name}`] : [])));
  expect(out).toEqual([
    'replace-container-instance: drain',
    'replace-container-instance: terminate',
    'replace-member: terminate',
    'stop-start-instance: stop',
  ]);
});

test('each action has the effects that guards and people judge it by', () => {
  expect(actions.map(({ id, effects }) => [id, effects.join(' ')])).toEqual([
    ['grow-volume', 'growsStorage'],
    ['extend-file-system', 'growsStorage'],
    ['list-disks', 'changesSoftware'],
    ['add-reader', 'addsCapacity'],
    ['add-replica', 'addsCapacity'],
    ['fail-over-cluster', 'interrupts'],
    ['grow-storage', 'growsStorage'],
    ['promote-replica', 'interrupts removesFromService destroys'],
    ['raise-concurrency', 'addsCapacity'],
    ['reboot-database', 'interrupts'],
    ['reboot-instance', 'interrupts'],
    ['redrive', 'repeatsWork'],
    ['replace-container-instance', 'interrupts removesFromService destroys'],
    ['replace-member', 'interrupts removesFromService destroys'],
    ['restart-service', 'interrupts'],
    ['restore-validation-record', 'changesSoftware'],
    ['roll-back-service', 'changesSoftware'],
    ['rollback-alias', 'changesSoftware'],
    ['run-command', 'changesSoftware interrupts'],
    ['scale-out', 'addsCapacity'],
    ['scale-service', 'addsCapacity'],
    ['start-instance', 'starts'],
    ['stop-start-instance', 'interrupts removesFromService changesAddress'],
    ['stop-task', 'interrupts'],
  ]);
});

describe('the gravest effects of an action', () => {
  test.each<[Effect[], Effect[]]>([
    [['interrupts'], ['interrupts']],
    [['interrupts', 'removesFromService'], ['removesFromService']],
    [
      ['destroys', 'interrupts', 'removesFromService', 'addsCapacity'],
      ['destroys', 'addsCapacity'],
    ],
    [['destroys', 'interrupts'], ['destroys']],
    [['destroys', 'removesFromService'], ['destroys']],
    [
      ['removesFromService', 'changesAddress', 'starts'],
      ['removesFromService', 'changesAddress', 'starts'],
    ],
  ])('of %j are %j', (effects, expected) => {
    expect(gravest({ effects: effects as readonly Effect[] as Action['effects'] })).toEqual(expected);
  });
});

describe('an instance that was started', () => {
  const seen = (state: InstanceFacts['state'], stateReason: string | null = null) => facts({ instance: instance({ state, stateReason }) });

  test('is up once it runs, and is given ten minutes for that', () => {
    const input = { before: facts(), policy: policy() };
    expect((['running', 'pending', 'stopped'] as const).map((state) => started.when(seen(state), input))).toEqual([true, false, false]);
    expect(started.within).toBe(600);
    expect(bootAndChecks).toBe(120);
  });

  test.each<[InstanceFacts['state'], string | null, ReturnType<NonNullable<typeof started.failed>>]>([
    ['stopped', 'Server.InternalError', { why: 'it was started and stopped again: Server.InternalError', again: true }],
    ['stopped', 'Client.InternalError', { why: 'it was started and stopped again: Client.InternalError', again: false }],
    ['stopped', 'Client.UserInitiatedShutdown', null],
    ['stopped', null, null],
    ['pending', 'Server.InternalError', null],
  ])('and is %s for %s has failed, or not: %j', (state, reason, failure) => {
    expect(started.failed?.(seen(state, reason))).toEqual(failure);
    expect(started.failed?.(facts({ instance: null }))).toBeNull();
  });
});

test('an action has a target where the look shows one, of its kind', () => {
  const none = facts({ instance: null });
  expect([instanceTarget(facts()), instanceTarget(none)]).toEqual([{ type: 'instance', id: instanceId }, null]);
  expect([groupTarget(memberFacts()), groupTarget(none)]).toEqual([{ type: 'group', id: 'web' }, null]);
  const ofFunction = serviceTarget('function');
  expect([ofFunction(facts({ service: lambda() })), ofFunction(facts({ service: containerService() })), ofFunction(none)]).toEqual([
    ...[{ type: 'service', id: 'checkout' }, null, null],
  ]);
});

describe('allowing a dry run', () => {
  test.each([
    [true, 'DryRunOperation', false],
    [true, 'UnauthorizedOperation', true],
    [false, 'DryRunOperation', true],
  ])('with dryRun %p and %s throws: %p', async (dryRun, name, throws) => {
    const call = allowDryRun(dryRun, Promise.reject(sdkError(name, 412)));
    await (throws ? expect(call).rejects.toMatchObject({ name }) : expect(call).resolves.toBeUndefined());
  });

  test('does nothing to a call that succeeds', async () => {
    await expect(allowDryRun(false, Promise.resolve(empty))).resolves.toBeUndefined();
  });
});
