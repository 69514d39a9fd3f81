import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Folders whose code takes part in a run. */
const folders = ['shared', 'functions', 'local', 'packages/local-aws', 'test', 'tools', 'bench'];

export const filesIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules/'))
    .map((name) => join(folder, name))
    .sort();

/** What runs of the statements that import: types are gone at run time. */
const statements = /^(?:import|export) (?!type\b)(?:[^;']*?from )?'([^']+)'|\bimport\(\s*'([^']+)'/gm;

export type Imports = {
  /** All files that import a file, by way of others too, and how many steps away. */
  importersOf(file: string): ReadonlyMap<string, number>;
};

/** Which file of the project imports which, by their text. */
export const readImports = (root: string): Imports => {
  const aliases = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).imports as Record<string, string>;
  const importers = new Map<string, Set<string>>();
  for (const file of folders.flatMap((folder) => filesIn(root, folder))) {
    for (const [, direct, dynamic] of readFileSync(join(root, file), 'utf8').matchAll(statements)) {
      const name = direct ?? dynamic ?? '';
      const alias = aliases[name];
      if (alias === undefined && !name.startsWith('.')) continue;
      const target = alias === undefined ? join(dirname(file), name) : normalize(alias);
      importers.set(target, (importers.get(target) ?? new Set()).add(file));
    }
  }
  return {
    importersOf: (file) => {
      const found = new Map<string, number>();
      let edge = [file];
      for (let step = 1; edge.length > 0; step++) {
        edge = edge
          .flatMap((one) => [...(importers.get(one) ?? [])])
          .filter((one, index, all) => one !== file && !found.has(one) && all.indexOf(one) === index);
        for (const one of edge) found.set(one, step);
      }
      return found;
    },
  };
};
