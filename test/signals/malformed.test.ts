import { describe, expect, test } from '@jest/globals';
import { excerpt, MalformedEventError } from '../../shared/model/malformed.ts';

describe('malformed', () => {
  test('names the field', () => {
    expect(new MalformedEventError('a.b', 'wrong')).toMatchObject({ message: 'a.b: wrong', code: 'MALFORMED', name: 'Malformed' });
  });

  test('an excerpt is short, on one line, and shows what can not be seen', () => {
    expect(excerpt('a\nb\u202e\u001b[31m\u0085')).toBe('"a\\nb\\u202e\\u001b[31m\\u0085"');
    expect(excerpt('x'.repeat(100), 10)).toBe('"xxxxxxxxxx…"');
    expect([excerpt(undefined), excerpt(null), excerpt({ a: 1 }), excerpt(7)]).toEqual(['undefined', 'null', '{"a":1}', '7']);
    expect(excerpt({ a: [1, 'b', { c: null }], d: {} })).toBe('{"a":[1,"b",{"c":null}],"d":{}}');
  });

  test('an excerpt costs no more than it shows', () => {
    let reads = 0;
    const wide = {
      a: Array.from({ length: 100_000 }, () => ({
        get b() {
          return ++reads;
        },
      })),
    };
    expect(excerpt(wide)).toMatch(/^\{"a":\[\{"b":1\},.*…$/);
    expect(reads).toBeLessThan(60);
    expect(excerpt(JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)))).toBe(`${'['.repeat(60)}…`);
  });
});
