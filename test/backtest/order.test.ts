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

describe('a memory', () => {
  test('forgets those that were longest left as they are, and counts what mattered', () => {
    const memory = createMemory<number>(4, undefined, (value) => value > 1);
    for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) memory.set(key, index);
    expect(['a', 'b', 'c', 'd'].map(memory.get)).toEqual([0, 1, 2, 3]);
    memory.set('c', 5);
    memory.set('e', 4);
    // Neither of the two that are gone mattered.
    expect(['a', 'b', 'c', 'd', 'e'].map(memory.get)).toEqual([undefined, undefined, 5, 3, 4]);
    expect(memory.forgotten).toBe(0);
    memory.set('c', 6);
    memory.set('f', 7);
    // What has changed since is not forgotten with its half.
    expect(['c', 'd', 'e', 'f'].map(memory.get)).toEqual([6, undefined, 4, 7]);
    expect(memory.forgotten).toBe(1);
  });

  test('never holds more than its limit, has at least the newer half of it, and goes on from what it was saved as', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 }), fc.nat(100), (keys, stop) => {
        let memory = createMemory<number>(10);
        for (const [index, key] of keys.entries()) {
          if (index === stop) memory = createMemory<number>(10, JSON.parse(JSON.stringify(memory.save())));
          memory.set(String(key), index);
          const { young, old } = memory.save();
          expect(young.length + old.length).toBeLessThanOrEqual(10);
          const newest = [...new Set(keys.slice(0, index + 1).reverse())].slice(0, 5);
          for (const recent of newest) expect(memory.get(String(recent))).toBe(keys.lastIndexOf(recent, index));
        }
      }),
    );
  });
});
