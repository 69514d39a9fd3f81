import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { wasDone, wouldBeDone } from '../../shared/model/action-result.ts';
import { formatDuration } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { parseJson } from '../../shared/model/json.ts';
import { plainLine } from '../../shared/model/text.ts';
import { reasonOf } from '../input/items.ts';
import type { Change, Comparison, ReportedOutcome } from './input.ts';

/** An incident as a run left it, of its report or of a line of `--json`. */
const ranSchema = z.object({
  incident: z.string(),
  world: z.string().default(''),
  failure: z.string(),
  /** The id; in a line with its type. */
  resource: z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]),
  name: z.string().nullable().default(null),
  status: z.string(),
  /** Left out where it isn't known: then it isn't compared. */
  quiet: z.boolean().optional(),
  reason: z.string().default(''),
  /** In seconds; a report calls it otherwise than a line. */
  timeToRecoverSeconds: z.number().nullish(),
  recoveredSeconds: z.number().nullish(),
  actions: z.array(z.object({ action: z.string(), result: z.string() })).default([]),
});
export type Ran = z.infer<typeof ranSchema>;

const dataOfPage = /<script type="application\/json" id="data">(.*?)<\/script>/s;

/** What is in a file: the rows of a report, lines of incidents, or lines that have their incidents in `outcomes`. */
const itemsIn = (text: string): unknown[] => {
  const [, data] = dataOfPage.exec(text) ?? [];
  if (data !== undefined) return (parseJson(data) as { rows?: unknown[] } | undefined)?.rows ?? [];
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const value = parseJson(line) as { outcomes?: unknown[] } | undefined;
      return Array.isArray(value?.outcomes) ? value.outcomes : [value];
    });
};

/**
 * Reads what an earlier run came to, from its report or its output of `--json`.
 * @throws {UsageError} saying what is wrong with the file
 */
export const readRun = async (path: string): Promise<Ran[]> => {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new UsageError(`--against ${path}: ${reasonOf(error)}`);
  });
  return itemsIn(text).map((item, i) => {
    const read = ranSchema.safeParse(item);
    if (read.success) return read.data;
    throw new UsageError(
      `--against ${path}: neither a report nor output of --json: ${i + 1}: ${read.error.issues[0]?.path.join('.') ?? ''}`,
    );
  });
};

/** A run that has just ended, as one that is read. */
export const ranOf = (outcomes: readonly ReportedOutcome[], names: ReadonlyMap<string, string> = new Map()): Ran[] =>
  outcomes.map((outcome) => ranSchema.parse({ ...outcome, name: names.get(outcome.resource.id) ?? outcome.name ?? null }));

/** A line that was read as an incident before, as far as it goes. */
export const ranOfLine = (line: unknown): Ran => ranSchema.parse(line);

const doneBy = ({ actions }: Ran): string =>
  [
    ...new Set(
      actions
        .filter((one) => wasDone(one) || wouldBeDone(one))
        .map((one) => (wouldBeDone(one) ? `would have done ${one.action}` : one.action)),
    ),
  ].join(', ') || 'no action';
const tookOf = ({ timeToRecoverSeconds, recoveredSeconds }: Ran): number | null => timeToRecoverSeconds ?? recoveredSeconds ?? null;
const endOf = ({ status, quiet }: Ran): string => (quiet ? `quietly ${status}` : status);

/** How it ended, and why, in a cell or a line. */
const tell = (ran: Ran): string => {
  const took = tookOf(ran);
  return plainLine(
    `${endOf(ran)}, ${doneBy(ran)}${took === null ? '' : `, after ${formatDuration(took)}`}${ran.reason === '' ? '' : `: ${ran.reason}`}`,
    160,
  );
};

const titleOf = ({ failure, resource, name, world }: Ran): string =>
  plainLine(
    `${failure} on ${name === null || name === resource ? resource : `${name} (${resource})`}${world === '' ? '' : `, ${world}`}`,
    300,
  );

/** Seconds to recover that are about the same: what differs by less is not told. */
const isAbout = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(30, 0.1 * Math.max(a, b));

const isSameEnd = (a: Ran, b: Ran): boolean =>
  a.status === b.status && (a.quiet === undefined || b.quiet === undefined || a.quiet === b.quiet);

/** What is different, in words; empty if nothing is. */
const differenceOf = (before: Ran, now: Ran): string => {
  const [then, after] = [tookOf(before), tookOf(now)];
  return [
    ...(isSameEnd(before, now) ? [] : [`was ${endOf(before)}, now ${endOf(now)}`]),
    ...(doneBy(before) === doneBy(now) ? [] : [`did ${doneBy(before)}, now ${doneBy(now)}`]),
    ...(then === null || after === null || isAbout(then, after)
      ? []
      : [`recovered ${after > then ? 'later' : 'sooner'}: after ${formatDuration(after)}, not ${formatDuration(then)}`]),
  ].join('; ');
};

/** What pairs incidents, the surest first: a scenario's names are the same with any seed, ids and keys only with one. */
const keys: readonly ((ran: Ran) => string)[] = [
  ({ world, failure, name, incident }) => JSON.stringify(name === null ? ['key', incident] : [world, failure, name]),
  ({ world, incident }) => JSON.stringify([world, incident]),
  ({ world, resource }) => JSON.stringify([world, resource]),
];

const count = (n: number, what: string): string => `${n} ${n === 1 ? `incident ${what}` : `incidents ${what}`}`;

/** Compares two runs, incident by incident. */
export const compareRuns = (before: readonly Ran[], now: readonly Ran[]): Comparison => {
  const changes: Change[] = [];
  const left = new Set(now);
  let same = 0;
  const pair = (wanted: readonly Ran[], keyOf: (ran: Ran) => string): Ran[] => {
    const candidates = Map.groupBy(left, keyOf);
    return wanted.filter((was) => {
      const is = candidates.get(keyOf(was))?.shift();
      if (!is) return true;
      left.delete(is);
      const what = differenceOf(was, is);
      if (what === '') same++;
      else changes.push({ incident: titleOf(is), what, before: tell(was), now: tell(is) });
      return false;
    });
  };
  const missing = keys.reduce<readonly Ran[]>(pair, before);
  const changed = changes.length;
  for (const was of missing) changes.push({ incident: titleOf(was), what: 'no longer happens', before: tell(was), now: null });
  for (const is of left) changes.push({ incident: titleOf(is), what: 'did not happen before', before: null, now: tell(is) });
  if (changes.length === 0) return { lead: `Nothing is different: ${count(same, 'ended as before')}.`, changes };
  const parts = [
    [changed, 'ended differently'],
    [missing.length, 'no longer happened'],
    [left.size, 'did not happen before'],
    [same, 'ended as before'],
  ] as const;
  return { lead: `${parts.flatMap(([n, what]) => (n === 0 ? [] : [count(n, what)])).join('; ')}.`, changes };
};

/** In a page. */
export const maxCompared = 500;
