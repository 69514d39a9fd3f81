import { describe, expect, test } from '@jest/globals';
import { targetsAreHealthy } from '../../shared/health/targets.ts';
import { facts, incident } from '../incident/examples.ts';

const check = (...states: string[]) => {
  const targets = states.map((state, index) => ({ id: `i-0000000000000000${index}`, state, reason: null }));
  const look = facts({ targets });
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
