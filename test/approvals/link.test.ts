import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isGenuine, linkTo, parseToken, type Token } from '../../shared/approvals/link.ts';
import { type Approval, approvalSchema } from '../../shared/model/approval.ts';
import { anyCharacter } from '../characters.ts';
import { approval, keys, page } from './examples.ts';

const tokenOf = (question: Approval, key = keys.current): Token => parseToken(linkTo(question, key).slice(page.length)) as Token;

describe('a link', () => {
  test('is short, of one piece, and ends in a letter or digit', () => {
    const link = linkTo(approval(), keys.current);
    expect(link).toMatch(/^https:\/\/abc123\.lambda-url\.us-east-1\.on\.aws\/[\w-]{22}\.[\w-]{42}[A-Za-z0-9]$/);
  });

  test('is the same for the same question, and says nothing of it', () => {
    const link = linkTo(approval(), keys.current);
    expect(linkTo(approval(), keys.current)).toBe(link);
    for (const part of ['reboot', 'i-0a1b2c3d4e5f60718', approval().callbackId]) expect(link).not.toContain(part);
  });

  test('is genuine for its own question', () => {
    expect(isGenuine(tokenOf(approval()), approval(), keys)).toBe(true);
  });

  test.each<[string, Partial<Approval>]>([
    ['id', { id: 'x'.repeat(22) }],
    ['incident', { incident: 'instance-unreachable-other' }],
    ['action', { action: 'stop-start-instance' }],
    ['kind of target', { target: { ...approval().target, type: 'group' } }],
    ['target', { target: { ...approval().target, id: 'i-0ffffffffffffffff' } }],
    ['page', { page: 'https://elsewhere.example/' }],
    ['callback', { callbackId: 'b3RoZXI=' }],
    ['deadline', { expiresAt: approval().expiresAt + 1 }],
  ])('is not genuine for a question with another %s', (_, change) => {
    expect(isGenuine(tokenOf(approval()), approval(change), keys)).toBe(false);
  });

  /** Every text and number that is kept of a question, by its path. */
  const leavesOf = (value: unknown, path: string[] = []): string[][] =>
    typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, key])) : [path];
  const changed = (value: unknown, [key, ...rest]: string[]): unknown => {
    if (key === undefined)
      return typeof value === 'number'
        ? value + 1
        : value === 'look'
          ? 'act'
          : value === 'kept'
            ? 'goes'
            : value === 'instance'
              ? 'group'
              : `${value}!`;
    const copy = structuredClone(value) as Record<string, unknown>;
    copy[key] = changed(copy[key], rest);
    return copy;
  };

  test('is not genuine for a question of which anything at all is another', () => {
    const leaves = leavesOf(approval());
    // That two people have to agree is there or not.
    expect(new Set([...leaves.map(([key]) => key), 'people'])).toEqual(new Set(Object.keys(approvalSchema.shape)));
    expect(isGenuine(tokenOf(approval({ people: 2 })), approval(), keys)).toBe(false);
    for (const path of leaves) {
      const question = approvalSchema.parse(changed(approval(), path));
      expect({ path, genuine: isGenuine(tokenOf(approval()), question, keys) }).toEqual({ path, genuine: false });
    }
    const [first] = approval().timeline;
    for (const timeline of [[], first ? [first, first] : []])
      expect(isGenuine(tokenOf(approval()), approval({ timeline }), keys)).toBe(false);
  });

  test('is genuine for a question that has been to the ledger and back, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const question = approval({ what: text, why: `\ud800${text}` });
        const reordered = Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(question))).reverse());
        expect(isGenuine(tokenOf(question), approvalSchema.parse(reordered), keys)).toBe(true);
      }),
    );
  });

  test('does not pass for another question whose parts run together to the same text', () => {
    const one = approval({ incident: 'a', action: 'b","c' });
    const two = approval({ incident: 'a","b', action: 'c' });
    expect(isGenuine(tokenOf(one), two, keys)).toBe(false);
  });

  test('is genuine after one rotation of the key, and not after two', () => {
    const token = tokenOf(approval(), 'old'.repeat(20));
    expect(isGenuine(token, approval(), { current: 'new'.repeat(20), previous: 'old'.repeat(20) })).toBe(true);
    expect(isGenuine(token, approval(), { current: 'newer'.repeat(20), previous: 'new'.repeat(20) })).toBe(false);
    expect(isGenuine(token, approval(), { current: 'new'.repeat(20), previous: null })).toBe(false);
  });

  test('is not genuine with any one character changed', () => {
    const { id, mac } = tokenOf(approval());
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    fc.assert(
      fc.property(fc.nat({ max: 64 }), fc.constantFrom(...alphabet), (at, character) => {
        const text = `${id}${mac}`;
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const same = changed === text;
        expect(isGenuine({ id: changed.slice(0, 22), mac: changed.slice(22) }, approval(), keys)).toBe(same);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('reading a token', () => {
  test.each([
    '',
    '.',
    'favicon.ico',
    `${'a'.repeat(22)}.${'b'.repeat(42)}`,
    `${'a'.repeat(22)}.${'b'.repeat(44)}`,
    `${'a'.repeat(22)}!${'b'.repeat(43)}`,
  ])('finds none in %j', (text) => {
    expect(parseToken(text)).toBeNull();
  });

  test('takes no text of another form, however it is made', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        const token = parseToken(text);
        expect(token === null || `${token.id}.${token.mac}` === text).toBe(true);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  test('takes no line break at its end', () => {
    expect(parseToken(`${'a'.repeat(22)}.${'b'.repeat(43)}\n`)).toBeNull();
  });
});
