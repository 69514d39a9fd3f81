import { stat } from 'node:fs/promises';
import * as z from 'zod';
import { wasDone, wouldBeDone } from '../../shared/model/action-result.ts';
import { filesOf } from '../input/files.ts';
import { itemsOf } from '../input/items.ts';

/** The compared fields of a `replay --json` line: not times, which depend on the seed. */
const expectedSchema = z.object({
  incident: z.string().min(1),
  failure: z.string(),
  resource: z.object({ type: z.string(), id: z.string() }),
  status: z.string(),
  startedAt: z.string(),
  actions: z.array(z.object({ action: z.string(), result: z.string() })),
  trace: z.object({ playbook: z.string().nullable(), events: z.array(z.string()).default([]) }).optional(),
});
export type Expected = z.infer<typeof expectedSchema>;

async function* none(): AsyncGenerator<never> {}

/**
 * Reads earlier output of `replay --json`, from a file or all files of a folder.
 * @throws {Error} saying what can't be read, and where
 */
export const readExpected = async (path: string): Promise<Expected[]> => {
  const files = (await stat(path)).isDirectory() ? await filesOf(path) : [path];
  const all: Expected[] = [];
  for (const file of files) {
    for await (const batch of itemsOf(file, { reader: null, stdin: none() })) {
      for (const item of batch) {
        if ('problem' in item) throw new Error(`${item.where}: ${item.problem}`);
        const read = expectedSchema.safeParse(item.value);
        if (!read.success) {
          const [issue] = read.error.issues;
          throw new Error(`${item.where}: not a line of replay --json: ${issue?.path.join('.')}: ${issue?.message}`);
        }
        all.push(read.data);
      }
    }
  }
  return all;
};

const done = ({ actions }: Expected): string =>
  actions
    .filter((record) => wasDone(record) || wouldBeDone(record))
    .map((record) => (wouldBeDone(record) ? `would have done ${record.action}` : record.action))
    .join(', ') || 'none';

const compared: Readonly<Record<string, (line: Expected) => string>> = {
  failure: ({ failure }) => failure,
  status: ({ status }) => status,
  actions: done,
  playbook: ({ trace }) => trace?.playbook ?? 'none',
};

const nameOf = ({ failure, resource, startedAt }: Expected): string => `${failure} on ${resource.type} ${resource.id}, ${startedAt}`;
const tell = (line: Expected): string => `${line.status}, actions: ${done(line)}`;

/** One different incident, as lines of a diff: its name, then the expected and the actual line. */
export type Difference = { incident: string; lines: string[] };

/** Groups lines by a key, in order; several files may contain the same incident. */
const byKey = (lines: readonly Expected[], keyOf: (line: Expected) => string) => {
  const found = new Map<string, Expected[]>();
  for (const line of lines) found.set(keyOf(line), [...(found.get(keyOf(line)) ?? []), line]);
  return found;
};

const episodeOf = ({ incident }: Expected) => incident;
const toldIn = ({ incident, trace }: Expected) => JSON.stringify([incident, trace?.events[0]]);
/** For changed classifications: the resource and the beginning. */
const placeOf = ({ resource, startedAt }: Expected) => JSON.stringify([resource.type, resource.id, startedAt]);

/** Compares incidents with the expected ones: matched by the event that reported them, then by key, then by resource and time. */
export const differences = (expected: readonly Expected[], got: readonly Expected[]): Difference[] => {
  const found: Difference[] = [];
  const left = new Set(got);
  const pair = (wanted: readonly Expected[], keyOf: (line: Expected) => string): Expected[] => {
    const candidates = byKey([...left], keyOf);
    return wanted.filter((before) => {
      const now = candidates.get(keyOf(before))?.shift();
      if (!now) return true;
      left.delete(now);
      const changed = Object.entries(compared).filter(([, of]) => of(before) !== of(now));
      const lines = changed.flatMap(([field, of]) => [`- ${field}: ${of(before)}`, `+ ${field}: ${of(now)}`]);
      if (lines.length > 0) found.push({ incident: nameOf(before), lines });
      return false;
    });
  };
  const missing = [toldIn, episodeOf, placeOf].reduce<readonly Expected[]>(pair, expected);
  for (const before of missing) found.push({ incident: nameOf(before), lines: [`- ${tell(before)}`, '+ no such incident'] });
  for (const now of left) found.push({ incident: nameOf(now), lines: ['- no such incident', `+ ${tell(now)}`] });
  return found;
};
