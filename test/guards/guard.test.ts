import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Action, Effect } from '../../shared/actions/action.ts';
import { actions } from '../../shared/actions/index.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { defineGuard, holdForNow, holdQuietly, holdUnseen, holdUntil, none, ofHosts, pass } from '../../shared/guards/guard.ts';
import { guards } from '../../shared/guards/index.ts';
import { type ResourceType, resourceTypes } from '../../shared/model/resource.ts';
import { isActedUpon } from '../../shared/model/resources/index.ts';
import { facts, memberFacts, noon } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const guard = fc.constantFrom(...guards);
const action = fc.constantFrom(...(actions as readonly Action[]));
const seen = fc.constantFrom(facts(), memberFacts());
const policy = fc.constantFrom(effective(), effective({ calendars: [], healers: { person: 0 }, mode: 'dry-run' }));
const approved = fc.boolean();

test('what a guard answers says whether it is worth waiting, and whether people hear of it', () => {
  expect(holdForNow('words')).toEqual({ answer: 'hold', reason: 'words', passing: true });
  expect(holdUnseen('words')).toEqual({ answer: 'hold', reason: 'words', passing: true, unseen: true });
  expect(holdUntil('words', noon)).toEqual({ answer: 'hold', reason: 'words', passing: true, until: noon });
  expect(holdQuietly('words')).toEqual({ answer: 'hold', reason: 'words', quiet: true });
});

test('those that only the live account can answer are known, so that a back-test leaves them open', () => {
  expect(guards.flatMap(({ id, live }) => (live ? [] : [id])).join(' ')).toBe(
    'opt-in overrides mode owner intentional-stop mass-failure zone recent-manual-change approval lease budget flapping',
  );
});

describe('whether a guard is open where there is no live account', () => {
  const open = ({ ...change }: Partial<Parameters<typeof defineGuard>[0]>, of: Action = rebootInstance, type: ResourceType = 'instance') =>
    defineGuard({ id: 'one', check: () => pass, ...change }).isOpen(of, type, effective());

  test('is so where it checks such an action by the live account', () => {
    expect(open({ live: true })).toBe(true);
    expect(open({})).toBe(false);
    expect(open({ live: true, idle: () => true })).toBe(false);
    expect(open({ live: ({ id }) => id === 'reboot-instance' })).toBe(true);
    expect(open({ live: ({ id }) => id === 'reboot-instance' }, stopStartInstance)).toBe(false);
    expect(open({ live: true }, rebootInstance, 'volume')).toBe(false);
  });

  test('goes by the effects of the action, one of which it has to check', () => {
    const effects: Effect[] = ['starts', 'changesSoftware', 'interrupts', 'removesFromService', 'destroys'];
    const more: Effect[] = ['addsCapacity', 'changesAddress', 'repeatsWork', 'growsStorage'];
    const checking = (...those: Effect[]) =>
      Object.fromEntries([...effects, ...more].map((effect) => [effect, those.includes(effect) ? () => pass : none])) as never;
    expect(open({ live: true, check: checking('interrupts') })).toBe(true);
    expect(open({ live: true, check: checking('destroys') })).toBe(false);
    // It takes out of service, and changes its address.
    expect(open({ live: true, check: checking('changesAddress') }, stopStartInstance)).toBe(true);
    expect(open({ live: true, check: { of: ofHosts(checking('interrupts')) } }, rebootDatabase, 'database')).toBe(false);
    expect(open({ live: true, check: { of: ofHosts(checking('interrupts')) } })).toBe(true);
  });
});

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

  test('leaves nothing to a person, and passes nothing that it would have to look at, where there is nothing to be seen', async () => {
    const allowed = effective({
      databases: { reboot: 'on', failover: 'on', promote: 'on', storage: { atMost: 100 } },
      readers: { atMost: 2 },
    });
    const nothing = { ...facts({ instance: null, status: null }), alarm: null };
    const holds: Record<string, string> = {};
    for (const one of guards) {
      const types = new Set<string>();
      for (const type of resourceTypes.filter(isActedUpon))
        for (const given of actions as readonly Action[]) {
          const input = guardInput({ action: given, target: { type, id: 'x' }, facts: nothing, policy: allowed });
          const answer = await Promise.resolve(input)
            .then(one.check)
            .catch(() => null);
          // Nobody answers its look-ups here.
          if (answer === null) types.add('throws');
          if (answer?.answer === 'escalate') types.add('escalates');
          if (answer?.answer !== 'hold') continue;
          types.add(Object.keys(answer).join() === 'answer,reason' ? type : 'holds for now');
        }
      if (types.size > 0) holds[one.id] = [...types].toSorted().join(' ');
    }
    const every = 'certificate database group instance queue service task';
    expect(holds).toEqual({
      'asg-constraints': 'group instance',
      'can-start-again': 'group instance',
      'concurrency-room': 'service',
      'database-ready': 'database',
      'disk-ready': 'group instance',
      'group-budget': 'group instance',
      'group-can-launch': 'group instance',
      'intentional-stop': 'instance',
      'mass-failure': 'throws',
      'opt-in': every,
      owner: every,
      protection: 'group instance throws',
      'proven-version': 'group instance',
      'public-address': 'group instance',
      'queue-ready': 'queue',
      reachable: 'throws',
      'recent-manual-change': 'throws',
      'release-to-blame': 'service',
      'service-ready': 'service task',
      'validation-record': 'certificate',
      zone: 'throws',
    });
  });
});
