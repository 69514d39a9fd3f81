import { describe, expect, test } from '@jest/globals';
import { healTargets } from '../../shared/playbooks/heal-targets.ts';
import { instanceId, targetsOf } from '../remediation/examples.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('heal-targets', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance that hangs', ['reboot-instance']],
    ['a lone instance on a failed host', []],
    ['a lone instance whose host is unknown', []],
    ['a member that hangs', ['watch', 'replace-member']],
    ['a member whose group is gone', []],
    ['a whole group', []],
    ['nothing at all', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    // The scene's instance is the one target that is sick.
    const targets = targetsOf([{ id: instanceId, state: 'unhealthy' }]);
    expect(stepsFor(healTargets, { ...scenes[scene], targets })).toEqual(steps);
  });

  test('treats nobody once the look shows that others are sick', () => {
    const sick = ['i-0ffffffffffffffff', instanceId].map((id) => ({ id, state: 'unhealthy' }));
    for (const targets of [targetsOf(sick), targetsOf(sick.slice(0, 1))]) {
      expect(stepsFor(healTargets, { ...scenes['a lone instance that hangs'], targets })).toEqual([]);
      expect(stepsFor(healTargets, { ...scenes['a member that hangs'], targets })).toEqual(['watch']);
    }
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(healTargets.failing.map(({ id }) => id)).toEqual(['targets-are-healthy']);
    expect(healTargets.healthy.map(({ id }) => id)).toEqual(['targets-are-healthy', 'alarm-is-ok']);
  });
});
