/** A seeded source of randomness. The same seed gives the same numbers on every machine. */
export type Random = {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  int(below: number): number;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
  /** Lower-case hex digits, as ids are made of. */
  hex(digits: number): string;
  /** A version 4 UUID in form. */
  uuid(): string;
  /** An independent source: what one part of the world draws doesn't shift what another part draws. */
  fork(name: string): Random;
};

/** FNV-1a, to turn a name into a seed. */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
};

/** sfc32: small, fast, and passes the usual statistical batteries. */
const generator = (seed: number): (() => number) => {
  let a = seed >>> 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const next = () => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
};

/**
 * The same source, except that each span and each chance falls out alike whenever it is asked for, so that it doesn't matter how often
 * that was before.
 */
export const evened = (random: Random): Random => {
  const known = new Map<string, number>();
  const drawn = (name: string): number => {
    const share = known.get(name) ?? random.fork(name).next();
    known.set(name, share);
    return share;
  };
  return {
    ...random,
    between: (low, high) => low + drawn(`${low} to ${high}`) * (high - low),
    chance: (probability) => drawn(`chance ${probability}`) < probability,
  };
};

/** A source that begins with this seed, a whole number of 32 bits. */
export const createRandom = (seed: number): Random => {
  const next = generator(seed);
  const int = (below: number) => Math.floor(next() * below);
  const hex = (digits: number) => {
    let text = '';
    while (text.length < digits) text += int(16).toString(16);
    return text;
  };
  return {
    next,
    int,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('pick: nothing to pick from');
      return items[int(items.length)] as (typeof items)[number];
    },
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[int(4)]}${hex(3)}-${hex(12)}`,
    fork: (name) => createRandom((hash(name) ^ Math.imul(seed, 0x85ebca6b)) >>> 0),
  };
};
