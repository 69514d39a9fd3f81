import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainLine, utc } from '../../shared/approval/text.ts';
import { anyCharacter } from '../characters.ts';

describe('a text from outside', () => {
  test.each([
    ['line breaks', 'one\r\ntwo\u2028three\u0085four', 'one two three four'],
    ['controls', 'a\u0000b\u001b[31mc\u009b', 'a b [31mc'],
    ['marks that turn the direction of writing', 'safe\u202e gpj.exe\u2069\u200f', 'safe gpj.exe'],
    ['characters of no width', 'pay\u200bpal\ufeff', 'pay pal'],
    ['half a character', 'a\ud800b', 'a\ufffdb'],
    ['too much white space', '  a \t  b  ', 'a b'],
  ])('loses %s', (_, text, line) => {
    expect(plainLine(text, 100)).toBe(line);
  });

  test('keeps letters of every script', () => {
    expect(plainLine('Zoë 山田 أحمد 👩', 100)).toBe('Zoë 山田 أحمد 👩');
  });

  test('is cut between characters, and shows that it was', () => {
    expect(plainLine('👩👩👩👩', 3)).toBe('👩👩…');
  });

  test('is one bounded line, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (text, limit) => {
        const line = plainLine(text, limit);
        expect([...line].length).toBeLessThanOrEqual(limit);
        expect(line).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        expect(plainLine(line, limit)).toBe(line);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

test('a time says that it is UTC', () => {
  expect(utc(Date.UTC(2026, 2, 2, 9, 5, 59))).toBe('2026-03-02 09:05 UTC');
});
