import { describe, expect, test } from '@jest/globals';
import { targetsAreHealthy, treatedTargetIsWell } from '../../shared/health/targets.ts';
import { facts, groupFacts, incident, instanceId, memberFacts, targetsOf, task } from '../remediation/examples.ts';

const check = (...states: string[]) => {
  const targets = states.map((state, index) => ({ id: `i-0000000000000000${index}`, state }));
  const look = facts({ targets: targetsOf(targets) });
  return targetsAreHealthy.check({ facts: look, incident: incident(), before: look }).state;
};

describe('targets-are-healthy', () => {
  test.each([
    ['healthy', ['healthy', 'healthy']],
    ['healthy', ['healthy', 'draining']],
    ['healthy', ['healthy', 'initial', 'unused']],
    ['unhealthy', ['healthy', 'unhealthy']],
    ['unhealthy', ['unhealthy']],
    ['unhealthy', ['healthy', 'unavailable']],
    ['unhealthy', ['healthy', 'unhealthy.draining']],
    ['unknown', ['initial']],
    ['unknown', ['draining', 'unused']],
    ['unknown', []],
  ])('is %s with %j', (state, targets) => {
    expect(check(...targets)).toBe(state);
  });

  test('is unknown where nobody has looked', () => {
    const look = facts({ targets: null });
    expect(targetsAreHealthy.check({ facts: look, incident: incident(), before: look }).state).toBe('unknown');
  });
});

test('targets-are-healthy is what alarms of every kind of load balancer tell of', () => {
  expect(targetsAreHealthy.sees).toEqual(
    ['ApplicationELB', 'NetworkELB', 'GatewayELB', 'ELB'].flatMap((kind) => [
      `AWS/${kind} UnHealthyHostCount`,
      `AWS/${kind} HealthyHostCount`,
    ]),
  );
});

describe('treated-target-is-well', () => {
  const states = (...given: string[]) => targetsOf(given.map((state) => ({ id: instanceId, state })));
  const check = (targets: ReturnType<typeof states>, before = facts()) =>
    treatedTargetIsWell.check({ facts: { ...before, targets }, incident: incident(), before }).state;

  test.each([
    ['healthy', ['healthy']],
    ['healthy', ['healthy', 'healthy']],
    ['healthy', ['healthy', 'draining']],
    ['unhealthy', ['unhealthy']],
    ['unhealthy', ['healthy', 'unhealthy']],
    ['unknown', ['healthy', 'initial']],
    ['unknown', ['initial']],
  ])('is %s where its ports are %j', (state, given) => {
    expect(check(states(...given))).toBe(state);
  });

  test('is unknown where nobody has looked, or where it was of nothing that has targets', () => {
    const says = 'the state of the target is unknown';
    const look = facts({ targets: null });
    expect(treatedTargetIsWell.check({ facts: look, incident: incident(), before: look })).toEqual({ state: 'unknown', because: says });
    const none = { ...facts({ instance: null }), targets: states('unhealthy') };
    expect(treatedTargetIsWell.check({ facts: none, incident: incident(), before: none })).toEqual({ state: 'unknown', because: says });
  });

  test('is unknown for a lone instance that is not registered any more', () => {
    expect(check(states())).toBe('unknown');
  });

  test.each([
    [3, 4, 'healthy'],
    [3, 3, 'unknown'],
    [0, 1, 'healthy'],
    [null, 1, 'healthy'],
    [null, 0, 'unknown'],
  ])('of a task that has left, with %j that were healthy before and %j now, is %s', (first, now, state) => {
    const serving = (count: number) => targetsOf(Array.from({ length: count }, (_, at) => ({ id: `10.0.0.${at}`, state: 'healthy' })));
    const before = facts({ instance: null, task: task(), targets: first === null ? null : serving(first) });
    expect(check(serving(now), before)).toBe(state);
  });

  test('is what the group is for a member that has left', () => {
    const before = memberFacts();
    expect(check(states(), before)).toBe('healthy');
    const short = { ...before, group: groupFacts({ desired: 3 }).group };
    expect(treatedTargetIsWell.check({ facts: { ...short, targets: states() }, incident: incident(), before }).state).toBe('unknown');
  });
});
