import { describe, expect, test } from '@jest/globals';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { optIn } from '../../shared/guards/opt-in.ts';
import { database, facts, group, groupFacts, groupName, incident, instance, instanceId, memberFacts } from '../remediation/examples.ts';
import { effective, guardInput, kindOf } from './examples.ts';

const groupTarget = { type: 'group', id: groupName } as const;

describe('opt-in', () => {
  test.each<[string, Partial<GuardInput>]>([
    ['an instance with the tag', {}],
    ['a group with the tag', { target: groupTarget, facts: groupFacts() }],
    [
      'an instance with the tag that the policy names',
      {
        policy: effective({ optIn: { key: 'heal', value: 'yes' } }),
        facts: facts({ instance: instance({ tags: { heal: 'yes' } }) }),
      },
    ],
    [
      'an empty value where the policy asks for one',
      { policy: effective({ optIn: { key: 'heal', value: '' } }), facts: facts({ instance: instance({ tags: { heal: '' } }) }) },
    ],
  ])('passes %s', (_, change) => {
    expect(optIn.check(guardInput(change))).toEqual({ answer: 'pass' });
  });

  // Before the policy named databases, people heard of every one.
  test('leaves a database without the tag to a person, whatever reported it', () => {
    const target = { type: 'database', id: 'orders' } as const;
    const about = (tags: Record<string, string>) => ({ target, facts: facts({ instance: null, database: database({ tags }) }) });
    expect(optIn.check(guardInput(about({ selfheal: 'on' })))).toEqual({ answer: 'pass' });
    expect(optIn.check(guardInput(about({})))).toMatchObject({ answer: 'escalate' });
    expect(optIn.check(guardInput({ ...about({}), incident: incident({ alarm: null }) }))).toMatchObject({ answer: 'escalate' });
    expect(optIn.check(guardInput({ target, facts: facts({ database: null }) }))).toMatchObject({ answer: 'hold' });
  });

  const tagged = (tags: Record<string, string>): Partial<GuardInput> => ({ facts: facts({ instance: instance({ tags }) }) });
  test.each<[string, Partial<GuardInput>]>([
    ['an instance without tags', tagged({})],
    ['another value', tagged({ selfheal: 'off' })],
    ['a value in other case', tagged({ selfheal: 'On' })],
    ['a key in other case', tagged({ Selfheal: 'on' })],
    ['a value with white space', tagged({ selfheal: 'on ' })],
    ['an empty value', tagged({ selfheal: '' })],
    ['a key that every object inherits', { ...tagged({}), policy: effective({ optIn: { key: 'constructor', value: String(Object) } }) }],
    ["an instance that the look didn't find", { facts: facts({ instance: null }) }],
    ["a group that the look didn't find", { target: groupTarget, facts: facts({ group: null }) }],
    ['a group of which only the member has the tag', { target: groupTarget, facts: memberFacts({ group: group({ tags: {} }) }) }],
    ['a member of which only the group has the tag', { facts: memberFacts({ instance: instance({ groupName, tags: {} }) }) }],
    ['a target of a kind that has no look', { target: { type: 'volume', id: 'vol-0123456789abcdef0' } }],
  ])('holds %s', (_, change) => {
    expect(optIn.check(guardInput(change))).toMatchObject({ answer: 'hold' });
  });

  test('says nothing to people of what no alarm tells of', async () => {
    const kinds = [incident(), incident({ alarm: null })].map((about) =>
      kindOf(optIn.check(guardInput({ ...tagged({}), incident: about }))),
    );
    expect(await Promise.all(kinds)).toEqual(['hold', 'hold quietly']);
  });

  test('names the missing tag and what misses it', () => {
    expect(optIn.check(guardInput(tagged({})))).toMatchObject({ reason: `instance ${instanceId} is not opted in: no tag selfheal=on` });
  });
});
