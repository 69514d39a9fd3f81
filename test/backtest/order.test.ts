import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHeap } from '../../local/backtest/heap.ts';
import { createMemory } from '../../local/backtest/memory.ts';
import { createOrder } from '../../local/backtest/order.ts';

const timed = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }).map((times) => times.map((at, seq) => ({ at, seq })));
const inOrder = (items: readonly { at: number; seq: number }[]) => [...items].sort((a, b) => a.at - b.at || a.seq - b.seq);

test('a heap gives what it has by time, and by number at the same time; also from what it was saved as', () => {
  fc.assert(
    fc.property(timed, timed, (first, second) => {
      const saved = createHeap<{ at: number; seq: number }>();
      for (const item of first) saved.push(item);
      const heap = createHeap(saved.items());
      for (const { at, seq } of second) heap.push({ at, seq: seq + 100 });
      const all = [...first, ...second.map(({ at, seq }) => ({ at, seq: seq + 100 }))];
      const out = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) out.push(item);
      expect(out).toEqual(inOrder(all));
    }),
  );
});

describe('a window', () => {
  const through = (items: { at: number; seq: number }[], window: number) => {
    const order = createOrder<{ at: number; seq: number }>(window);
    const out = items.flatMap((item) => order.push(item) ?? []);
    for (let item = order.pop(); item !== undefined; item = order.pop()) out.push(item);
    return out;
  };

  test('orders all where it holds all, and loses nothing where it does not', () => {
    fc.assert(
      fc.property(timed, fc.integer({ min: 1, max: 80 }), (items, window) => {
        const out = through(items, window);
        if (window >= items.length) expect(out).toEqual(inOrder(items));
        else expect(inOrder(out)).toEqual(inOrder(items));
      }),
    );
  });
});

test('a memory forgets the oldest, and counts what mattered', () => {
  const memory = createMemory<number>(3, undefined, (value) => value > 1);
  for (const [index, key] of ['a', 'b', 'c'].entries()) memory.set(key, index);
  memory.set('a', 5);
  memory.set('d', 4);
  memory.set('e', 4);
  expect([memory.get('a'), memory.get('b'), memory.get('c'), memory.get('d'), memory.get('e')]).toEqual([5, undefined, undefined, 4, 4]);
  expect(memory.forgotten).toBe(1);
  const again = createMemory<number>(3, JSON.parse(JSON.stringify(memory.save())));
  again.set('f', 1);
  expect([again.get('a'), again.get('f'), again.forgotten]).toEqual([undefined, 1, 2]);
});
