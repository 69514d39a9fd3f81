import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export type Chunk = Uint8Array | string;

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

async function* encoded(stream: AsyncIterable<Chunk>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
}

/** The same bytes, with at least `least` of them in the first piece where there are as many. */
async function* beginningWith(least: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array | null = new Uint8Array(0);
  for await (const chunk of bytes) {
    if (begun === null) {
      yield chunk;
      continue;
    }
    const joined: Uint8Array = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    // A piece that waits must not be one that is used again.
    begun = joined.length < least ? Uint8Array.from(joined) : null;
    if (begun === null) yield joined;
  }
  if (begun !== null && begun.length > 0) yield begun;
}

async function* followed(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Copies pieces, for consumers that keep one while they read the next. */
async function* copied(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield Uint8Array.from(chunk);
}

async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const zipped = Readable.from(copied(bytes), { objectMode: false });
  const gunzip = createGunzip({ chunkSize: piece });
  // A pipe hands no error on.
  zipped.on('error', (error) => gunzip.destroy(error));
  zipped.pipe(gunzip);
  try {
    yield* gunzip;
  } finally {
    zipped.destroy();
    gunzip.destroy();
  }
}

/** In bytes: enough to tell what is no text at all. */
const telling = 1024;

/**
 * The bytes of a file, or of stdin (`-`), unzipped where they are gzip, whatever the file is called. The first piece is large enough to
 * tell what it is; each is only good until the next is asked for. `onBytes` hears what was read of the file, compressed or not.
 */
export async function* plainBytesOf(
  file: string,
  stdin: AsyncIterable<Chunk>,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const raw = beginningWith(2, file === '-' ? encoded(stdin) : bytesOf(file, onBytes));
  try {
    const first = await raw.next();
    if (first.done) return;
    const bytes = followed(first.value, raw);
    yield* beginningWith(telling, first.value[0] === 0x1f && first.value[1] === 0x8b ? unzipped(bytes) : bytes);
  } finally {
    await raw.return(undefined);
  }
}
