import { describe, expect, test } from '@jest/globals';
import { readLifecycleState } from '../../shared/aws/states.ts';
import { groupIsWhole, groupMayReplace, memberIsReplaced } from '../../shared/health/group.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { facts, group, groupFacts, incident, instanceId, memberFacts, memberOf, status } from '../remediation/examples.ts';

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

describe('a group', () => {
  const may = (change: Parameters<typeof group>[0], seen: Partial<ResourceSnapshot> = {}) =>
    groupMayReplace(memberFacts({ group: group(change), ...seen }));

  test('may replace a member whose failure it sees', () => {
    expect(may({ healthCheckType: 'ELB' })).toBe(true);
    expect(may({ healthCheckType: 'EC2' })).toBe(false);
    const sees = [status({ system: 'impaired' }), status({ instance: 'impaired' }), null];
    expect(sees.map((one) => may({ healthCheckType: 'EC2' }, { status: one }))).toEqual([true, true, true]);
  });

  test.each(['HealthCheck', 'ReplaceUnhealthy', 'Terminate', 'Launch'])('may replace none while its %s is suspended', (process) => {
    expect(may({ healthCheckType: 'ELB', suspendedProcesses: ['AZRebalance', process] })).toBe(false);
  });

  test('may replace one while another process is suspended, and there has to be a group', () => {
    expect(may({ healthCheckType: 'ELB', suspendedProcesses: ['AZRebalance'] })).toBe(true);
    expect(groupMayReplace(facts({ group: null, status: status({ instance: 'impaired' }) }))).toBe(false);
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

  test('says where the member is, and what is missing', () => {
    const says = (members: ReturnType<typeof memberOf>[]) =>
      memberIsReplaced.check({ facts: memberFacts({ group: group({ members }) }), incident: incident(), before: memberFacts() }).because;
    expect(says([memberOf(instanceId, { lifecycleState: 'Terminating:Wait' }), memberOf(other)])).toBe(
      `${instanceId} is out of service in web (Terminating:Wait): draining; 1 of 2 members in service`,
    );
    expect(says([memberOf(instanceId, { lifecycleState: 'Standby' }), memberOf(other)])).toBe(
      `${instanceId} is out of service in web (Standby); 1 of 2 members in service`,
    );
    expect(says([memberOf(other), memberOf(third)])).toBe(`${instanceId} has left web; 2 of 2 members in service`);
  });

  test('is unknown without a group', () => {
    const look = facts();
    expect(memberIsReplaced.check({ facts: look, incident: incident(), before: look }).state).toBe('unknown');
  });

  test('is never healthy about an instance that nobody has seen', () => {
    const look = groupFacts();
    expect(memberIsReplaced.check({ facts: look, incident: incident(), before: look }).state).toBe('unknown');
  });
});
