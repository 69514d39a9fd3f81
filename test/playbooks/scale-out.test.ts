import { describe, expect, test } from '@jest/globals';
import { scaleOutGroup } from '../../shared/playbooks/scale-out.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('scale-out', () => {
  test.each<[Scene, string[]]>([
    ['a whole group', ['scale-out']],
    ['a member that hangs', ['scale-out']],
    ['a lone instance that hangs', []],
    ['a member whose group is gone', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(scaleOutGroup, scenes[scene])).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(scaleOutGroup.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(scaleOutGroup.healthy.map(({ id }) => id)).toEqual(['alarm-says-ok', 'group-is-whole']);
  });
});
