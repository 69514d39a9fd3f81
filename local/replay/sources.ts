import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvents } from '../cli/events.ts';
import { isScenarioFile } from '../worlds/library.ts';
import type { Told } from './reading.ts';

/** One thing to replay, in a world of its own. */
export type Source = { file: string; kind: 'event' | 'stream' | 'scenario' };

const kinds = /\.(?:json|ndjson|jsonl|ya?ml)$/i;
/** What stands beside an event and isn't one. */
const beside = /\.expected\.json$/i;

const kindOf = (file: string): Source['kind'] =>
  isScenarioFile(file) ? 'scenario' : file === '-' || /\.(?:ndjson|jsonl)$/i.test(file) ? 'stream' : 'event';

/** What a name stands for: itself, or all in a folder and those below it that can be replayed, by name. Throws what the file system says. */
export const sourcesOf = async (name: string): Promise<Source[]> => {
  if (name === '-' || !(await stat(name)).isDirectory()) return [{ file: name, kind: kindOf(name) }];
  const entries = await readdir(name, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && kinds.test(entry.name) && !beside.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ file, kind: kindOf(file) }));
};

/** The events of a file or stream; what can't be read is told and left out. */
export async function* eventsOf(
  file: string,
  stdin: AsyncIterable<Uint8Array | string>,
  onProblem: (file: string, problem: string) => void,
): AsyncGenerator<Told> {
  for await (const readout of readEvents(file, stdin)) {
    if ('value' in readout) yield readout;
    else onProblem(readout.file, readout.problem);
  }
}
