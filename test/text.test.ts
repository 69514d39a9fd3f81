import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainLine, utc, withoutInvisible, withoutLinks } from '../shared/model/text.ts';
import { anyCharacter } from './characters.ts';

describe('a text from outside', () => {
  test.each([
    ['line breaks', 'one\r\ntwo\u2028three\u0085four', 'one two three four'],
    ['controls', 'a\u0000b\u001b[31mc\u009b', 'a b [31mc'],
    ['marks that turn the direction of writing', 'safe\u202e gpj.exe\u2069\u200f', 'safe gpj.exe'],
    ['characters of no width', 'pay\u200bpal\ufeff', 'pay pal'],
    ['what is to be ignored', 'a\u00adb\u034fc\ufe0fd\u3164e\u{e0041}f\u180eg', 'a b c d e f g'],
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

describe('a text without links', () => {
  test.each([
    ['evil.example.com', 'evil[.]example[.]com'],
    ['see evil.com.', 'see evil[.]com.'],
    ['ｅｖｉｌ．ｃｏｍ', 'ｅｖｉｌ[.]ｃｏｍ'],
    ['evil。com and evil｡com and evil․com', 'evil[.]com and evil[.]com and evil[.]com'],
    ['президент.рф', 'президент[.]рф'],
    ['www.1', 'www[.]1'],
    ['1.evil', '1[.]evil'],
    ['evil.-x.com', 'evil[.]-x[.]com'],
    ['evil.1.com', 'evil[.]1[.]com'],
    ['m7i.large, Client.InternalError', 'm7i[.]large, Client[.]InternalError'],
    ['//evil', '/ /evil'],
    ['http:\\\\evil', 'http:\\ \\evil'],
    ['https://evil', 'https: / /evil'],
    ['///', '/ / /'],
    ['MAILTO:ana@evil and tel:1', 'MAILTO: ana@evil and tel: 1'],
    ['.', '.'],
  ])('writes %j as %j', (text, expected) => {
    expect(withoutLinks(text)).toBe(expected);
    expect(withoutLinks(expected)).toBe(expected);
  });

  test.each([
    'It is so. Then it was not...',
    'threshold 1.0 was crossed [98.2 (12/05/26 09:28:00)]',
    '2026-11-20T12:00:00.000Z',
    'aws-cli/2.15.0 from 203.0.113.10',
    'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc',
    'us-east-1a',
  ])('leaves %j', (text) => {
    expect(withoutLinks(text)).toBe(text);
  });
});

test('a log has no characters that nobody sees, at any depth, and keeps all others', () => {
  const entry = { message: 'a\u202eb', inner: { list: ['pay\u200bpal', 1, null], line: 'a\nb' }, tag: '\u{e0041}x' };
  expect(JSON.parse(JSON.stringify(entry, withoutInvisible))).toEqual({
    message: 'ab',
    inner: { list: ['paypal', 1, null], line: 'a\nb' },
    tag: 'x',
  });
});
