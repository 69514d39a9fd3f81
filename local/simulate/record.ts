import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import { writeRefusal, writeWhole } from '../own-file.ts';
import type { DrawOptions } from './draw.ts';
import { type Tally, tallySchema } from './tally.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What a world's course depends on. */
const played = ['functions', 'infrastructure', 'local', 'packages', 'shared', 'package-lock.json', 'package.json', 'serverless.yml'];
const own = '{"record":"selfheal simulate"';

/** What git says, where this folder is the whole of a clone; null elsewhere, and where there is no git. */
const git = (...args: string[]): string | null => {
  try {
    return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

/** Which code plays: the commit, or a digest of the files where they aren't a commit's. */
export const codeOf = (): string => {
  const top = git('rev-parse', '--show-toplevel');
  if (top !== null && realpathSync(top) === realpathSync(root) && git('status', '--porcelain', '--', ...played) === '')
    return git('rev-parse', 'HEAD') ?? '';
  const hash = createHash('sha256');
  const files = played.flatMap((one) => (/\.\w+$/.test(one) ? [one] : globSync(`${one}/**/*.{ts,js,yml,json}`, { cwd: root })));
  for (const file of files.filter((one) => !one.includes('node_modules')).sort())
    if (existsSync(`${root}${file}`))
      hash
        .update(`${file}\0`)
        .update(readFileSync(`${root}${file}`))
        .update('\0');
  return `sha256:${hash.digest('hex')}`;
};

const count = z.int().min(0);
export const recordSchema = z.strictObject({
  record: z.literal('selfheal simulate'),
  code: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** Seeds that have been played, as ranges with both ends in them. */
  done: z.array(z.tuple([count, count])),
  /** Of real time, over all parts. */
  seconds: z.number().min(0),
  tally: tallySchema,
});

/** Sorted numbers as ranges with both ends in them. */
export const rangesOf = (sorted: readonly number[]): [number, number][] => {
  const ranges: [number, number][] = [];
  for (const one of sorted) {
    const last = ranges.at(-1);
    if (last && one === last[1] + 1) last[1] = one;
    else ranges.push([one, one]);
  }
  return ranges;
};

/** What has been played in several parts, kept in a file. */
export type PlayedRecord = {
  tally: Tally;
  /** Of the parts before. */
  seconds: number;
  has(seed: number): boolean;
  add(seed: number): void;
  /** Writes the file, unless that is under way. */
  save(seconds: number): void;
  /** Writes it in any case. Rejects with a UsageError if it can't be. */
  close(seconds: number): Promise<void>;
};

const contentOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--resume: ${file} can't be read: ${errorMessage(error)}`);
  }
};

/**
 * Begins a record, or goes on with the one that the file holds. `fresh` is what nothing has come to.
 * @throws {UsageError} for a file that is no record, or one of other options or other code, and where none can be written
 */
export const openRecord = async (file: string, options: DrawOptions, fresh: Tally, code = codeOf()): Promise<PlayedRecord> => {
  const refusal = await writeRefusal(file, false, (beginning) => beginning.startsWith(own));
  if (refusal !== null) throw new UsageError(`--resume: ${refusal.replace('; --force replaces it', '')}`);
  const asked = JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
  const text = existsSync(file) ? contentOf(file) : '';
  let before: z.output<typeof recordSchema> | null = null;
  if (text !== '') {
    try {
      before = recordSchema.parse(JSON.parse(text));
    } catch {
      throw new UsageError(`--resume: ${file} is no whole record of selfheal simulate`);
    }
    if (before.code !== code)
      throw new UsageError(`--resume: ${file} is of other code, ${before.code.slice(0, 19)}; this is ${code.slice(0, 19)}`);
    const different = [...new Set([...Object.keys(asked), ...Object.keys(before.options)])].find(
      (key) => JSON.stringify(asked[key]) !== JSON.stringify(before?.options[key]),
    );
    if (different !== undefined) {
      const of = (values: Record<string, unknown>) => JSON.stringify(values[different])?.slice(0, 60) ?? 'none';
      throw new UsageError(
        `--resume: ${file} was played with other options: ${different} was ${of(before.options)}, and is ${of(asked)} now`,
      );
    }
  }
  const done = new Set((before?.done ?? []).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
  const tally = before?.tally ?? fresh;
  const earlier = before?.seconds ?? 0;
  let writing: Promise<void> | null = null;
  const write = (seconds: number): Promise<void> => {
    const ranges = rangesOf([...done].sort((a, b) => a - b));
    const content = { record: 'selfheal simulate', code, options: asked, done: ranges, seconds: earlier + seconds, tally };
    return writeWhole({ [file]: `${JSON.stringify(content)}\n` });
  };
  // What can't be written is told before the long work and not after it.
  await write(0);
  return {
    tally,
    seconds: earlier,
    has: (seed) => done.has(seed),
    add: (seed) => {
      done.add(seed);
    },
    save: (seconds) => {
      // What can't be written now is told at the end, if it can't be then.
      writing ??= write(seconds)
        .catch(() => {})
        .then(() => {
          writing = null;
        });
    },
    close: async (seconds) => {
      await writing;
      await write(seconds);
    },
  };
};
