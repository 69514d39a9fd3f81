import { describe, expect, test } from '@jest/globals';
import { healTargets } from '../../shared/playbooks/heal-targets.ts';
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
    expect(stepsFor(healTargets, scenes[scene])).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(healTargets.failing.map(({ id }) => id)).toEqual(['targets-are-healthy']);
    expect(healTargets.healthy.map(({ id }) => id)).toEqual(['targets-are-healthy', 'alarm-is-ok']);
  });
});
