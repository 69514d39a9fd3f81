import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { filesOf } from '../../local/input/files.ts';

const home = mkdtempSync(join(tmpdir(), 'selfheal-files-'));
afterAll(() => rmSync(home, { recursive: true }));

const contents: Record<string, string | Uint8Array> = {
  'z.json': '{}',
  'a.expected.json': '{}',
  'b/c.jsonl.gz': 'x',
  'b/x.yml': 'x',
  'a.ndjson': '{}',
  'readme.md': '{}',
  '.hidden.json': '{}',
  'stream-1-2026-11-20-10-00-00-0b1c': '\n {"a":1}',
  'prod.stream-1-2026-11-20-10-00-00-0b1d': gzipSync('{}'),
  'utf-16': Buffer.from('\ufeff{}', 'utf16le'),
  Makefile: 'all:\n',
  empty: '',
};
for (const [name, content] of Object.entries(contents)) {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), content);
}
const inHome = async (options?: { scenarios: boolean }) => (await filesOf(home, options)).map((path) => path.slice(home.length + 1));

const events = [
  'a.ndjson',
  'b/c.jsonl.gz',
  'prod.stream-1-2026-11-20-10-00-00-0b1d',
  'stream-1-2026-11-20-10-00-00-0b1c',
  'utf-16',
  'z.json',
];

test('a folder is its files of events by name, without what is expected of events', async () => {
  expect(await inHome()).toEqual(events);
});

test('a folder has scenarios where they are asked for', async () => {
  expect(await inHome({ scenarios: true })).toEqual([...events, 'b/x.yml'].sort());
});

test('a file stands for itself, whatever it is called; one that is gone is an error', async () => {
  expect(await filesOf(join(home, 'readme.md'))).toEqual([join(home, 'readme.md')]);
  expect(await filesOf('-')).toEqual(['-']);
  await expect(filesOf(join(home, 'gone.json'))).rejects.toThrow('ENOENT');
});
