import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { errorMessage, SelfhealError } from '../../shared/model/errors.ts';
import { parseJson } from '../../shared/model/json.ts';
import type { Position } from '../input/source.ts';
import { mayReplace, unwritten } from '../own-file.ts';
import type { Case, SavedEngine } from './engine.ts';

/** The complete state of an interrupted run: its position in the files, everything it knows, and how much it has written. */
export type Saved = {
  positions: Position[];
  /** The time of the newest fact that each source has given. */
  newest: (number | null)[];
  engine: SavedEngine;
  /** Bytes of the lines that are written already. */
  written: number;
  /** What has been kept to be shown. */
  shown: Case[];
  reported: Case[];
};

/** Must change with the format of the state: a state of another version can't be resumed. */
const version = 2;

const headSchema = z.object({ version: z.number(), run: z.string(), digest: z.string() });

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Identifies a run by everything that affects its result. */
export const runOf = (parts: unknown): string => digestOf(JSON.stringify(parts));

/** The state can't be resumed; the message says why, without a path. */
export class IncompatibleStateError extends SelfhealError {
  override readonly name = 'IncompatibleStateError';
}

/** Where the next state is written until it is whole, and where lines wait that are told at the end. */
export const besides = (path: string) => ({ half: `${path}.part`, lines: `${path}.lines` });

/**
 * Throws `IncompatibleStateError` where a file stands in the way beside the state that no run of this has left there; `force` lets all of them be
 * replaced.
 */
export const checkBeside = async (path: string, force = false): Promise<void> => {
  const { half, lines } = besides(path);
  const ways = [
    [half, '{"version":'],
    [lines, '{"type":'],
  ] as const;
  for (const [file, begin] of ways) {
    if (!force && !(await mayReplace(file, (beginning) => beginning.startsWith(begin))))
      throw new IncompatibleStateError(`${file} already exists and may not be selfheal's; --force replaces it`);
  }
};

/**
 * Writes the state in place of the one before it, at once and as a whole.
 * @throws {UsageError} if it can't be written
 */
export const saveState = async (path: string, run: string, saved: Saved): Promise<void> => {
  const body = JSON.stringify(saved);
  const { half } = besides(path);
  try {
    await writeFile(half, [JSON.stringify({ version, run, digest: digestOf(body) }), '\n', body, '\n']);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw unwritten(path, error);
  }
};

/**
 * Reads the state of this very run; null where there is none. Throws `IncompatibleStateError` for the state of another run or version, and for
 * what is no state or is damaged; with `force` such a file is taken for none, and replaced.
 */
export const loadState = async (path: string, run: string, force = false): Promise<Saved | null> => {
  try {
    return await readState(path, run);
  } catch (error) {
    if (force && error instanceof IncompatibleStateError) return null;
    throw error;
  }
};

const readState = async (path: string, run: string): Promise<Saved | null> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new IncompatibleStateError(errorMessage(error));
  }
  const end = text.indexOf('\n');
  const head = headSchema.safeParse(parseJson(text.slice(0, end)));
  if (!head.success) throw new IncompatibleStateError('it is not the state of a back-test; --force replaces it');
  if (head.data.version !== version) throw new IncompatibleStateError('another version wrote it; --force starts over');
  if (head.data.run !== run)
    throw new IncompatibleStateError('it belongs to a run with other files, policies or options; --force starts over');
  const body = text.slice(end + 1, -1);
  if (digestOf(body) !== head.data.digest) throw new IncompatibleStateError('it is damaged; --force starts over');
  return JSON.parse(body) as Saved;
};

export const removeState = (path: string): Promise<void> => rm(path, { force: true });
