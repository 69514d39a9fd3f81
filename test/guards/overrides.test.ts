import { describe, expect, test } from '@jest/globals';
import { overrides } from '../../shared/guards/overrides.ts';
import { effective, guardInput } from './examples.ts';

describe('overrides', () => {
  test('passes where every tag can be followed', () => {
    expect(overrides.check(guardInput())).toEqual({ answer: 'pass' });
  });

  test('holds where one cannot, with every reason', () => {
    const policy = { ...effective(), problems: ['tag a is wrong', 'tag b is wrong'] };
    expect(overrides.check(guardInput({ policy }))).toEqual({ answer: 'hold', reason: 'tag a is wrong; tag b is wrong' });
  });

  test('leaves everything to a person where the policy itself cannot be used', () => {
    const policy = { ...effective(), problem: 'it names an action that there is not', problems: ['tag a is wrong'] };
    expect(overrides.check(guardInput({ policy }))).toEqual({ answer: 'escalate', reason: 'it names an action that there is not' });
  });
});
