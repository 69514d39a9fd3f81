import { describe, expect, test } from '@jest/globals';
import { startStopped } from '../../shared/playbooks/start-instance.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('start-instance', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance that hangs', ['start-instance']],
    ['a lone instance with an instance store that hangs', ['start-instance']],
    ['a member that hangs', ['watch']],
    ['a member whose group is gone', []],
    ['a whole group', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(startStopped, scenes[scene])).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(startStopped.failing.map(({ id }) => id)).toEqual(['status-checks-pass']);
    expect(startStopped.healthy.map(({ id }) => id)).toEqual(['status-checks-pass']);
  });
});
