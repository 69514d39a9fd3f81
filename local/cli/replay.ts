import { parseArgs } from 'node:util';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import { parseDuration } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { statuses } from '../../shared/model/status.ts';
import { parseTime } from '../../shared/model/time.ts';
import { readableOf } from '../input/events.ts';
import { filesOf, isScenarioFile } from '../input/files.ts';
import { reasonOf } from '../input/items.ts';
import { differences, readExpected } from '../replay/against.ts';
import { createPace, type Pace } from '../replay/pace.ts';
import { readTold } from '../replay/reading.ts';
import { replayStream } from '../replay/stream.ts';
import { createTelling, kept, type Telling, tellDifferences } from '../replay/telling.ts';
import { createBook } from '../replay/trace.ts';
import { compareRuns, ranOf, ranOfLine } from '../report/against.ts';
import { commandLine, type HealthSample, writeReport } from '../report/index.ts';
import { createHealthRecorder } from '../report/recorder.ts';
import { interruptedCode, interruptedLine, interruptible } from '../terminal/interrupt.ts';
import { createStyle, type Style } from '../terminal/style.ts';
import { outcomeTable } from '../terminal/table.ts';
import { checkScenario } from '../worlds/check.ts';
import { loadScenario, readBeside } from '../worlds/library.ts';
import { namesOf, playScenario, policyOf } from '../worlds/play.ts';
import type { Command, Io } from './command.ts';
import { checkReport, playOptions, policyFrom, wholeNumber } from './options.ts';

const help = `Usage: selfheal replay FILE… [--json] [--against FILE|DIR] [--policy FILE] [--seed N] [--speed N] [--until T]
                       [--report FILE [--force]]

Plays events through the whole pipeline on an embedded local AWS whose world matches them, and explains why each incident ended as it
did: how it was decoded and classified, the live state, each guard's answer and reason, the actions, the verification.

  FILE             events as JSON, in any envelope, one or many (an exported EventBridge archive, the output of aws sqs
                   receive-message), with or without gzip; - is stdin. The events of one file are played in order of time, in one
                   world, with the account and region of the first event
                   .yml: a scenario, in the world that it describes; exit code 1 if its expectations fail
                   a folder: all such files in it, except those that end in .expected.json
  --json           one line per incident: the line of demo --json, with a trace. An event that opens none goes to stderr, in the
                   form of classify --json
  --against FILE   compare with earlier output of --json (a file, or all such files in a folder): status, failure, actions, playbook
  --policy FILE    the policy, as YAML or JSON
  --seed N         the seed; another one varies the same incidents (default 1)
  --speed N        simulated seconds per real second (default: as fast as possible)
  --until T        stop at a simulated time: 2026-11-20T14:00:00Z, or +2h after the start of the world
  --report FILE    also write a page for the browser
  --force          replace a file that is not a report

Exit code: 0 it ran; 1 a record was rejected, an alarm that needs an action can't be played here, a scenario's expectations failed, or
something differs; 2 something could not be read or run, the rest was; 130 it was interrupted, the output until then is valid.

Examples:
  selfheal replay my-event.json
  selfheal replay archive.jsonl --policy stricter.json --json > expected.ndjson
  selfheal replay archive.jsonl --policy changed.json --against expected.ndjson
  aws s3 cp s3://my-archive/2026-11-20.jsonl - | selfheal replay - --until +6h
`;

type Values = {
  json: boolean;
  against?: string | undefined;
  policy?: string | undefined;
  seed?: string | undefined;
  speed?: string | undefined;
  until?: string | undefined;
  report?: string | undefined;
};

/** A simulated time, absolute or from where a world begins. */
const endOf = (text: string | undefined): ((began: number) => number) | undefined => {
  if (text === undefined) return undefined;
  const seconds = text.startsWith('+') ? parseDuration(text) : undefined;
  if (seconds !== undefined) return (began) => began + seconds * 1000;
  const at = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === null)
    throw new UsageError(`--until must be a time such as 2026-11-20T14:00:00Z, or +2h, not ${JSON.stringify(text.slice(0, 60))}`);
  return () => at;
};

const speedOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const speed = Number(text);
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new UsageError(`--speed must be a number above 0, not ${JSON.stringify(text.slice(0, 60))}`);
  return speed;
};

type Settings = {
  policy: Policy | undefined;
  seed: number | undefined;
  pace: Pace;
  io: Io;
  values: Values;
  style: Style;
  health: HealthSample[];
  names: Map<string, string>;
};
/** The result of a source: `bad` if it ran with a bad result, `unread` if it or part of it could not be read. */
type Result = { bad: boolean; unread: boolean; cutShort: boolean; open: number; ignored: number };

const replayEvents = async (file: string, telling: Telling, { policy, seed = 1, pace, io, health }: Settings): Promise<Result> => {
  let unread = false;
  const events = readableOf(file, { reader: 'replay', stdin: io.stdin }, (problem) => {
    unread = true;
    telling.complain(problem);
  });
  let recorder: { readonly samples: HealthSample[] } | undefined;
  const { rejected, open, cutShort, late, ignored, unplayable } = await replayStream(events, {
    seed,
    pace,
    ...(policy ? { policy } : {}),
    onHost: (host) => {
      recorder = createHealthRecorder(host);
    },
    onEvent: telling.event,
    onOutcome: telling.outcome,
    onNote: (text) => telling.complain(`${file}: ${text}`),
  });
  if (late > 0) telling.complain(`${file}: ${late} events were so far out of order that they were delivered late`);
  if (open.length > 0)
    telling.complain(
      `${file}: ${open.length} incidents had not ended when it stopped: ${open.slice(0, 5).join(', ')}${open.length > 5 ? ', …' : ''}`,
    );
  if (health.length === 0) health.push(...(recorder?.samples ?? []));
  return { bad: rejected > 0 || unplayable.length > 0, unread, cutShort, open: open.length, ignored };
};

const replayScenario = async (
  file: string,
  telling: Telling,
  { policy, seed, pace, values, style, health, names }: Settings,
): Promise<Result> => {
  const none = { bad: false, unread: false, cutShort: false, open: 0, ignored: 0 };
  const read = loadScenario(file);
  if ('problems' in read) {
    for (const problem of read.problems) telling.complain(problem);
    return { ...none, unread: true };
  }
  const book = createBook();
  const rules = rulesOf(policyOf(read.scenario, policy));
  let recorder: { readonly samples: HealthSample[] } | undefined;
  const observation = await playScenario(read.scenario, {
    pace,
    ...(policy ? { policy } : {}),
    ...(seed === undefined ? {} : { seed }),
    readFile: readBeside(file),
    onHost: (host) => {
      recorder = createHealthRecorder(host);
    },
    onEvent: (value) => book.note(readTold({ file, value }, rules), 0),
    onOutcome: (outcome) => telling.outcome(outcome, book.traceOf(outcome)),
  });
  if (health.length === 0) health.push(...(recorder?.samples ?? []));
  for (const [id, name] of namesOf(observation)) names.set(id, name);
  if (observation.cutShort) return { ...none, cutShort: true, open: observation.open };
  const failed = checkScenario(read.scenario.expect, observation).filter(({ holds }) => !holds);
  for (const { text, seen } of failed) telling.complain(`${file}: not as expected: ${text}; seen: ${seen}`);
  if (!values.json && failed.length === 0) telling.say(style.good(`${file}: ${read.scenario.name}: as expected.\n`));
  return { ...none, bad: failed.length > 0 };
};

