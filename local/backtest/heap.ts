/** Something with a time, in milliseconds since the epoch; `seq` orders equal times. */
export type Timed = { at: number; seq: number };

const before = (a: Timed, b: Timed): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq);

type Heap<T extends Timed> = {
  push(item: T): void;
  /** Takes the earliest. */
  pop(): T | undefined;
  peek(): T | undefined;
  readonly size: number;
  /** In the heap's own order: what `createHeap` takes to go on. */
  items(): readonly T[];
};

/** A binary heap, the earliest on top. */
export const createHeap = <T extends Timed>(given: readonly T[] = []): Heap<T> => {
  const items = [...given];
  const sink = (item: T): void => {
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      const right = items[child + 1];
      if (right !== undefined && before(right, items[child] as T)) child++;
      const least = items[child] as T;
      if (!before(least, item)) break;
      items[at] = least;
      at = child;
    }
    items[at] = item;
  };
  return {
    push: (item) => {
      let at = items.length;
      items.push(item);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        const above = items[parent] as T;
        if (!before(item, above)) break;
        items[at] = above;
        at = parent;
      }
      items[at] = item;
    },
    pop: () => {
      const top = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) sink(last);
      return top;
    },
    peek: () => items[0],
    get size() {
      return items.length;
    },
    items: () => items,
  };
};
