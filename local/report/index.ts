import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { writeRefusal } from '../own-file.ts';
import type { ReportInput } from './input.ts';
import { generator, renderReport } from './render.ts';

export { commandLine } from './command.ts';
export type { HealthSample, ReportInput, ReportTable } from './input.ts';

/** Why no report can be written to a path, as the end of a sentence, or null; only `force` replaces a file that is not a report. */
export const reportRefusal = (path: string, force = false): Promise<string | null> =>
  writeRefusal(path, force, (beginning) => beginning.startsWith('<!doctype html>') && beginning.includes(generator));

/**
 * Writes a report as one self-contained HTML file, atomically.
 * @throws {Error} if `reportRefusal` objects by now
 */
export const writeReport = async (path: string, input: ReportInput, force = false): Promise<void> => {
  const refusal = await reportRefusal(path, force);
  if (refusal !== null) throw new Error(refusal);
  const page = renderReport(input);
  // A unique name, so that it can't collide.
  const half = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(half, page, { flag: 'wx' });
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
};
