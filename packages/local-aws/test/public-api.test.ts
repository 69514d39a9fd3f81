import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const folder = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string> };

/** By file, the names that a module exports from others. */
const reexported = (code: string): [file: string, name: string][] =>
  [...code.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/([^']+)';$/gm)].flatMap(([, names = '', file = '']) =>
    names
      .split(',')
      .flatMap((name) => (name.trim() === '' ? [] : [[`src/${file}`, name.trim().replace(/^type /, '')] as [string, string]])),
  );
const declaration = /^export (?:async )?(?:const|type|class|function|interface) (\w+)/gm;
const declared = (file: string): [file: string, name: string][] =>
  [...read(file).matchAll(declaration)].map(([, name = '']) => [file, name]);

/** Names whose declaration has no docstring right before it. */
const undocumented = (code: string, names: readonly string[]): string[] => {
  const lines = code.split('\n');
  return names.filter((name) => {
    const at = lines.findIndex((line) => new RegExp(`^export (?:async )?(?:const|type|class|function|interface) ${name}\\b`).test(line));
    return at < 1 || !lines[at - 1]?.endsWith('*/');
  });
};

test('whatever the package exports has a docstring', () => {
  const files = Object.values(exports).map((built) => built.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
  const all = [...files.flatMap(declared), ...reexported(read('src/index.ts'))];
  expect(all.length).toBeGreaterThan(60);
  const missing = all.filter(([file, name]) => undocumented(read(file), [name]).length > 0);
  expect(missing).toEqual([]);
});

test.each([
  ['/** It is 1. */\nexport const one = 1;', []],
  ['\nexport const one = 1;', ['one']],
  ['/** Of the other. */\nexport type One = 1;\nexport const one = 1;', ['one']],
])('a missing docstring is found: %j', (code, names) => {
  expect(undocumented(code, ['one'])).toEqual(names);
});
