import { isStream } from './files.ts';
import { type Item, itemsOf, type ReadOptions } from './items.ts';

export type { Item } from './items.ts';

/** How far a source has been read: the file's index, and the items that have been taken out of it. */
export type Position = { file: number; taken: number };

export type Source = {
  /** The next item, at once where it is at hand; null at the end. */
  next(): Item | null | Promise<Item | null>;
  position(): Position;
  close(): void;
};

/** Reads files one after the other, from a position on. */
export const createSource = (files: readonly string[], from: Position, options: ReadOptions): Source => {
  let { file, taken } = from;
  /** Of the file at hand, items that have been taken already. */
  let skip = taken;
  let batches: AsyncGenerator<Iterable<Item>> | null = null;
  let ready: Iterator<Item> | null = null;

  /** What is at hand, if anything is. */
  const take = (): Item | null => {
    for (let next = ready?.next(); next !== undefined && !next.done; next = ready?.next()) {
      if (skip-- > 0) continue;
      skip = 0;
      taken++;
      return next.value;
    }
    ready = null;
    return null;
  };

  const fill = async (): Promise<Item | null> => {
    for (;;) {
      const name = files[file];
      if (name === undefined) return null;
      batches ??= itemsOf(name, options);
      const batch = await batches.next();
      if (batch.done) {
        // An archive may have a time in which nothing happened; a file that is empty is a mistake.
        const empty = taken === 0 && !isStream(name);
        file++;
        [batches, taken, skip] = [null, 0, 0];
        if (empty) return { where: name, problem: 'it contains no events' };
        continue;
      }
      ready = batch.value[Symbol.iterator]();
      const item = take();
      if (item !== null) return item;
    }
  };

  return {
    next: () => take() ?? fill(),
    position: () => ({ file, taken }),
    close: () => void batches?.return(undefined),
  };
};
