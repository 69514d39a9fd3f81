import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chatLine, chatName, cut, gsmText, lineOf, printable, smsLine } from '../../shared/notifications/text.ts';
import { anyCharacter } from '../characters.ts';

const hostile = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        '<!channel>',
        '<@U1>',
        '@here',
        '[x](http://a.b)',
        '<http://a.b|x>',
        '`',
        '*',
        '\n',
        '\u202e',
        'www.a.b',
        '://',
        '&lt;',
      ),
      {
        maxLength: 20,
      },
    )
    .map((parts) => parts.join('')),
);

describe('a line from outside', () => {
  test('holds no link that a mail program or a phone would find', () => {
    expect(lineOf('alarm https://evil.example/x and WWW.evil.example')).toBe('alarm https: / /evil[.]example/x and WWW[.]evil[.]example');
    fc.assert(fc.property(hostile, (text) => expect(lineOf(text)).not.toMatch(/:\/\/|\bwww\.|[\r\n]/i)));
  });
});

describe('a line of chat', () => {
  test.each([
    ['<!channel> look', '‹!channel› look'],
    ['<!here|here>', '‹!here¦here›'],
    ['@here and @U012', '＠here and ＠U012'],
    ['<@U012AB3CD>', '‹＠U012AB3CD›'],
    ['[reset](http://evil.example)', '［reset］(http: / /evil［.］example)'],
    ['<http://evil.example|reset>', '‹http: / /evil［.］example¦reset›'],
    ['# heading *bold* ~gone~ `code`', "＃ heading ∗bold∗ ∼gone∼ 'code'"],
    ['a\n> quoted', 'a › quoted'],
    ['arn:aws:ec2:us-east-1:111122223333:instance/i-0abc_d', 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc_d'],
  ])('makes %j %j', (text, expected) => {
    expect(chatLine(text)).toBe(expected);
  });

  test('has no markup in it, whatever it is made of', () => {
    fc.assert(fc.property(hostile, (text) => expect(chatLine(text)).not.toMatch(/[<>&@`*~|[\]#\n]|:\/\//)));
  });

  test('can be a name, which a chat leaves as it is', () => {
    fc.assert(fc.property(hostile, (text) => expect(chatName(text)).toMatch(/^`[^`]*`$/)));
  });
});

describe('a text for a phone', () => {
  test('has no link that came of what is written otherwise there', () => {
    expect(['http:\\\\evil.com', 'http:|/evil.com', 'ana@evil.com'].map((text) => smsLine(text))).toEqual([
      'http: / /evil(.)com',
      'http: / /evil(.)com',
      'ana(at)evil(.)com',
    ]);
  });

  /** The basic table of GSM 03.38, as far as it is ASCII. */
  const septets = /^[ -Z_a-z]*$/;
  test('has only what a septet holds', () => {
    expect(gsmText('"web" [a|b] {c} ~d ^e `f` \\g… 10 €')).toBe("\"web\" (a/b) (c) -d 'e 'f' /g... 10 ?");
    fc.assert(fc.property(hostile, (text) => expect(gsmText(text)).toMatch(septets)));
  });
});

test('a cut is shown, and cuts no character in two', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdefg', 6)).toBe('abc...');
  expect(cut('ab🙂defgh', 6).isWellFormed()).toBe(true);
});

test('printable text has one character for each that is not ASCII', () => {
  expect(printable(' ü\u0007a ')).toBe('??a');
});
