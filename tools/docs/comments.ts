import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../shared/', import.meta.url);

/** A comment, and the module that it stands over. */
const declared = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+[^=\n]*= (?:define\w+\()?\{\s*id: '([\w-]+)'/g;

const textOf = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .filter((line) => !/^https?:/.test(line))
    .join(' ')
    .trim();

/** What the modules of a folder of `shared/` say of themselves in the comment over their declaration, by their ids. */
export const commentsIn = (folder: string): ReadonlyMap<string, string> => {
  const files = readdirSync(new URL(`${folder}/`, root)).filter((name) => name.endsWith('.ts'));
  const sources = files.map((name) => readFileSync(new URL(`${folder}/${name}`, root), 'utf8'));
  return new Map(
    sources.flatMap((source) => [...source.matchAll(declared)].map(([, comment = '', id = '']) => [id, textOf(comment)] as const)),
  );
};
