/** What waits for its time, the earliest first; of those that are due together, the one that came first. */
type Queue<T> = {
  readonly size: number;
  push(at: number, item: T): void;
  first(): { at: number; item: T } | undefined;
  shift(): { at: number; item: T } | undefined;
};

export const createQueue = <T>(): Queue<T> => {
  const waiting: { at: number; item: T }[] = [];
  return {
    get size() {
      return waiting.length;
    },
    push: (at, item) => {
      // Most come in the order of their time, so the place is near the end.
      let place = waiting.length;
      while (place > 0 && (waiting[place - 1] as { at: number }).at > at) place--;
      waiting.splice(place, 0, { at, item });
    },
    first: () => waiting[0],
    shift: () => waiting.shift(),
  };
};
