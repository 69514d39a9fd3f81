import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { runCommand } from '../../shared/actions/run-command.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { owner } from '../../shared/guards/owner.ts';
import { containerHost, facts, groupFacts, groupName, instance, memberFacts } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const karpenter = { selfheal: 'on', 'karpenter.sh/nodepool': 'default' };
const ask = (action: Action, may: string, tags: Record<string, string> = karpenter) =>
  owner.check(guardInput({ action, facts: facts({ instance: instance({ tags }) }), policy: effective({ owners: { karpenter: may } }) }));

describe('owner', () => {
  test('has nothing to say of what nobody owns', () => {
    expect(owner.check(guardInput())).toEqual({ answer: 'pass' });
    expect(owner.check(guardInput({ action: replaceMember, facts: memberFacts() }))).toEqual({ answer: 'pass' });
  });

  test.each([rebootInstance, startInstance, stopStartInstance, replaceMember])(
    'leaves what somebody else owns to a person, unless the policy says otherwise: $id',
    (action) => {
      expect(ask(action, 'leave')).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('Karpenter') });
    },
  );

  test.each<[Action, string, string]>([
    [rebootInstance, 'reboot', 'pass'],
    [runCommand, 'reboot', 'pass'],
    [runCommand, 'replace', 'pass'],
    [stopStartInstance, 'reboot', 'skip'],
    [startInstance, 'reboot', 'skip'],
    [replaceMember, 'reboot', 'skip'],
    [rebootInstance, 'replace', 'pass'],
    [replaceMember, 'replace', 'pass'],
    [stopStartInstance, 'replace', 'skip'],
  ])('of %o with %s: %s', (action, may, answer) => {
    expect(ask(action, may)).toMatchObject({ answer });
  });

  test('allows an action all of whose effects it allows', () => {
    const moves: Action = { ...rebootInstance, effects: ['interrupts', 'changesAddress'] };
    for (const may of ['reboot', 'replace']) expect(ask(moves, may)).toMatchObject({ answer: 'skip' });
  });

  test.each([
    ['lets a host of ECS be replaced that the policy names', 'on', true, null, 'pass'],
    ['leaves one that the policy does not name', 'off', true, null, 'escalate'],
    ['leaves one that is managed by ECS alone', 'on', true, 'ecs.amazonaws.com', 'escalate'],
    ['leaves what ECS owns and nobody knows as a host', 'on', false, null, 'escalate'],
  ] as const)('%s', (_, hosts, isHost, operator, answer) => {
    const tags = { selfheal: 'on', AmazonECSManaged: '' };
    const seen = memberFacts({ instance: instance({ groupName, tags, operator }), ...(isHost ? { host: containerHost() } : {}) });
    const policy = effective({ ecs: { hosts } });
    expect(owner.check(guardInput({ action: replaceMember, facts: seen, policy }))).toMatchObject({ answer });
  });

  test('goes by the owner of the group as well', () => {
    const seen = memberFacts({ group: groupFacts({ tags: { selfheal: 'on', AmazonECSManaged: '' } }).group });
    expect(owner.check(guardInput({ action: replaceMember, facts: seen }))).toMatchObject({ answer: 'escalate' });
    const input = guardInput({
      action: scaleOut,
      target: { type: 'group', id: groupName },
      facts: groupFacts({ tags: { 'k8s.io/cluster-autoscaler/enabled': 'true' } }),
    });
    expect(owner.check(input)).toMatchObject({ answer: 'escalate' });
  });

  test('holds what nobody has looked at', () => {
    expect(owner.check(guardInput({ facts: facts({ instance: null }) }))).toMatchObject({ answer: 'hold' });
    expect(owner.check(guardInput({ target: { type: 'database', id: 'db' } }))).toMatchObject({ answer: 'hold' });
  });
});
