import { describe, expect, test } from '@jest/globals';
import { admit, admitBatch, checkText, checkValues, limits, newBudget } from '../../shared/signals/bounds.ts';

describe('bounds', () => {
  test('a record costs what its JSON has at least', () => {
    const records = [{ a: [1, 'zwölf', null, { b: true }] }, 'text', [], {}, 0, 'é'.repeat(1000), [0, 0, 0], { 'a long key': { x: '' } }];
    for (const record of records) {
      const budget = newBudget();
      const bytes = admit(budget, record);
      expect(bytes).toBeLessThanOrEqual(Buffer.byteLength(JSON.stringify(record)));
      expect(bytes).toBeGreaterThan(Buffer.byteLength(JSON.stringify(record)) / 3);
      expect(budget.bytes).toBe(limits.bytes - bytes);
    }
  });

  test('a record that is too large costs nothing but the error, in whatever it is large', () => {
    const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    const loop: unknown[] = [];
    loop.push(loop, loop);
    const keys = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`key-${index}`, 0]));
    for (const record of [
      'x'.repeat(1_114_112),
      // In bytes, though not in characters.
      { a: ['é'.repeat(600_000)] },
      Array.from({ length: 1_200_000 }, () => 0),
      keys,
      loop,
      { a: { b: 'x'.repeat(1_200_000) } },
    ]) {
      const budget = newBudget();
      expect(() => admit(budget, record)).toThrow('record: larger than 1114112 bytes');
      expect(budget).toEqual(newBudget());
    }
    expect(admit(newBudget(), deep(100_000))).toBe(100_000);
  });

  test('a batch is taken on as a whole or not at all', () => {
    const budget = newBudget();
    admitBatch(budget, Array(9_999), 'body.Records');
    expect(budget.records).toBe(1);
    expect(() => admitBatch(budget, [1, 2], 'body.Records')).toThrow('body.Records: over the 10000 records');
    expect(budget.records).toBe(1);
  });

  test('a text of a mebibyte is read, one byte more is not', () => {
    expect(() => checkText('x'.repeat(1_048_576), 'body')).not.toThrow();
    expect(() => checkText(`${'x'.repeat(1_048_575)}é`, 'body')).toThrow('body: longer than 1048576 bytes');
  });

  test('a long text is nested a thousand levels deep at most; brackets inside of its strings are none', () => {
    const nested = (levels: number, inside: string) => '[{"a":'.repeat(levels / 2) + inside + '}]'.repeat(levels / 2);
    expect(() => checkText(nested(100_000, '0'), 'body')).toThrow('body: nested more than 1000 levels deep');
    expect(() => checkText(nested(1_002, JSON.stringify('x'.repeat(20_000))), 'body')).toThrow('nested');
    expect(() => checkText(nested(1_000, JSON.stringify('["\\{'.repeat(20_000))), 'body')).not.toThrow();
  });

  test('an event has at most twenty thousand values, however they are spread', () => {
    const most = limits.values;
    expect(() => checkValues({ a: Array.from({ length: most - 2 }, () => 0) }, most + 1)).not.toThrow();
    expect(() => checkValues({ a: Array.from({ length: most - 1 }, () => 0) }, most + 1)).toThrow('event: more than 20000 values');
    expect(() =>
      checkValues(
        Array.from({ length: 200 }, () => Array.from({ length: 100 }, () => 0)),
        most + 1,
      ),
    ).toThrow('more than 20000 values');
  });
});
