import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ReportInput } from './input.ts';
import { renderReport } from './render.ts';

export { commandLine } from './command.ts';
export type { HealthSample, ReportedOutcome, ReportInput, ReportTable } from './input.ts';

/**
 * Why no report could be written to a path, as the end of a sentence, or null: for commands that work long, to ask before. `EACCES`
 * and the like are told in words.
 */
export const reportRefusal = async (path: string): Promise<string | null> => {
  const there = await stat(path).catch(() => null);
  if (there && !there.isFile()) return `${path} is not a file`;
  const folder = dirname(path);
  const home = await stat(folder).catch(() => null);
  if (!home?.isDirectory()) return `there is no folder ${folder}`;
  try {
    await access(folder, constants.W_OK);
    if (there) await access(path, constants.W_OK);
    return null;
  } catch {
    return `${there ? path : folder} can't be written to`;
  }
};

/** Writes a report as one HTML file that needs nothing but a browser. What was at the path is replaced at once and as a whole. */
export const writeReport = async (path: string, input: ReportInput): Promise<void> => {
  const page = renderReport(input);
  const half = `${path}.${process.pid}.part`;
  try {
    await writeFile(half, page);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
};
