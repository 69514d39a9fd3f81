/** A map that holds so many entries and then forgets the one that was longest unused, so that no history is too long for it. */
export type Memory<T> = {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** How many have been forgotten. */
  readonly forgotten: number;
  save(): SavedMemory<T>;
};

/** Plain data, from the longest unused on. */
export type SavedMemory<T> = { entries: [string, T][]; forgotten: number };

export const createMemory = <T>(limit: number, saved?: SavedMemory<T>): Memory<T> => {
  const map = new Map<string, T>(saved?.entries);
  let forgotten = saved?.forgotten ?? 0;
  return {
    get: (key) => {
      const value = map.get(key);
      if (value === undefined) return undefined;
      map.delete(key);
      map.set(key, value);
      return value;
    },
    set: (key, value) => {
      map.delete(key);
      if (map.size >= limit) {
        map.delete(map.keys().next().value as string);
        forgotten++;
      }
      map.set(key, value);
    },
    get forgotten() {
      return forgotten;
    },
    save: () => ({ entries: [...map], forgotten }),
  };
};
