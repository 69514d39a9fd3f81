import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { types } from '../../tools/new/types.ts';
import { main } from '../../tools/new.ts';
import { testWhole, whole } from '../runner/whole.ts';

const root = new URL('../../', import.meta.url).pathname;
/** In this order each names the one before it. */
const order = ['signal', 'action', 'playbook', 'failure', 'guard', 'resource', 'channel'];
const folderOf: Readonly<Record<string, string>> = { failure: 'failures', channel: 'notifications/channels' };
const folders = ['bench', 'events', 'functions', 'infrastructure', 'local', 'packages', 'shared', 'test', 'tools'];
const files = ['.gitignore', 'biome.json', 'jest.config.js', 'package.json', 'tsconfig.json'];

let copy = '';
const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: copy, encoding: 'utf8' });
const create = (...args: string[]) => run(process.execPath, 'tools/new.ts', ...args);
const written = () => run('find', '.', '-name', '*restart-thing*', '-type', 'f').stdout.trim().split('\n');

beforeAll(() => {
  if (!whole) return;
  copy = mkdtempSync(join(tmpdir(), 'selfheal-new-'));
  for (const name of [...folders, ...files]) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => {
  if (copy !== '') rmSync(copy, { recursive: true, force: true });
});

describe('a new module', () => {
  testWhole('of each type is written with its test', () => {
    expect(order.toSorted()).toEqual(Object.keys(types).sort());
    for (const type of order) expect(create(type, 'restart-thing')).toMatchObject({ status: 0, stderr: '' });
    for (const type of order) {
      const folder = folderOf[type] ?? `${type}s`;
      expect(written()).toEqual(expect.arrayContaining([`./shared/${folder}/restart-thing.ts`, `./test/${folder}/restart-thing.test.ts`]));
    }
  });

  testWhole('is as the linter and the formatter want it, compiles, and passes its own test and that of all modules', () => {
    const code = written().filter((path) => path.endsWith('.ts'));
    const lists = Object.values(types).flatMap(({ entries }) => entries.map(({ file }) => file));
    expect(run('node_modules/.bin/biome', 'check', ...lists, ...code)).toMatchObject({ status: 0 });
    const compiled = ['tools/new.ts', 'test/modules.test.ts', ...new Set(lists), ...code];
    writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include: [], files: compiled }));
    expect(run('node_modules/.bin/tsc', '-p', 'tsconfig.new.json', '--singleThreaded')).toMatchObject({ status: 0, stdout: '' });
    const jest = ['node_modules/jest/bin/jest.js', '--runInBand', '--silent'];
    const tested = run(process.execPath, ...jest, 'restart-thing', 'test/modules.test.ts');
    expect(tested.stderr).toContain('Test Suites: 8 passed, 8 total');
  });

  testWhole('that is there already stays as it is, and so does every list', () => {
    const index = () => readFileSync(join(copy, 'shared/actions/index.ts'), 'utf8');
    const before = index();
    expect(create('action', 'restart-thing')).toMatchObject({ status: 1, stderr: 'shared/actions/restart-thing.ts is there already\n' });
    expect(index()).toBe(before);
  });

  test.each([
    [[], /a type and a name are needed.*\nUsage: npm run new -- action\|/],
    [['action'], /a type and a name are needed/],
    [['action', 'one', 'two'], /a type and a name are needed/],
    [['thing', 'one'], /there is no thing: it is one of action, guard, failure, /],
    [['guard', '../up'], /small letters, digits and single dashes/],
    [['guard', 'NotThis'], /small letters, digits and single dashes/],
  ])('isn’t written for %j, and the reason is one line', async (args, reason) => {
    await expect(main(args)).rejects.toThrow(reason);
    expect(existsSync(join(root, 'shared/guards/NotThis.ts'))).toBe(false);
  });
});
