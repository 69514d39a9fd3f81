import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle } from '../../bench/bundles.ts';

let folder: string;
let file: string;

/** The trace of what the bundle throws, in a process of its own: how traces are made is a matter of the whole process. */
const trace = async (): Promise<string> => {
  const script = `require(${JSON.stringify(file)}).handler().catch(({ stack }) => process.stdout.write(stack))`;
  return (await promisify(execFile)(process.execPath, ['-e', script])).stdout;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfheal-traces-'));
  const source = [
    'type Nothing = null;',
    'class Broken extends RangeError {',
    "  override readonly name = 'Broken';",
    '}',
    'const breakIt = (nothing: Nothing): never => {',
    "  throw new Broken('on purpose');",
    '};',
    'export const handler = async (): Promise<void> => breakIt(null);',
  ];
  await writeFile(join(folder, 'broken.ts'), source.join('\n'));
  file = (await bundle('broken', folder, join(folder, 'broken.ts'))).file;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a trace names the functions, files and lines of the sources', async () => {
  const lines = (await trace()).split('\n');
  expect(lines[0]).toMatch(/^RangeError: on purpose$|^Broken: on purpose$/);
  expect(lines[1]).toMatch(/^ {4}at breakIt \(\S*broken\.ts:6:\d+\)$/);
  expect(lines[2]).toMatch(/^ {4}at \S*handler \(\S*broken\.ts:8:\d+\)$/);
});

test('without its map, or with one that is broken, a trace is what it would be', async () => {
  await writeFile(`${file}.map`, '{');
  const broken = await trace();
  await rm(`${file}.map`);
  expect(await trace()).toBe(broken);
  expect(broken).toMatch(/at breakIt \(\S*broken\.cjs:\d+:\d+\)/);
});
