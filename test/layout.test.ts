import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: Record<string, string> };

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\b(node_modules|dist)\//.test(path))
    .map((path) => join(folder, path));

/** The files of the project that a file imports, types included. */
const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([.#][^'\n]+)'/g)].flatMap(([, name = '']) => {
    if (name.startsWith('#')) return imports[name] === undefined ? [] : [normalize(imports[name])];
    return [normalize(join(dirname(path), name))];
  });

/** A circle of files that import each other, by way of the first one that is found; none is an empty list. */
const circleIn = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    done.add(file);
    path.push(file);
    for (const imported of graph.get(file) ?? []) {
      const circle = visit(imported);
      if (circle.length > 0) return circle;
    }
    path.pop();
    return [];
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle.length > 0) return circle;
  }
  return [];
};

describe('the files of the project', () => {
  test.each(['shared', 'functions', 'local', 'packages', 'tools', 'bench'])(
    'in %s/ import each other in no circle, types included',
    (folder) => {
      expect(circleIn(new Map(filesIn(folder).map((path) => [path, importsOf(path)])))).toEqual([]);
    },
  );

  test('are in folders: at most three stand directly in local/', () => {
    expect(readdirSync(join(root, 'local'), { withFileTypes: true }).filter((entry) => entry.isFile()).length).toBeLessThanOrEqual(3);
  });

  test('reach the embedded AWS by its public paths alone', () => {
    const reaching = ['shared', 'functions', 'local', 'tools', 'bench', 'test'].flatMap((folder) =>
      filesIn(folder).flatMap((path) =>
        importsOf(path)
          .filter((imported) => imported.startsWith('packages/') && !Object.values(imports).map(normalize).includes(imported))
          .filter((imported) => !imported.startsWith('packages/local-aws/test/') || !path.startsWith('test/'))
          .map((imported) => `${path} imports ${imported}`),
      ),
    );
    expect(reaching).toEqual([]);
  });
});

test('a circle is found', () => {
  const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));
  expect(circleIn(graph({ a: ['b'], b: ['c'], c: ['b'] }))).toEqual(['b', 'c', 'b']);
  expect(circleIn(graph({ a: ['b', 'c'], b: ['c'], c: [] }))).toEqual([]);
});
