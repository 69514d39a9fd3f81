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
const keywords = '^export (?:async )?(?:const|type|class|function|interface)';
const declared = (code: string): string[] => [...code.matchAll(new RegExp(`${keywords} (\\w+)`, 'gm'))].map(([, name = '']) => name);

/** Whether the declaration of this name has a docstring right before it. */
const isDocumented = (code: string, name: string): boolean => {
  const lines = code.split('\n');
  const at = lines.findIndex((line) => new RegExp(`${keywords} ${name}\\b`).test(line));
  return lines[at - 1]?.endsWith('*/') ?? false;
};

test('whatever the package exports has a docstring', () => {
  const files = Object.values(exports).map((built) => built.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
  const all = [
    ...files.flatMap((file) => declared(read(file)).map((name): [string, string] => [file, name])),
    ...reexported(read('src/index.ts')),
  ];
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter(([file, name]) => !isDocumented(read(file), name))).toEqual([]);
});

test.each([
  ['/** It is 1. */\nexport const one = 1;', true],
  ['\nexport const one = 1;', false],
  ['/** Of the other. */\nexport type One = 1;\nexport const one = 1;', false],
])('a missing docstring is found: %j', (code, documented) => {
  expect(isDocumented(code, 'one')).toBe(documented);
});
