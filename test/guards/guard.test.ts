import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Action, Effect } from '../../shared/actions/action.ts';
import { actions } from '../../shared/actions/index.ts';
import { guards } from '../../shared/guards/index.ts';
import { resourceTypes } from '../../shared/model/resource.ts';
import { isActedUpon } from '../../shared/model/resources/index.ts';
import { facts, memberFacts } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const guard = fc.constantFrom(...guards);
const action = fc.constantFrom(...(actions as readonly Action[]));
const seen = fc.constantFrom(facts(), memberFacts());
const policy = fc.constantFrom(effective(), effective({ calendars: [], healers: { person: 0 }, mode: 'dry-run' }));
const approved = fc.boolean();

describe('every guard', () => {
  test('holds an action on a type of resource that nothing may be done to', async () => {
    const strange = resourceTypes.filter((type) => !isActedUpon(type));
    expect(strange).toContain('volume');
    const type = fc.constantFrom(...strange);
    await fc.assert(
      fc.asyncProperty(guard, type, fc.record({ action, facts: seen, policy, approved }), async (one, strangeType, given) => {
        const answer = await one.check(guardInput({ ...given, target: { type: strangeType, id: 'orders' } }));
        expect(answer).toEqual({ answer: 'hold', reason: expect.stringContaining(one.id) });
      }),
      { numRuns: 600 },
    );
  });

  test.each(guards.map((one) => [one.id, one] as const))('%s holds an action with an effect that it does not know', async (_, one) => {
    const effects = ['interrupts', 'failsOver'] as unknown as readonly [Effect, ...Effect[]];
    for (const given of [...actions] as Action[])
      expect(await one.check(guardInput({ action: { ...given, effects } }))).toMatchObject({ answer: 'hold' });
  });
});
