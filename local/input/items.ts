import type { Chunk } from './bytes.ts';
import { isExpectation, isScenarioFile } from './files.ts';
import { receivedIn } from './received.ts';
import { type Reader, strangerIn } from './stranger.ts';
import { textOf } from './text.ts';
import { createValues, type Piece } from './values.ts';

/** One thing out of a file: a JSON value, or why it is none. `where` is its place, as `file:line` or `file:line:column`, or the file where all of it is meant. */
export type Item = { where: string; value: unknown } | { where: string; problem: string };

export type ReadOptions = {
  /** The reading command; null if it doesn't look for events. */
  reader: Reader | null;
  stdin: AsyncIterable<Chunk>;
  /** Whether a list is as many items as it has members. */
  members?: boolean;
  /** Called with the bytes read of the file, compressed or not. */
  onBytes?: (bytes: number) => void;
};

/** So many lines without a single JSON value, and a file has none. */
const patience = 1000;

/**
 * One line for a text that has nothing to do with JSON, however long it is: what is wrong before the first value is only told once that
 * has come.
 */
const createPatience = () => {
  let waiting: { at: string; problem: string }[] | null = [];
  let over = false;
  return {
    *through(pieces: Iterable<Piece>): Generator<Piece> {
      for (const piece of pieces) {
        if (waiting !== null && 'problem' in piece) {
          over = waiting.push(piece) === patience;
          if (over) return;
          continue;
        }
        const held: Piece[] = waiting ?? [];
        waiting = null;
        yield* held;
        yield piece;
      }
    },
    /** No value has come, and none is waited for any more. */
    isOver: () => over,
    *end(): Generator<Piece> {
      const [first, ...others] = waiting ?? [];
      if (!first) return;
      const more = others.length === 0 ? '' : `; nor any of ${others.length} more lines`;
      yield { ...first, problem: `${first.problem}${more}` };
    },
  };
};

const itemsIn = (where: string, value: unknown, { reader, members = false }: ReadOptions): Item[] => {
  if (reader === null) return [{ where, value }];
  const several = receivedIn(value) ?? (members && Array.isArray(value) ? value : null);
  if (several) return several.map((one, index) => ({ where: `${where}[${index}]`, value: one }));
  const problem = strangerIn(value, reader);
  return [problem === null ? { where, value } : { where, problem }];
};

/** Why a file could not be read, in words. */
export const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  return code === 'EACCES' ? 'permission denied' : message;
};

/**
 * What a file (`-`: stdin) consists of, as many items at a time as a piece of it has; to be taken before the next are asked for. Never
 * throws: a file that can't be read, wholly or from some place on, is told as an item.
 */
export async function* itemsOf(file: string, options: ReadOptions): AsyncGenerator<Iterable<Item>> {
  if (isScenarioFile(file)) {
    yield [{ where: file, problem: 'a scenario; selfheal replay and selfheal gameday play it' }];
    return;
  }
  if (isExpectation(file)) {
    yield [{ where: file, problem: 'an expected result, not an event; the event is in the file beside it' }];
    return;
  }
  const values = createValues();
  const patient = createPatience();
  const items = function* (pieces: Iterable<Piece>): Generator<Item> {
    for (const piece of pieces) {
      const where = `${file}:${piece.at}`;
      if ('problem' in piece) yield { where, problem: piece.problem };
      else yield* itemsIn(where, piece.value, options);
    }
  };
  try {
    for await (const text of textOf(file, options.stdin, options.onBytes)) {
      yield items(patient.through(values.push(text)));
      if (patient.isOver()) break;
    }
    if (!patient.isOver()) yield items(patient.through(values.end()));
    yield items(patient.end());
  } catch (error) {
    yield [{ where: file, problem: reasonOf(error) }];
  }
}
