import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { disruptionBudget, maxDisruptions } from '../../shared/guards/disruption-budget.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import type { MemberFacts, ResourceSnapshot } from '../../shared/model/snapshot.ts';
import type { Lease } from '../../shared/ports/ledger.ts';
import { sdkError } from '../aws/recorder.ts';
import { group, groupFacts, groupName, incident, instance, instanceId, memberFacts, memberOf, noon } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const membersOf = (size: number) =>
  memberFacts({
    group: group({ desired: size, members: Array.from({ length: size }, (_, i) => memberOf(`i-${String(i).padStart(17, '0')}`)) }),
  });

type Thing = { type: string; id: string };

/** A table of leases that several incidents share. */
const table = () => {
  const holders = new Map<string, string>();
  const takeAs =
    (me: string) =>
    async ({ type, id }: Thing): Promise<Lease> => {
      const key = `${type} ${id}`;
      const holder = holders.get(key) ?? me;
      holders.set(key, holder);
      return holder === me ? { acquired: true, attempts: [] } : { acquired: false, holder, until: noon };
    };
  return { holders, takeAs };
};
const ask = (take: GuardInput['take'], size: number, change: Partial<GuardInput> = {}) =>
  disruptionBudget.check(guardInput({ action: replaceMember, facts: membersOf(size), take, ...change }));
const incidentOf = (i: number) => incident({ at: noon + i });

