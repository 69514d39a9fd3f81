import { describe, expect, test } from '@jest/globals';
import { readInstanceState, readLifecycleState } from '../../shared/aws/states.ts';
import { deferToOwner } from '../../shared/remediation/defer-to-owner.ts';
import { alarm, facts, group, groupName, incident, instance, instanceId, memberFacts, memberOf, policy } from './examples.ts';

const of = (seen: Parameters<typeof deferToOwner>[1], change: Parameters<typeof incident>[0] = {}, settings: object = {}) =>
  deferToOwner(incident(change), seen, policy(settings as Record<string, unknown>));
const owned = (tags: Record<string, string>) => facts({ instance: instance({ tags: { selfheal: 'on', ...tags } }) });
const memberIn = (lifecycleState: string) =>
  memberFacts({ group: group({ members: [memberOf(instanceId, { lifecycleState: readLifecycleState(lifecycleState) })] }) });

describe('standing back', () => {
  test('is for what somebody rules, and for nothing else', () => {
    expect(of(facts())).toBeNull();
    expect(of(memberFacts())).toBeNull();
    expect(of(facts({ instance: null, alarm: null }))).toBeNull();
  });

  test('ends where the actions of the alarm are disabled, unless it is the child of one that told', () => {
    const seen = facts({ alarm: alarm({ actionsEnabled: false }) });
    expect(of(seen)).toMatchObject({ kind: 'end', reason: expect.stringContaining('disabled') });
    expect(of(seen, { children: ['web-status'] })).toBeNull();
  });

  test.each([
    ['terminated', 'Client.UserInitiatedShutdown', 'end'],
    ['shutting-down', 'Client.InstanceInitiatedShutdown', 'end'],
    ['terminated', 'Server.InternalError', undefined],
    ['terminated', null, undefined],
    ['stopped', 'Client.UserInitiatedShutdown', undefined],
  ])('of a lone instance that is %s by %s: %s', (state, stateReason, kind) => {
    expect(of(facts({ instance: instance({ state: readInstanceState(state), stateReason }) }))?.kind).toBe(kind);
  });

  test('leaves a member that was terminated to its group, whoever did it', () => {
    const seen = memberFacts({ instance: instance({ groupName, state: 'terminated', stateReason: 'Client.UserInitiatedShutdown' }) });
    expect(of(seen)).toBeNull();
  });

  test.each([
    ['Standby', 'end'],
    ['EnteringStandby', 'end'],
    ['Warmed:Running', 'end'],
    ['Terminating:Retained', 'end'],
    ['InService', undefined],
    ['Terminating:Wait', undefined],
    ['SomethingNew', undefined],
  ])('of a member that is %s: %s', (state, kind) => {
    expect(of(memberIn(state))?.kind).toBe(kind);
  });

  test('gives an owner half an hour, and one that repairs nothing none', () => {
    expect(of(owned({ 'karpenter.sh/nodepool': 'default' }))).toMatchObject({ kind: 'wait', seconds: 1800 });
    expect(of(owned({ AmazonECSManaged: '' }))).toMatchObject({ kind: 'wait', seconds: 0, reason: expect.stringContaining('ECS') });
  });

  test('waits for no owner where the policy allows something, where nobody opted in, and where nothing would be done', () => {
    const tags = { 'karpenter.sh/nodepool': 'default' };
    expect(of(owned(tags), {}, { owners: { karpenter: 'reboot' } })).toBeNull();
    expect(of(facts({ instance: instance({ tags }) }))).toBeNull();
    expect(of(owned(tags), { playbook: null })).toBeNull();
  });
});
