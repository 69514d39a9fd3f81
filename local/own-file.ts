import { randomUUID } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorMessage, UsageError } from '../shared/model/errors.ts';

/** In bytes: enough to recognise our own files. */
const looked = 1024;

/** How a file begins; null if there is none. */
const beginningOf = async (path: string): Promise<string | null> => {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(looked), 0, looked, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/**
 * Whether a file may be written at a path without asking: there is none, it is empty, or it is our own by its beginning. A mistyped path
 * must not destroy a user's file.
 */
export const mayReplace = async (path: string, isOwn: (beginning: string) => boolean): Promise<boolean> => {
  const beginning = await beginningOf(path);
  return beginning === null || beginning === '' || isOwn(beginning);
};

/**
 * Why a command can't write a file to a path, as the end of a sentence, or null; for checking before long work. Codes such as `EACCES` are
 * put into words. `force` replaces any file.
 */
export const writeRefusal = async (path: string, force: boolean, isOwn: (beginning: string) => boolean): Promise<string | null> => {
  const there = await stat(path).catch(() => null);
  if (there && !there.isFile()) return `${path} is not a file`;
  const folder = dirname(path);
  const home = await stat(folder).catch(() => null);
  if (!home?.isDirectory()) return `there is no folder ${folder}`;
  try {
    await access(folder, constants.W_OK);
    if (there) await access(path, constants.R_OK | constants.W_OK);
  } catch {
    return `${there ? path : folder} can't be written to`;
  }
  if (force || (await mayReplace(path, isOwn))) return null;
  return `${path} already exists and may not be selfheal's; --force replaces it`;
};

const refusals: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'it would be larger than a file may be here',
  EROFS: 'the disk is read-only',
  EACCES: 'permission denied',
};

/** A file that could not be written, as a sentence that names it. */
export const unwritten = (path: string, error: unknown): UsageError =>
  new UsageError(`${path} can't be written: ${refusals[(error as NodeJS.ErrnoException).code ?? ''] ?? errorMessage(error)}`);

/**
 * Writes files, each as a whole and in place of the one before it, or none of them: they only get their names when all are written.
 * @throws {UsageError} that names the file which can't be written
 */
export const writeWhole = async (files: Readonly<Record<string, string>>): Promise<void> => {
  const parts: { path: string; half: string }[] = [];
  let at = '';
  try {
    for (const [path, content] of Object.entries(files)) {
      at = path;
      // What a link leads to is replaced, and not the link. A unique name, so that it can't collide.
      const target = await realpath(path).catch(() => path);
      const half = `${target}.${randomUUID()}.part`;
      parts.push({ path: target, half });
      await writeFile(half, content, { flag: 'wx' });
    }
    for (const { path, half } of parts) {
      at = path;
      await rename(half, path);
    }
  } catch (error) {
    for (const { half } of parts) await rm(half, { force: true });
    throw unwritten(at, error);
  }
};
