import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { textOf } from '../../local/input/text.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const textIn = async (bytes: Uint8Array, size = 1 << 16): Promise<string> => {
  let all = '';
  for await (const text of textOf('-', inPieces(bytes, size))) all += text;
  return all;
};

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const encodings: Record<string, (text: string) => Uint8Array> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16, as PowerShell writes it': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16 without a mark': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16, big end first': (text) => bigEndian(`\ufeff${text}`),
  'UTF-16, big end first, without a mark': bigEndian,
};

describe('text in', () => {
  test.each(Object.entries(encodings))('%s is what was written, compressed or not, in any pieces', async (_name, encode) => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 2000 }), async (inside, size) => {
        const text = JSON.stringify({ inside });
        expect(await textIn(encode(text), size)).toBe(text);
        expect(await textIn(gzipSync(encode(text)), size)).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  test('several gzip parts behind each other is all of them', async () => {
    expect(await textIn(Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')]))).toBe('{"a":1}\n{"a":2}\n');
  });

  test('nothing is nothing', async () => {
    expect(await textIn(new Uint8Array())).toBe('');
    expect(await textIn(gzipSync(''))).toBe('');
  });

  test('a file larger than a piece is whole, and its bytes are counted as they lie there', async () => {
    // What is hard to compress, so that it takes several pieces either way.
    const text = Array.from({ length: 60_000 }, (_, n) => `é${Math.sin(n)}`).join();
    for (const bytes of [Buffer.from(text), gzipSync(text)]) {
      const path = join(folder, 'large.gz');
      writeFileSync(path, bytes);
      let all = '';
      let read = 0;
      for await (const part of textOf(path, inPieces(bytes, 1), (more) => {
        read += more;
      }))
        all += part;
      expect(all === text).toBe(true);
      expect(read).toBe(bytes.length);
    }
  });

  test('a gzip file that breaks off is an error', async () => {
    await expect(textIn(gzipSync('x'.repeat(100_000)).subarray(0, 60))).rejects.toThrow('unexpected end of file');
  });
});

describe('what is no text', () => {
  test.each([
    ['a zip archive', Buffer.from('504b03041400000008', 'hex'), 'a zip archive; unpack it first'],
    ['zstd', Buffer.from('28b52ffd2410810000', 'hex'), 'compressed with zstd; unpack it first'],
    ['bzip2', Buffer.from('425a683931415926535900000001', 'hex'), 'compressed with bzip2; unpack it first'],
    ['Parquet', Buffer.from('504152311504150c', 'hex'), 'Parquet; events are read as JSON'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'binary; events are read as JSON'],
    ['zeros', Buffer.alloc(5000), 'binary; events are read as JSON'],
    ['a picture in gzip', gzipSync(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')), 'binary; events are read as JSON'],
  ])('%s is said to be what it is', async (_what, bytes, message) => {
    await expect(textIn(bytes)).rejects.toThrow(message);
    await expect(textIn(bytes, 1)).rejects.toThrow(message);
  });

  test('but text in an old encoding still is', async () => {
    expect(await textIn(Buffer.from('{"a":"caf\u00e9"}', 'latin1'))).toBe('{"a":"caf\ufffd"}');
  });
});
