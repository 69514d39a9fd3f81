import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';

/** One thing out of a file: a JSON value, or why it is none. `where` is its place, as `file:line`. */
export type Item = { where: string; value: unknown } | { where: string; problem: string };

/** How far a source has been read: the file's index, and the items that have been taken out of it. */
export type Position = { file: number; taken: number };

export type Source = {
  /** The next item, at once where it is at hand; null at the end. */
  next(): Item | null | Promise<Item | null>;
  position(): Position;
  close(): void;
};

/** In characters: a text that is one JSON value over many lines has to fit into memory; one value a line has no limit. */
const largest = 16 * 1024 * 1024;
/** In characters: longer than any event that AWS delivers. */
const longestLine = 10 * 1024 * 1024;

const readable = /\.(?:json|jsonl|ndjson|log)(?:\.gz)?$|\.gz$/i;
/** What stands beside an event and isn't one. */
const beside = /\.expected\.json$/i;

/**
 * The files that a name stands for: itself, or all that a folder and those in it have of JSON, by name. Throws what the file system
 * says.
 */
export const filesOf = async (name: string): Promise<string[]> => {
  if (name === '-' || !(await stat(name)).isDirectory()) return [name];
  const entries = await readdir(name, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && readable.test(entry.name) && !beside.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

type Chunk = Uint8Array | string;

/** What a log puts before a message: a time and a space. */
const stamp = /^\d{4}-\d\d-\d\dT[\d:.]+Z?\s+(?=[[{])/;

const parse = (where: string, text: string): Item => {
  try {
    return { where, value: JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) };
  } catch (error) {
    const bare = text.replace(stamp, '');
    if (bare !== text) return parse(where, bare);
    return { where, problem: `not JSON: ${(error as Error).message}` };
  }
};

/** Lines of a stream, as many at a time as a chunk has; a line that is too long is null. */
async function* lineBatches(stream: AsyncIterable<Chunk>): AsyncGenerator<(string | null)[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let skipping = false;
  for await (const chunk of stream) {
    const lines: (string | null)[] = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    // The rest of a line that was too long ends with the next line's beginning.
    if (skipping && lines.length > 0) {
      lines[0] = null;
      skipping = false;
    }
    if (skipping || rest.length > longestLine) {
      skipping = true;
      rest = '';
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (skipping) yield [null];
  else if (rest !== '') yield [rest];
}

/** A file's items, a batch at a time, each parsed when it is asked for. */
type Lazy = () => Item;

const tooLong = (where: string): Item => ({ where, problem: `the line is longer than ${longestLine} characters` });

/** A value that holds many: each is an item of its own. */
const itemsIn = (where: string, value: unknown): Lazy[] =>
  Array.isArray(value) ? value.map((one, index) => () => ({ where: `${where}[${index}]`, value: one })) : [() => ({ where, value })];

/**
 * The items of one stream: one a line, or all of it one value where its first line is only the beginning of one. A list is as many
 * items as it has members.
 */
async function* batchesOf(name: string, stream: AsyncIterable<Chunk>): AsyncGenerator<Lazy[]> {
  let number = 0;
  /** Lines that may be one value together, once the first has shown to be none by itself. */
  let held: string[] | null = null;
  let size = 0;
  let first = true;
  const one = (line: string | null, at: number): Lazy => {
    const where = `${name}:${at}`;
    return () => (line === null ? tooLong(where) : parse(where, line));
  };
  for await (const lines of lineBatches(stream)) {
    const batch: Lazy[] = [];
    for (const line of lines) {
      number++;
      if (held !== null) {
        held.push(line ?? '');
        size += (line?.length ?? 0) + 1;
        if (size <= largest) continue;
        yield [() => ({ where: name, problem: `one JSON value of more than ${largest} characters; one a line has no such limit (jq -c)` })];
        return;
      }
      if (line !== null && line.trim() === '') continue;
      if (first && line !== null) {
        first = false;
        const item = parse(`${name}:${number}`, line);
        if ('problem' in item && /^\ufeff?\s*[[{]/.test(line)) {
          held = [...Array<string>(number - 1).fill(''), line];
          size = line.length;
        } else if ('value' in item) batch.push(...itemsIn(item.where, item.value));
        else batch.push(() => item);
        continue;
      }
      batch.push(one(line, number));
    }
    if (batch.length > 0) yield batch;
  }
  if (held === null) return;
  const whole = parse(name, held.join('\n'));
  if ('value' in whole) yield itemsIn(name, whole.value);
  // It is no value in all, so it is a stream whose first line is broken.
  else yield held.flatMap((line, index) => (line.trim() === '' ? [] : [one(line, index + 1)]));
}

const asProblem = (where: string, error: unknown): Item => {
  const { code, message } = error as NodeJS.ErrnoException;
  return { where, problem: code === 'ENOENT' ? 'no such file' : message };
};

/** In bytes. */
const piece = 1 << 18;

/** A file's bytes. Each piece is only good until the next is asked for: a buffer for each would fill the memory sooner than it is freed. */
async function* bytesOf(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafeSlow(piece);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, piece);
      if (bytesRead === 0) return;
      onBytes(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

const isZipped = (file: string): boolean => /\.gz$/i.test(file);

async function* unzippedBytesOf(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const zipped = createReadStream(file);
  const unzipped = createGunzip({ chunkSize: piece });
  zipped.on('data', (chunk) => onBytes(chunk.length));
  // A pipe hands no error on.
  zipped.on('error', (error) => unzipped.destroy(error));
  zipped.pipe(unzipped);
  try {
    yield* unzipped;
  } finally {
    zipped.destroy();
    unzipped.destroy();
  }
}

const streamOf = (file: string, stdin: AsyncIterable<Chunk>, onBytes: (bytes: number) => void): AsyncIterable<Chunk> => {
  if (file === '-') return stdin;
  return isZipped(file) ? unzippedBytesOf(file, onBytes) : bytesOf(file, onBytes);
};

/**
 * Reads files one after the other, from a position on. A file that can't be read, wholly or from some place on, is one item that
 * says so, and the next one follows. `onBytes` hears what was read of the files, compressed or not.
 */
export const createSource = (
  files: readonly string[],
  from: Position,
  stdin: AsyncIterable<Chunk>,
  onBytes: (bytes: number) => void = () => {},
): Source => {
  let { file, taken } = from;
  /** Of the file at hand, items that have been taken already. */
  let skip = taken;
  let batches: AsyncGenerator<Lazy[]> | null = null;
  let ready: Lazy[] = [];
  let at = 0;

  const fill = async (): Promise<Item | null> => {
    while (at >= ready.length) {
      const name = files[file];
      if (name === undefined) return null;
      batches ??= batchesOf(name, streamOf(name, stdin, onBytes));
      let batch: Lazy[] | undefined;
      try {
        const { value, done } = await batches.next();
        batch = done ? undefined : value;
      } catch (error) {
        const broken = asProblem(name, error);
        batch = [() => broken];
        // A generator that has thrown is at its end, and so the file.
      }
      if (batch === undefined) {
        file++;
        [batches, taken, skip] = [null, 0, 0];
        continue;
      }
      const passed = Math.min(skip, batch.length);
      skip -= passed;
      [ready, at] = [batch, passed];
    }
    return take();
  };

  const take = (): Item => {
    const lazy = ready[at++] as Lazy;
    taken++;
    return lazy();
  };

  return {
    next: () => (at < ready.length ? take() : fill()),
    position: () => ({ file, taken }),
    close: () => void batches?.return(undefined),
  };
};
