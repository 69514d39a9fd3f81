/** Cancels what was scheduled; does nothing once it has run. */
export type Cancel = () => void;

type Entry = { at: number; order: number; run: (() => void) | null };

/**
 * The virtual clock and its agenda: a discrete-event queue. Times are milliseconds since the epoch. Entries due at the same
 * time run in the order in which they were scheduled, so a run depends on nothing but its seed.
 */
export type Clock = {
  now(): number;
  /** Runs `run` when the clock reaches `at` (at once on the next advance, if that is past). */
  at(at: number, run: () => void): Cancel;
  after(milliseconds: number, run: () => void): Cancel;
  /** Runs every `milliseconds`, first at the next whole multiple since the epoch plus `offset`. */
  every(milliseconds: number, run: () => void, offset?: number): Cancel;
  /** When the next entry is due, or undefined if the agenda is empty. */
  next(): number | undefined;
  /** Runs all that is due up to and including `time`, in order, and leaves the clock at `time`. Never goes back. */
  advanceTo(time: number): void;
};

/** A clock of simulated time that begins at `start`, in milliseconds since the epoch, and goes on only when it is advanced. */
export const createClock = (start: number): Clock => {
  const heap: Entry[] = [];
  let time = start;
  let order = 0;

  const before = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);

  const push = (entry: Entry) => {
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Entry;
      if (before(above, entry)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  };

  const pop = (): Entry | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!before(heap[child] as Entry, last)) break;
      heap[i] = heap[child] as Entry;
      i = child;
    }
    heap[i] = last;
    return top;
  };

  /** Cancelled entries stay in the heap until they surface: cheaper than looking for them. */
  const peek = (): Entry | undefined => {
    while (heap[0] && heap[0].run === null) pop();
    return heap[0];
  };

  const clock: Clock = {
    now: () => time,
    at: (at, run) => {
      const entry: Entry = { at, order: order++, run };
      push(entry);
      return () => {
        entry.run = null;
      };
    },
    after: (milliseconds, run) => clock.at(time + milliseconds, run),
    every: (milliseconds, run, offset = 0) => {
      let cancelled = false;
      let cancel: Cancel = () => {};
      const schedule = () => {
        const at = Math.floor((time - offset) / milliseconds + 1) * milliseconds + offset;
        cancel = clock.at(at, () => {
          run();
          if (!cancelled) schedule();
        });
      };
      schedule();
      return () => {
        cancelled = true;
        cancel();
      };
    },
    next: () => peek()?.at,
    advanceTo: (target) => {
      for (let entry = peek(); entry && entry.at <= target; entry = peek()) {
        pop();
        if (entry.at > time) time = entry.at;
        const { run } = entry;
        entry.run = null;
        run?.();
      }
      if (target > time) time = target;
    },
  };
  return clock;
};
