import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { actions } from '../../shared/actions/index.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { readLifecycleState } from '../../shared/aws/states.ts';
import { asgConstraints } from '../../shared/guards/asg-constraints.ts';
import { actionIds } from '../../shared/model/action-id.ts';
import { targetsOfAction } from '../../shared/model/custom-playbook.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { facts, group, groupFacts, groupName, instance, instanceId, memberFacts, memberOf } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const ask = (action: Action, seen: ResourceSnapshot) => asgConstraints.check(guardInput({ action, facts: seen }));
const memberIn = (change: Parameters<typeof group>[0]) => memberFacts({ group: group(change) });
const memberWho = (change: Parameters<typeof memberOf>[1]) => memberIn({ members: [memberOf(instanceId, change)] });

describe('asg-constraints', () => {
  test.each<[string, Action, ResourceSnapshot]>([
    ['a reboot of a lone instance', rebootInstance, facts()],
    ['a replacement of a member in service', replaceMember, memberFacts()],
    ['a replacement where only health replacement is suspended', replaceMember, memberIn({ suspendedProcesses: ['ReplaceUnhealthy'] })],
    ['a scale-out below the maximum', scaleOut, groupFacts({ desired: 3, max: 4 })],
    ['a scale-out of a group that terminates nothing', scaleOut, groupFacts({ suspendedProcesses: ['Terminate', 'AZRebalance'] })],
  ])('passes %s', (_, action, seen) => {
    expect(ask(action, seen)).toEqual({ answer: 'pass' });
  });

  const onInstances: readonly string[] = actionIds.filter((id) => targetsOfAction[id].includes('instance'));
  const replacing = ['replace-container-instance', 'replace-member', 'scale-out'];
  const gentle = ['extend-file-system', 'grow-volume', 'list-disks'];
  const single = actions.filter(({ id }) => onInstances.includes(id) && ![...replacing, ...gentle].includes(id));
  test.each(gentle)('lets %s be done to a member, which goes on', (id) => {
    const [action] = actions.filter((one) => one.id === id);
    expect(action && ask(action, memberFacts())).toEqual({ answer: 'pass' });
  });

  test('lets an owner’s command interrupt a member where the policy drains it before, and nothing else', () => {
    const draining = effective({ drain: {} });
    for (const one of single) {
      const answer = asgConstraints.check(guardInput({ action: one, facts: memberFacts(), policy: draining }));
      expect({ id: one.id, answer }).toMatchObject({ id: one.id, answer: { answer: one.id === 'run-command' ? 'pass' : 'hold' } });
    }
  });

  test.each(single.map((action) => [action.id, action] as const))('never lets %s touch a member', (_, action) => {
    expect(ask(action, memberFacts())).toMatchObject({ answer: 'hold' });
    // The tag alone tells, also where the group could not be found.
    expect(ask(action, facts({ instance: instance({ groupName }), group: null }))).toMatchObject({ answer: 'hold' });
  });

  test.each<[string, Action, ResourceSnapshot]>([
    ['a replacement of a lone instance', replaceMember, facts()],
    ['a replacement in a group that is gone', replaceMember, memberFacts({ group: null })],
    ["a replacement of a member that the look didn't find", replaceMember, memberFacts({ instance: null })],
    ['a replacement in a group that is being deleted', replaceMember, memberIn({ deleting: true })],
    ['a replacement in a group that has a desired capacity of 0', replaceMember, memberIn({ desired: 0 })],
    ['a scale-out of no group', scaleOut, facts()],
    ['a scale-out of a group that is being deleted', scaleOut, groupFacts({ deleting: true })],
  ])('holds %s', (_, action, seen) => {
    expect(ask(action, seen)).toMatchObject({ answer: 'hold' });
  });

  test.each<[string, ResourceSnapshot]>([
    ['has left the group', memberIn({ members: [memberOf('i-0ffffffffffffffff')] })],
    ['is still pending', memberWho({ lifecycleState: 'Pending' })],
    ['is being terminated', memberWho({ lifecycleState: 'Terminating:Wait' })],
    ['is in a state that nobody knows', memberWho({ lifecycleState: 'unknown' })],
  ])('holds the replacement of a member that %s for now', (_, seen) => {
    expect(ask(replaceMember, seen)).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each([['Standby'], ['Warmed:Stopped'], ['Terminating:Retained']])(
    'is quiet about a member that somebody, or its group, has put aside: %s',
    (lifecycleState) => {
      expect(ask(replaceMember, memberWho({ lifecycleState: readLifecycleState(lifecycleState) }))).toMatchObject({
        answer: 'hold',
        quiet: true,
      });
    },
  );

  test('leaves the replacement to a person where no successor would get any traffic', () => {
    const suspendedProcesses = ['AddToLoadBalancer'];
    expect(ask(replaceMember, memberIn({ balanced: true, suspendedProcesses }))).toMatchObject({ answer: 'escalate' });
    expect(ask(replaceMember, memberIn({ balanced: false, suspendedProcesses }))).toEqual({ answer: 'pass' });
  });

  test('leaves the replacement to a person where a maintenance policy would not be carried out', () => {
    const maintenance = { minHealthy: 100, maxHealthy: 150 };
    const suspendedProcesses = ['ReplaceUnhealthy'];
    expect(ask(replaceMember, memberIn({ maintenance, suspendedProcesses }))).toMatchObject({ answer: 'escalate' });
    expect(ask(replaceMember, memberIn({ suspendedProcesses }))).toEqual({ answer: 'pass' });
  });

  test('holds a replacement for now while the group has members to spare', () => {
    expect(ask(replaceMember, memberIn({ desired: 1 }))).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each<[string, Action, ResourceSnapshot]>([
    ['a replacement where the group would not launch', replaceMember, memberIn({ suspendedProcesses: ['Launch'] })],
    ['a replacement where the group would not terminate', replaceMember, memberIn({ suspendedProcesses: ['Terminate'] })],
    ['a scale-out where the group would not launch', scaleOut, groupFacts({ suspendedProcesses: ['Launch'] })],
    ['a scale-out at the maximum', scaleOut, groupFacts({ desired: 4, max: 4 })],
    ['a scale-out above the maximum', scaleOut, groupFacts({ desired: 5, max: 4 })],
  ])('escalates %s', (_, action, seen) => {
    expect(ask(action, seen)).toMatchObject({ answer: 'escalate' });
  });
});
