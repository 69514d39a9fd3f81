import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, root), 'utf8');
const manifest = JSON.parse(read('package.json')) as { version: string; license: string; devDependencies: Record<string, string> };

/** As the code host makes it of a heading. */
const anchorOf = (head: string): string =>
  head
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');

const isThere = (link: string): boolean => {
  const [path = '', anchor] = link.split('#');
  if (!existsSync(new URL(path, root))) return false;
  return anchor === undefined || [...read(path).matchAll(/^#+ (.+)$/gm)].some(([, head = '']) => anchorOf(head) === anchor);
};

describe.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'])('%s', (name) => {
  test('links to what there is', () => {
    const links = [...read(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !link.startsWith('https://'));
    expect(links.filter((link) => !isThere(link))).toEqual([]);
  });

  test('names files and folders that there are', () => {
    const paths = [...read(name).matchAll(/`((?:functions|shared|infrastructure|local|packages|tools|test|bench|docs|events)\/[\w./-]*)/g)];
    expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});

test('the changelog knows the version that this is, and has a place for what comes next', () => {
  expect([...read('CHANGELOG.md').matchAll(/^## (\S+)/gm)].slice(0, 2).map(([, head]) => head)).toEqual(['Unreleased', manifest.version]);
});

test('the license is the one that the package names', () => {
  expect(read('LICENSE')).toMatch(new RegExp(`^${manifest.license} License\n`));
});

test('the Node that is asked for is the one that types are held against', () => {
  expect(manifest.devDependencies['@types/node']).toBe(`^${read('.nvmrc').trim()}`);
});