describe('disruption-budget', () => {
  test.each([
    [1, 0.1, 1],
    [9, 0.1, 1],
    [19, 0.1, 1],
    [20, 0.1, 2],
    [100, 0.1, 10],
    [10, 0, 1],
    [10, 0.5, 5],
  ])('a group of %i at a share of %f has %i places', (members, share, places) => {
    expect(maxDisruptions(members, share)).toBe(places);
  });

  test('has incidents begin at different places, each always at its own', async () => {
    const begins = async (i: number) => {
      const taken: string[] = [];
      await ask(
        async ({ id }) => {
          taken.push(id);
          return { acquired: false, holder: 'another', until: noon };
        },
        30,
        { incident: incidentOf(i) },
      );
      expect(taken.toSorted()).toEqual([0, 1, 2].map((k) => `${groupName}/${k}`));
      return taken[0];
    };
    const first = await Promise.all(Array.from({ length: 20 }, (_, i) => begins(i)));
    expect(new Set(first).size).toBe(3);
    expect(await begins(0)).toBe(first[0]);
  });

  test('takes nothing from a group that lacks as many already, whoever took them, except what AWS takes anyway', async () => {
    const lacking = (desired: number, leaving: number, own: Partial<MemberFacts> = {}) => {
      const members = Array.from({ length: desired }, (_, i) =>
        memberOf(
          i === 0 ? instanceId : `i-${String(i).padStart(17, '0')}`,
          i === 0 ? own : i <= leaving ? { lifecycleState: 'Pending:Wait' } : {},
        ),
      );
      return memberFacts({ group: group({ desired, members }) });
    };
    const answer = async (seen: ResourceSnapshot, change: Partial<GuardInput> = {}) =>
      ask(table().takeAs('one'), 3, { facts: seen, ...change });
    expect(await answer(lacking(3, 0))).toEqual({ answer: 'pass' });
    expect(await answer(lacking(3, 0, { health: 'Unhealthy' }))).toEqual({ answer: 'pass' });
    expect(await answer(lacking(3, 1))).toEqual({
      answer: 'hold',
      passing: true,
      reason: `group ${groupName} lacks 1 of 3 members already, and no more than one may be out of service at once`,
    });
    expect(await answer(lacking(3, 1, { health: 'Unhealthy' }))).toMatchObject({ answer: 'hold' });
    expect(await answer(lacking(20, 1))).toEqual({ answer: 'pass' });
    expect(await answer(lacking(20, 2))).toMatchObject({ answer: 'hold', reason: expect.stringContaining('no more than 2 may') });
    expect(await answer(lacking(3, 1), { incident: incident({ failure: 'spot-interruption' }) })).toEqual({ answer: 'pass' });
  });

  test('lets as many through as there are places, and holds the others for now', async () => {
    const { holders, takeAs } = table();
    const answers: string[] = [];
    for (let i = 0; i < 6; i++) {
      const one = incidentOf(i);
      answers.push((await ask(takeAs(one.key), 30, { incident: one })).answer);
    }
    expect(answers).toEqual(['pass', 'pass', 'pass', 'hold', 'hold', 'hold']);
    expect([...holders.keys()].sort()).toEqual([0, 1, 2].map((k) => `group-place ${groupName}/${k}`));
    expect(await ask(takeAs('late'), 30, { incident: incidentOf(7) })).toEqual({
      answer: 'hold',
      passing: true,
      reason: `3 of 30 members of group ${groupName} are under treatment, which is the limit`,
    });
  });

  test('never lets more through than the share, in whatever order they come and come again', async () => {
    const size = fc.integer({ min: 1, max: 60 });
    const share = fc.double({ min: 0, max: 0.5, noNaN: true });
    const comers = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(size, share, comers, async (members, part, order) => {
        const { holders, takeAs } = table();
        const held = new Map<string, Thing[]>();
        const policy = effective({ blastRadius: { share: part } });
        for (const who of order) {
          const one = incidentOf(who);
          const mine = held.get(one.key) ?? [];
          const take = async (what: Thing) => {
            const lease = await takeAs(one.key)(what);
            if (lease.acquired) mine.push(what);
            return lease;
          };
          await ask(take, members, { incident: one, policy, held: [...mine] });
          held.set(one.key, mine);
        }
        expect(holders.size).toBeLessThanOrEqual(maxDisruptions(members, part));
        // Nobody has two.
        expect(new Set(holders.values()).size).toBe(holders.size);
      }),
      { numRuns: 200 },
    );
  });

  test('keeps the place that it has, also where another has become free', async () => {
    const { holders, takeAs } = table();
    const one = incidentOf(1);
    const mine = { type: 'group-place', id: `${groupName}/2` };
    await takeAs(one.key)(mine);
    expect(await ask(takeAs(one.key), 30, { incident: one, held: [mine] })).toEqual({ answer: 'pass' });
    expect([...holders.keys()]).toEqual([`group-place ${groupName}/2`]);
  });

  test('counts what the group wants where it has more', async () => {
    const { takeAs } = table();
    const facts = membersOf(40);
    if (facts.group) facts.group.desired = 10;
    expect((await disruptionBudget.check(guardInput({ facts, take: takeAs('a'), incident: incidentOf(1) }))).answer).toBe('pass');
    expect((await disruptionBudget.check(guardInput({ facts, take: takeAs('b'), incident: incidentOf(2) }))).answer).toBe('hold');
  });

  test('takes no place for a lone instance, or for a group as a whole', async () => {
    const take = () => Promise.reject(new Error('took a place'));
    expect(await disruptionBudget.check(guardInput({ take }))).toEqual({ answer: 'pass' });
    const whole = guardInput({ take, action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts() });
    expect(await disruptionBudget.check(whole)).toEqual({ answer: 'pass' });
  });

  test('holds where nobody knows how large the group is', async () => {
    const facts = memberFacts({ instance: instance({ groupName }), group: null });
    expect(await disruptionBudget.check(guardInput({ facts }))).toEqual({
      answer: 'hold',
      reason: expect.stringContaining("can't tell the size"),
    });
  });

  test.each([
    ['denied', sdkError('AccessDeniedException', 400), false],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where the ledger is %s', async (_, error, passing) => {
    const input = guardInput({ action: replaceMember, facts: membersOf(3), take: () => Promise.reject(error) });
    expect(await evaluateGuards([disruptionBudget], input)).toMatchObject({ answer: 'hold', passing });
  });
});
