import { describe, expect, test } from '@jest/globals';
import { backoffSeconds } from '../../shared/model/backoff.ts';
import { replaceAhead } from '../../shared/playbooks/replace-ahead.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('replace-ahead', () => {
  test.each<[Scene, string[]]>([
    ['a spot member with an instance store', ['replace-member']],
    // Nothing takes it back, so whoever says so is not to be believed.
    ['a member that hangs', []],
    ['a lone spot instance on a failed host', []],
    ['a member whose group is gone', []],
    ['a whole group', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(replaceAhead, scenes[scene])).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(replaceAhead.failing.map(({ id }) => id)).toEqual(['member-is-replaced']);
    expect(replaceAhead.healthy.map(({ id }) => id)).toEqual(['member-is-replaced']);
  });

  test('tries no longer than the two minutes that there are', () => {
    const [only] = replaceAhead.ladder;
    if (only?.kind !== 'act') throw new Error('the one step is an action');
    const { backoff } = only;
    let longest = 0;
    for (let attempt = 1; attempt < backoff.attempts; attempt++) longest += backoffSeconds(attempt, backoff, 1);
    expect(longest).toBeLessThan(60);
  });
});
