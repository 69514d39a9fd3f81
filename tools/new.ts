import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { errorMessage } from '../shared/model/errors.ts';
import { type ModuleType, type Names, namesOf, types } from './new/types.ts';

const root = new URL('../', import.meta.url);
const at = (path: string): URL => new URL(path, root);
const known = Object.keys(types);
const usage = `Usage: npm run new -- ${known.join('|')} NAME`;

const argumentsSchema = z.tuple(
  [
    z.enum(known, { error: ({ input }) => `there is no ${String(input)}: it is one of ${known.join(', ')}` }),
    z
      .string()
      .max(40, 'the name has more than 40 characters')
      .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a name is of small letters, digits and single dashes, as in restart-service'),
  ],
  { error: 'a type and a name are needed, and nothing else' },
);

const fill = (text: string, names: Names): string =>
  text.replace(/__(\w+?)__/g, (all, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`a template names ${all}, which has no value`);
    return value;
  });

/** Where the list ends whose opening bracket is the last character of `into`. */
const endOf = (source: string, into: string): number => {
  const start = source.indexOf(into);
  let depth = 0;
  for (let index = start + into.length - 1; start !== -1 && index < source.length; index++) {
    if ('[{('.includes(source[index] ?? ' ')) depth += 1;
    if (']})'.includes(source[index] ?? ' ')) depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
};

/** Before the first import of the folder that sorts after the new one. */
const importAt = (source: string, text: string): number => {
  const pathIn = (line: string): string => /from '(\.\/[^']+)\.ts'/.exec(line)?.[1] ?? '';
  const next = [...source.matchAll(/^import .+$/gm)].find(([line]) => pathIn(line) > pathIn(text));
  return next?.index ?? source.search(/^(?!import )/m);
};

const withEntry = (source: string, { file, text, into, before }: ModuleType['entries'][number]): string => {
  const list = into ?? before;
  const index = into !== undefined ? endOf(source, into) : before !== undefined ? source.indexOf(before) : importAt(source, text);
  if (index === -1) throw new Error(`${file} has no ${JSON.stringify(list)}, where the new module's line would stand`);
  const rest = source.slice(index);
  if (into === undefined) return source.slice(0, index) + text + rest;
  const listed = source.slice(0, index).trimEnd();
  // A line of its own: the text may begin with a comment.
  return `${listed}${/[[{,]$/.test(listed) ? '' : ','}\n${text},\n${rest}`;
};

/** What the classifier makes of a new sample, as it is kept beside it. */
const expectationOf = async (sample: string): Promise<string> => {
  const { readEvent } = (await import(at('shared/failures/read.ts').href)) as typeof import('../shared/failures/read.ts');
  const { verdicts, rejected } = readEvent(JSON.parse(readFileSync(at(sample), 'utf8')));
  const signals = verdicts.map(({ failure, disposition, resource, account, region, playbook, reason }) => {
    return { failure, disposition, resource, account, region, playbook, reason };
  });
  return `${JSON.stringify({ why: 'A first sample.', rejected, signals }, null, 2)}\n`;
};

const write = (path: string, text: string): void => {
  mkdirSync(new URL('.', at(path)), { recursive: true });
  writeFileSync(at(path), text);
};

/** Writes a module of a type, its test and sample, and its lines in the lists. All or nothing: what can't be done is found before. */
const scaffold = async (type: string, id: string): Promise<void> => {
  const { files, entries, names, next } = types[type] as ModuleType;
  const filled = { ...namesOf(id), ...names?.(id, root) };
  const written = Object.entries(files).map(([template, path]) => {
    return [fill(path, filled), fill(readFileSync(at(`tools/new/${type}/${template}`), 'utf8'), filled)] as const;
  });
  for (const [path] of written) if (existsSync(at(path))) throw new Error(`${path} is there already`);
  const lists = new Map<string, string>();
  for (const entry of entries) {
    const source = lists.get(entry.file) ?? readFileSync(at(entry.file), 'utf8');
    lists.set(entry.file, withEntry(source, { ...entry, text: fill(entry.text, filled) }));
  }

  const sources = [...written, ...lists];
  for (const [path, text] of sources) write(path, text);
  const samples = written.map(([path]) => path).filter((path) => path.endsWith('.json'));
  for (const sample of samples) write(sample.replace('.json', '.expected.json'), await expectationOf(sample));
  const code = sources.map(([path]) => path).filter((path) => path.endsWith('.ts'));
  const biome = at('node_modules/.bin/biome').pathname;
  const formatted = spawnSync(biome, ['format', '--write', ...code], { cwd: root, encoding: 'utf8' });
  if (formatted.status !== 0) throw new Error(`written, but not formatted: ${formatted.stderr || formatted.error?.message}`);

  for (const [path] of written) console.log(`wrote ${path}`);
  for (const path of lists.keys()) console.log(`added a line to ${path}`);
  for (const step of next) console.log(`next: ${step}`);
};

/**
 * Writes the module that the arguments name.
 * @throws {Error} that says in one line why it can't, before anything is written
 */
export const main = async (args: readonly string[]): Promise<void> => {
  const result = argumentsSchema.safeParse(args);
  if (!result.success) throw new Error(`${result.error.issues[0]?.message}\n${usage}`);
  await scaffold(...result.data);
};

if (import.meta.main)
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(errorMessage(error));
    process.exitCode = 1;
  });
