import { describe, expect, test } from '@jest/globals';
import { readLifecycleState } from '../../shared/aws/states.ts';
import { groupIsWhole, memberIsReplaced } from '../../shared/health/group.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { facts, group, groupFacts, incident, instanceId, memberFacts, memberOf } from '../remediation/examples.ts';

const other = 'i-0ffffffffffffffff';
const third = 'i-0eeeeeeeeeeeeeeee';

describe('group-is-whole', () => {
  const check = (look: ResourceSnapshot) => groupIsWhole.check({ facts: look, incident: incident(), before: look });

  test.each([
    ['as many as wanted are in service', [memberOf(instanceId), memberOf(other)]],
    ['more than wanted are in service', [memberOf(instanceId), memberOf(other), memberOf(third)]],
  ])('is healthy where %s', (_, members) => {
    expect(check(groupFacts({ members })).state).toBe('healthy');
  });

  test.each([
    ['one is missing', [memberOf(instanceId)]],
    ['one is not in service yet', [memberOf(instanceId), memberOf(other, { lifecycleState: 'Pending' })]],
    ['one is in service and unhealthy', [memberOf(instanceId), memberOf(other, { health: 'Unhealthy' })]],
  ])('is unknown where %s', (_, members) => {
    expect(check(groupFacts({ members }))).toEqual({ state: 'unknown', because: '1 of 2 members in service' });
  });

  test('is unknown without a group', () => {
    expect(check(facts()).state).toBe('unknown');
  });
});

describe('member-is-replaced', () => {
  const check = (members: ReturnType<typeof memberOf>[]) => {
    const look = memberFacts({ group: group({ members }) });
    return memberIsReplaced.check({ facts: look, incident: incident(), before: memberFacts() }).state;
  };

  test('is healthy once the member is out and the group is whole', () => {
    expect(check([memberOf(other), memberOf(third)])).toBe('healthy');
  });

  test('is unhealthy while the member is in service, whatever else is', () => {
    expect(check([memberOf(instanceId), memberOf(other), memberOf(third)])).toBe('unhealthy');
  });

  test('is unhealthy while the member is in service and unhealthy', () => {
    expect(check([memberOf(instanceId, { health: 'Unhealthy' }), memberOf(other)])).toBe('unhealthy');
  });

  test.each([
    ['it drains', [memberOf(instanceId, { lifecycleState: 'Terminating:Wait' }), memberOf(other)]],
    ['it joins', [memberOf(instanceId, { lifecycleState: 'Pending' }), memberOf(other), memberOf(third)]],
    ['it is in a state that is not known', [memberOf(instanceId, { lifecycleState: 'unknown' }), memberOf(other), memberOf(third)]],
    ['its successor is missing', [memberOf(other)]],
    ['its successor is not in service yet', [memberOf(other), memberOf(third, { lifecycleState: 'Pending' })]],
  ])('is unknown while %s', (_, members) => {
    expect(check(members)).toBe('unknown');
  });

  test.each(['Terminating:Wait', 'Terminating:Retained', 'Standby', 'Quarantined', 'Detached'])(
    'is healthy while the member is left in %s and the group is whole without it',
    (lifecycleState) => {
      expect(check([memberOf(instanceId, { lifecycleState: readLifecycleState(lifecycleState) }), memberOf(other), memberOf(third)])).toBe(
        'healthy',
      );
    },
  );

  test('means the member that was there before, though the look no longer finds the instance', () => {
    const look = memberFacts({ instance: null, group: group({ members: [memberOf(instanceId), memberOf(other)] }) });
    expect(memberIsReplaced.check({ facts: look, incident: incident(), before: memberFacts() }).state).toBe('unhealthy');
  });

  test('is unknown without a group', () => {
    const look = facts();
    expect(memberIsReplaced.check({ facts: look, incident: incident(), before: look }).state).toBe('unknown');
  });

  test('is never healthy about an instance that nobody has seen', () => {
    const look = groupFacts();
    expect(memberIsReplaced.check({ facts: look, incident: incident(), before: look }).state).not.toBe('healthy');
  });
});
