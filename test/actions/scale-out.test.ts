import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toDo } from '../../shared/actions/action.ts';
import { scaleOut, scaleOutTo } from '../../shared/actions/scale-out.ts';
import { facts, group, groupFacts, groupName, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

describe('scale-out', () => {
  test('sets an absolute capacity, and honours a cool-down', async () => {
    expect(await doAll(scaleOut, groupFacts({ desired: 20, max: 40 }))).toEqual([
      {
        permission: 'autoscaling:SetDesiredCapacity',
        input: { AutoScalingGroupName: groupName, DesiredCapacity: 22, HonorCooldown: true },
      },
    ]);
  });

  test('calls nobody in a dry run, since Auto Scaling has none', async () => {
    expect(await doAll(scaleOut, groupFacts(), { dryRun: true })).toEqual([]);
  });

  test.each([
    [2, 10, 0.1, 3],
    [10, 20, 0.1, 11],
    [11, 20, 0.1, 13],
    [20, 40, 0.5, 30],
    [20, 22, 0.5, 22],
    [5, 10, 0, 6],
    [0, 10, 0.1, 1],
    [4, 4, 0.1, 4],
  ])('goes from %d of at most %d by a share of %d to %d', (desired, max, share, aim) => {
    expect(scaleOutTo(group({ desired, max }), policy({ scaleOut: { share } }))).toBe(aim);
  });

  test('never aims above the maximum, and at one more at least below it', () => {
    const sizes = fc.tuple(fc.nat(1000), fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(sizes, ([desired, spare, share]) => {
        const aim = scaleOutTo(group({ desired, max: desired + spare }), policy({ scaleOut: { share } }));
        expect(Number.isInteger(aim)).toBe(true);
        expect(aim).toBeLessThanOrEqual(desired + spare);
        expect(aim).toBeGreaterThanOrEqual(Math.min(desired + 1, desired + spare));
      }),
    );
  });

  test('is done once the group wants as many as it was to have, or more', () => {
    const [{ done }] = scaleOut.steps;
    const is = (desired: number | null, before: ReturnType<typeof facts> = groupFacts({ desired: 2, max: 4 })) =>
      done(desired === null ? facts() : groupFacts({ desired, max: 4 }), { before, policy: policy() });
    expect([is(2), is(3), is(4), is(null), is(3, facts())]).toEqual([false, true, true, false, false]);
  });

  test('acts upon the group, and on nothing where the look saw none', () => {
    expect(scaleOut.target(groupFacts())).toEqual({ type: 'group', id: groupName });
    expect(scaleOut.target(facts())).toBeNull();
  });

  test('says what it does', () => {
    const text = toDo(scaleOut, { target: { type: 'group', id: groupName }, facts: groupFacts(), policy: policy() });
    expect(text).toBe(`scale group ${groupName} out from 2 to 3 instances`);
    const blind = toDo(scaleOut, { target: { type: 'group', id: groupName }, facts: facts(), policy: policy() });
    expect(blind).toBe(`scale group ${groupName} out from ? to ? instances`);
  });
});
