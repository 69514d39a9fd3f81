/** A map that holds so many entries and then forgets the one that was longest left as it is, so that no history is too long for it. */
export type Memory<T> = {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** How many have been forgotten that still mattered. */
  readonly forgotten: number;
  save(): SavedMemory<T>;
};

/** Plain data, from the oldest on. */
export type SavedMemory<T> = { entries: [string, T][]; forgotten: number };

/** `matters` says whether something would still be asked for. */
export const createMemory = <T>(limit: number, saved?: SavedMemory<T>, matters: (value: T) => boolean = () => true): Memory<T> => {
  const map = new Map<string, T>(saved?.entries);
  let forgotten = saved?.forgotten ?? 0;
  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      if (!map.delete(key) && map.size >= limit) {
        const [oldest, was] = map.entries().next().value as [string, T];
        map.delete(oldest);
        if (matters(was)) forgotten++;
      }
      map.set(key, value);
    },
    get forgotten() {
      return forgotten;
    },
    save: () => ({ entries: [...map], forgotten }),
  };
};
