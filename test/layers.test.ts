import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { rooms as floors } from '../tools/docs/floor-plan.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => join(folder, path))
    .sort();

/** What a file imports of the project's own, types as well. */
const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, name = '']) =>
    normalize(join(dirname(path), name)),
  );

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const floorOf = (path: string): number => (floors as readonly string[]).indexOf(roomOf(path));

describe('shared', () => {
  test('has no room that the floor plan does not show, and no loose file', () => {
    const rooms = [...new Set(filesIn('shared').map((path) => path.split('/')[1] ?? ''))];
    expect(rooms.sort()).toEqual([...floors].sort());
  });

  test('imports downwards only', () => {
    const upwards = filesIn('shared').flatMap((path) =>
      importsOf(path)
        .filter((name) => roomOf(name) !== roomOf(path) && floorOf(name) >= floorOf(path))
        .map((name) => `${path} imports ${name}`),
    );
    expect(upwards).toEqual([]);
  });
});
