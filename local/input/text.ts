import { SelfhealError } from '../../shared/model/errors.ts';
import { type Chunk, plainBytesOf } from './bytes.ts';

/** What is no text; the message says what it is. */
class NoTextError extends SelfhealError {
  override readonly name = 'NoTextError';
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** By its mark, or else by where the first character has its zero: JSON begins with one that is in ASCII. */
const encodingOf = ([a, b]: Uint8Array): Encoding => {
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && b !== undefined)) return 'utf-16be';
  return 'utf-8';
};

/** How files begin that people take for logs, and what they are. */
const formats: readonly (readonly [begin: string, what: string])[] = [
  ['504b0304', 'a zip archive; unpack it first'],
  ['28b52ffd', 'compressed with zstd; unpack it first'],
  ['425a68', 'compressed with bzip2; unpack it first'],
  ['fd377a585a', 'compressed with xz; unpack it first'],
  ['ff060000734e6150705900', 'compressed with snappy; unpack it first'],
  ['50415231', 'Parquet; events are read as JSON'],
  ['4f5243', 'ORC; events are read as JSON'],
];

/** Characters that no text begins with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unprintable = /[\u0000-\u0006\u000e-\u001a]/;

/** In characters. */
const looked = 1024;

const refuseBinary = (bytes: Uint8Array, text: string): void => {
  const beginning = text.slice(0, looked);
  const binary = unprintable.test(beginning);
  if (!binary && !beginning.includes('\ufffd')) return;
  const head = Buffer.from(bytes.subarray(0, 16)).toString('hex');
  const format = formats.find(([begin]) => head.startsWith(begin));
  if (format) throw new NoTextError(format[1]);
  if (binary) throw new NoTextError('binary; events are read as JSON');
};

/** The text of a file, or of stdin, in whatever way it is encoded and compressed. Throws `NoTextError` where it is none. */
export async function* textOf(file: string, stdin: AsyncIterable<Chunk>, onBytes?: (bytes: number) => void): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const bytes of plainBytesOf(file, stdin, onBytes)) {
    if (decoder === undefined) {
      decoder = new TextDecoder(encodingOf(bytes));
      const text = decoder.decode(bytes, { stream: true });
      refuseBinary(bytes, text);
      yield text;
    } else yield decoder.decode(bytes, { stream: true });
  }
  const rest = decoder?.decode() ?? '';
  if (rest !== '') yield rest;
}
