import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { createSource, filesOf, type Item, type Position } from '../../local/backtest/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function* nothing(): AsyncGenerator<string> {}

const read = async (files: readonly string[], from: Position = { file: 0, taken: 0 }, stdin: AsyncIterable<string> = nothing()) => {
  const source = createSource(files, from, stdin);
  const items: Item[] = [];
  const positions: Position[] = [];
  for (let item = await source.next(); item !== null; item = await source.next()) {
    items.push(item);
    positions.push(source.position());
  }
  return { items, positions };
};
const short = (items: Item[]) =>
  items.map((item) => [item.where.replace(`${folder}/`, ''), 'value' in item ? item.value : `! ${item.problem.split(':')[0]}`]);

test('one value a line, with its place; empty lines are none', async () => {
  const { items } = await read([file('a.jsonl', '{"a":1}\n\n{"a":2}\r\n{"a":3}')]);
  expect(short(items)).toEqual([
    ['a.jsonl:1', { a: 1 }],
    ['a.jsonl:3', { a: 2 }],
    ['a.jsonl:4', { a: 3 }],
  ]);
});

test('one value over many lines, and a list is its members', async () => {
  expect(short((await read([file('whole.json', JSON.stringify({ a: [1] }, null, 2))])).items)).toEqual([['whole.json', { a: [1] }]]);
  expect(short((await read([file('list.json', JSON.stringify([1, { b: 2 }], null, 2))])).items)).toEqual([
    ['list.json[0]', 1],
    ['list.json[1]', { b: 2 }],
  ]);
});

test('a byte order mark, and the time that a log puts before a message', async () => {
  const { items } = await read([file('log.log', '\ufeff{"a":1}\n2026-11-20T12:00:00.000Z {"a":2}\n')]);
  expect(short(items)).toEqual([
    ['log.log:1', { a: 1 }],
    ['log.log:2', { a: 2 }],
  ]);
});

test('a broken line is told with its place, and stops nothing, were it the first', async () => {
  const { items } = await read([file('bad.jsonl', '{"a":\n{"a":2}\nplain text\n{"a":3}\n')]);
  expect(short(items)).toEqual([
    ['bad.jsonl:1', '! not JSON'],
    ['bad.jsonl:2', { a: 2 }],
    ['bad.jsonl:3', '! not JSON'],
    ['bad.jsonl:4', { a: 3 }],
  ]);
});

test('a line that is too long is told of and not held', async () => {
  const { items } = await read([file('long.jsonl', `{"a":1}\n"${'x'.repeat(11 * 1024 * 1024)}"\n{"a":2}\n`)]);
  expect(short(items)).toEqual([
    ['long.jsonl:1', { a: 1 }],
    ['long.jsonl:2', '! the line is longer than 10485760 characters'],
    ['long.jsonl:3', { a: 2 }],
  ]);
});

test('a JSON value that memory has no room for says what to do instead', async () => {
  const { items } = await read([file('huge.json', `[\n${'"0123456789abcdef",\n'.repeat(1_000_000)}"end"]`), file('next.json', '{"a":1}')]);
  expect(short(items)).toEqual([
    ['huge.json', '! one JSON value of more than 16777216 characters; one a line has no such limit (jq -c)'],
    ['next.json:1', { a: 1 }],
  ]);
});

test('compressed files, and one that breaks off', async () => {
  const lines = Array.from({ length: 1000 }, (_, n) => JSON.stringify({ n, noise: Math.sin(n) })).join('\n');
  const zipped = gzipSync(lines);
  expect((await read([file('a.jsonl.gz', zipped)])).items).toHaveLength(1000);
  const { items } = await read([file('half.jsonl.gz', zipped.subarray(0, zipped.length / 2)), file('after.json', '{"a":1}')]);
  expect(short(items.slice(-2))).toEqual([
    ['half.jsonl.gz', '! unexpected end of file'],
    ['after.json:1', { a: 1 }],
  ]);
  expect(short((await read([file('no.gz', 'this is not compressed')])).items)).toEqual([['no.gz', '! incorrect header check']]);
});

test('a file that is gone is told of, and the next one follows', async () => {
  const { items } = await read([join(folder, 'gone.json'), file('there.json', '{"a":1}')]);
  expect(short(items)).toEqual([
    ['gone.json', '! no such file'],
    ['there.json:1', { a: 1 }],
  ]);
});

test('standard input, cut anywhere, also within a character', async () => {
  async function* stdin() {
    for (const byte of new TextEncoder().encode('{"a":"é𝄞"}\n{"a":2}\n')) yield new Uint8Array([byte]) as unknown as string;
  }
  expect(short((await read(['-'], undefined, stdin())).items)).toEqual([
    ['-:1', { a: 'é𝄞' }],
    ['-:2', { a: 2 }],
  ]);
});

test('from every position on, the rest is the same', async () => {
  const files = [
    file('one.jsonl', '{"a":1}\n\nbad\n{"a":2}\n'),
    file('two.json', JSON.stringify([3, 4], null, 1)),
    file('empty.json', ''),
    file('three.jsonl.gz', gzipSync('{"a":5}\n{"a":6}\n')),
  ];
  const { items, positions } = await read(files);
  expect(items).toHaveLength(7);
  for (const [index, position] of positions.entries()) expect((await read(files, position)).items).toEqual(items.slice(index + 1));
});

test('a folder is its JSON by name, without what is expected of events', async () => {
  const home = join(folder, 'folder');
  mkdirSync(join(home, 'b'), { recursive: true });
  for (const name of ['z.json', 'a.expected.json', 'b/c.jsonl.gz', 'readme.md', 'b/x.yml', 'a.ndjson'])
    writeFileSync(join(home, name), '{}');
  expect((await filesOf(home)).map((path) => path.slice(home.length + 1))).toEqual(['a.ndjson', 'b/c.jsonl.gz', 'z.json']);
  expect(await filesOf(join(home, 'readme.md'))).toHaveLength(1);
  await expect(filesOf(join(home, 'gone'))).rejects.toThrow('ENOENT');
});
