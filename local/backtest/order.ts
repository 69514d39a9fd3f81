import { createHeap, type Timed } from './heap.ts';

/** So many facts may wait for an earlier one to turn up. */
export const usualWindow = 20_000;

type Order<T extends Timed> = {
  /** Gives back the earliest of what waits, once more waits than the window holds. */
  push(item: T): T | undefined;
  /** What is left, the earliest first. */
  pop(): T | undefined;
  save(): readonly T[];
};

/**
 * Puts a stream into the order of time as far as a window of so many items can: what comes later than that stays late. Up to that
 * size a history may come in any order at all.
 */
export const createOrder = <T extends Timed>(window: number, waiting?: readonly T[]): Order<T> => {
  const heap = createHeap<T>(waiting);
  return {
    push: (item) => {
      heap.push(item);
      return heap.size > window ? heap.pop() : undefined;
    },
    pop: heap.pop,
    save: heap.items,
  };
};