/** Expands the named files; a missing one is reported, and the others go on. */
const collect = async (names: readonly string[], telling: Telling): Promise<{ files: string[]; missing: boolean }> => {
  const files: string[] = [];
  let missing = false;
  for (const name of names) {
    try {
      const found = await filesOf(name, { scenarios: true });
      if (found.length === 0) throw new Error('nothing in it can be replayed');
      files.push(...found);
    } catch (error) {
      missing = true;
      telling.complain(`${name}: ${reasonOf(error)}`);
    }
  }
  return { files, missing };
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...playOptions,
      against: { type: 'string' },
      speed: { type: 'string' },
      until: { type: 'string' },
      report: { type: 'string' },
    },
  });
  if (positionals.length === 0) throw new UsageError('no file given; see selfheal replay --help');
  const seed = wholeNumber('seed', values.seed);
  const speed = speedOf(values.speed);
  const until = endOf(values.until);
  const policy = await policyFrom(values.policy);
  const expected =
    values.against === undefined
      ? undefined
      : await readExpected(values.against).catch((error: NodeJS.ErrnoException) => {
          throw new UsageError(`--against ${error.code === 'ENOENT' ? `${values.against}: no such file` : error.message}`);
        });
  await checkReport(values.report, values.force);

  const style = createStyle(io.stdout, io.env);
  const telling = createTelling(io, values, style);
  const { files, missing } = await collect(positionals, telling);
  const health: HealthSample[] = [];
  const names = new Map<string, string>();
  const results: Result[] = [];
  const interrupted = await interruptible(async (signal) => {
    const isInterrupted = () => signal.aborted;
    for (const [i, file] of files.entries()) {
      if (isInterrupted()) break;
      const pace = createPace({
        interrupted: isInterrupted,
        ...(speed === undefined ? {} : { speed }),
        ...(until ? { until } : {}),
        onTime: (at) => telling.progress.show(`${i + 1} of ${files.length}: ${file}, ${new Date(at).toISOString().slice(0, 16)} simulated`),
      });
      const replay = isScenarioFile(file) ? replayScenario : replayEvents;
      results.push(await replay(file, telling, { policy, seed, pace, io, values, style, health, names }));
    }
    return isInterrupted();
  });
  telling.progress.clear();
  const { outcomes, told } = telling;
  const loud = outcomes.filter(({ quiet }) => !quiet);
  if (!values.json && told.incidents <= kept.table && loud.length > 1) telling.say(`${outcomeTable(loud, style)}\n`);
  if (!values.json && told.incidents > 1) {
    const parts = statuses.flatMap((status) => (told[status] === undefined ? [] : [`${told[status]} ${status}`]));
    telling.say(style.wrap(`${told.incidents} incidents: ${parts.join(', ')}.`));
  }

  const found = expected === undefined || interrupted ? [] : differences(expected, telling.lines);
  // On stdout there are incidents and nothing else for machines.
  const tellDifference = values.json ? (text: string) => void io.stderr.write(`${text}\n`) : telling.say;
  tellDifferences(found, tellDifference, style);
  if (expected !== undefined && !interrupted)
    tellDifference(
      found.length === 0
        ? style.good(`All ${expected.length} incidents ended as expected.`)
        : style.bad(`${found.length} ${found.length === 1 ? 'incident' : 'incidents'} ended differently.`),
    );
  if (values.report !== undefined) {
    await writeReport(
      values.report,
      {
        title: files.length === 1 ? `Replay of ${files[0]}` : `Replay of ${files.length} files`,
        command: commandLine('replay', args),
        outcomes,
        // Worlds of different files have nothing to do with one another.
        health: files.length === 1 ? health : [],
        apart: files.length > 1,
        names,
        ...(expected === undefined || interrupted || values.against === undefined
          ? {}
          : { against: { with: values.against, comparison: compareRuns(expected.map(ranOfLine), ranOf(outcomes)) } }),
        notes: [
          'The world was built to match the events: their resources exist, have the opt-in tag, and are broken as the events say.',
          ...(told.incidents > outcomes.length ? [`Only the first ${outcomes.length} of ${told.incidents} incidents are shown.`] : []),
          ...(interrupted ? ['It was interrupted; the results until then are valid.'] : []),
        ],
      },
      values.force,
    );
  }
  if (interrupted) {
    telling.complain(`interrupted: ${told.incidents} incidents were shown`);
    if (values.json) telling.say(interruptedLine({ incidents: told.incidents }).trimEnd());
    return interruptedCode;
  }
  if (missing || results.some(({ unread }) => unread)) return 2;
  return found.length > 0 || results.some(({ bad }) => bad) ? 1 : 0;
};

export const replayCommand: Command = {
  name: 'replay',
  help,
  run,
};
