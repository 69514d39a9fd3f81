import { describe, expect, test } from '@jest/globals';
import { type Action, addressAfter, allowDryRun } from '../../shared/actions/action.ts';
import { extendFileSystem, extendFileSystemBy } from '../../shared/actions/extend-file-system.ts';
import { growVolume, growVolumeBy } from '../../shared/actions/grow-volume.ts';
import { actions } from '../../shared/actions/index.ts';
import { listDisks, listDisksBy } from '../../shared/actions/list-disks.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { runCommand, runCommandOf } from '../../shared/actions/run-command.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
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
  group,
  instanceReplicas,
  lambda,
  memberFacts,
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
