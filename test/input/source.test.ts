import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { createSource, type Item, type Position } from '../../local/input/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function* nothing(): AsyncGenerator<string> {}

const read = async (files: readonly string[], from: Position = { file: 0, taken: 0 }, stdin: AsyncIterable<string> = nothing()) => {
  const source = createSource(files, from, { reader: 'backtest', stdin, members: true });
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

test('a list is its members', async () => {
  expect(short((await read([file('list.json', JSON.stringify([1, { b: 2 }], null, 2))])).items)).toEqual([
    ['list.json:1[0]', 1],
    ['list.json:1[1]', { b: 2 }],
  ]);
});

test('a file that breaks off is told at its end, and one that is gone; the next one follows', async () => {
  const lines = Array.from({ length: 1000 }, (_, n) => JSON.stringify({ n, noise: Math.sin(n) })).join('\n');
  const zipped = gzipSync(lines);
  const { items } = await read([
    file('half.jsonl.gz', zipped.subarray(0, zipped.length / 2)),
    join(folder, 'gone.json'),
    file('after.json', '{"a":1}'),
  ]);
  expect(short(items.slice(-3))).toEqual([
    ['half.jsonl.gz', '! unexpected end of file'],
    ['gone.json', '! no such file'],
    ['after.json:1', { a: 1 }],
  ]);
});

test('from every position on, the rest is the same', async () => {
  const files = [
    file('one.jsonl', '{"a":1}\n\nbad\n{"a":2}\n'),
    file('two.json', JSON.stringify([3, 4], null, 1)),
    file('empty.json', ''),
    file('three.jsonl.gz', gzipSync('{"a":5}\n{"a":6}{"a":7}\n')),
    file('text', 'no\nJSON\n'),
  ];
  const { items, positions } = await read(files);
  expect(items).toHaveLength(10);
  for (const [index, position] of positions.entries()) expect((await read(files, position)).items).toEqual(items.slice(index + 1));
});

test('an archive of any length is read in pieces', async () => {
  const text = Array.from({ length: 5000 }, (_, n) => JSON.stringify({ n, noise: 'x'.repeat(n % 300) })).join('');
  const { items } = await read([file('archive', gzipSync(text))]);
  expect(items.map((item) => ('value' in item ? (item.value as { n: number }).n : item.problem))).toEqual([...Array(5000).keys()]);
});
