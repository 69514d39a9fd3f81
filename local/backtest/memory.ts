/** A map that holds so many entries at most, and then forgets those that were longest left as they are, so that no history is too long. */
type Memory<T> = {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** How many have been forgotten that still mattered. */
  readonly forgotten: number;
  save(): SavedMemory<T>;
};

/** Plain data. */
export type SavedMemory<T> = { young: [string, T][]; old: [string, T][]; forgotten: number };

/**
 * Two halves, of which the older is forgotten as a whole once the younger is full: a map that loses its first entry again and again
 * has to look for the next one ever longer. `matters` says whether something would still be asked for.
 */
export const createMemory = <T>(limit: number, saved?: SavedMemory<T>, matters: (value: T) => boolean = () => true): Memory<T> => {
  let young = new Map<string, T>(saved?.young);
  let old = new Map<string, T>(saved?.old);
  let forgotten = saved?.forgotten ?? 0;
  return {
    get: (key) => young.get(key) ?? old.get(key),
    set: (key, value) => {
      if (young.size >= limit / 2 && !young.has(key)) {
        for (const [gone, was] of old) if (!young.has(gone) && matters(was)) forgotten++;
        [young, old] = [new Map(), young];
      }
      young.set(key, value);
    },
    get forgotten() {
      return forgotten;
    },
    save: () => ({ young: [...young], old: [...old], forgotten }),
  };
};
