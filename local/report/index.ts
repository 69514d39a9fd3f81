import { UsageError } from '../../shared/model/errors.ts';
import { writeRefusal, writeWhole } from '../own-file.ts';
import type { ReportInput } from './input.ts';
import { generator, renderReport } from './render.ts';

export { commandLine } from './command.ts';
export type { HealthSample, ReportInput, ReportTable } from './input.ts';

/** Why no report can be written to a path, as the end of a sentence, or null; only `force` replaces a file that is not a report. */
export const reportRefusal = (path: string, force = false): Promise<string | null> =>
  writeRefusal(path, force, (beginning) => beginning.startsWith('<!doctype html>') && beginning.includes(generator));

/**
 * Writes a report as one self-contained HTML file, atomically.
 * @throws {UsageError} if it can't be written, or `reportRefusal` objects by now
 */
export const writeReport = async (path: string, input: ReportInput, force = false): Promise<void> => {
  const refusal = await reportRefusal(path, force);
  if (refusal !== null) throw new UsageError(`--report: ${refusal}`);
  await writeWhole({ [path]: renderReport(input) });
};
