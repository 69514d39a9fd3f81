import { describe, expect, test } from '@jest/globals';
import { isMacOf, macOf } from '../../shared/approvals/mac.ts';

const keys = { current: 'c'.repeat(64), previous: 'p'.repeat(64) };

describe('a MAC', () => {
  const parts = ['test 1', 'a', { b: 1 }] as const;

  test.each(['c', 'p'])('made with the current key or the one before it holds (%s)', (letter) => {
    expect(isMacOf(macOf(parts, letter.repeat(64)), parts, keys)).toBe(true);
  });

  test('made with another key does not', () => {
    expect(isMacOf(macOf(parts, 'x'.repeat(64)), parts, keys)).toBe(false);
    expect(isMacOf(macOf(parts, keys.previous), parts, { ...keys, previous: null })).toBe(false);
  });

  test.each([[['test 2', 'a', { b: 1 }]], [['test 1', 'a', { b: 2 }]], [['test 1', 'a']], [['test 1', 'a","b']]])(
    'does not hold over %j',
    (other) => {
      expect(isMacOf(macOf(parts, keys.current), other as [string], keys)).toBe(false);
    },
  );

  test.each(['', 'x', 'x'.repeat(43), 'x'.repeat(1000), 'ä'.repeat(43)])('is not %j', (text) => {
    expect(isMacOf(text, parts, keys)).toBe(false);
  });
});
