import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { dayMs, minuteMs } from '../../shared/model/duration.ts';
import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import { parseTime } from '../../shared/model/time.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { type InventoryInput, inventoryOf } from '../backtest/inventory.ts';
import { summaryLine } from '../backtest/lines.ts';
import { usualWindow } from '../backtest/order.ts';
import type { runPlan } from '../backtest/plan.ts';
import { assumptionsOf, renderText } from '../backtest/render.ts';
import { maxReported, reportOf } from '../backtest/report.ts';
import type { Session } from '../backtest/session.ts';
import { IncompatibleStateError, runOf } from '../backtest/state.ts';
import { runInThread } from '../backtest/thread.ts';
import { filesOf } from '../input/files.ts';
import { reasonOf } from '../input/items.ts';
import { writeReport } from '../report/index.ts';
import { interruptedCode, interruptedLine } from '../terminal/interrupt.ts';
import { progressOn } from '../terminal/progress.ts';
import { createStyle, plain } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { checkReport, contentOf, policyFrom } from './options.ts';

const help = `Usage: selfheal backtest [FILE|DIR|-]… [options]

Shows what selfheal would have done with a history, without any change: how many incidents, which it would have treated without a
person, which would have paged people, what each guard would have held. With --against, it compares two policies.

Reads events in any envelope, one per file, one per line or concatenated, and the output of aws sqs receive-message; alarm history and
definitions, as aws cloudwatch describe-alarm-history and describe-alarms print them; CloudTrail's files; with or without gzip.
It reads a folder with its subfolders, ordered by name, and merges several names by time. It makes assumptions about what a history
doesn't contain; docs/backtest.md lists them.

  --policy FILE      the policy, as YAML or JSON (default: the default policy)
  --against FILE     another policy to compare with it
  --from T, --to T   only events from T on, and before T: 2026-11-01 or 2026-11-01T12:00:00Z
  --opted-in WHO     all (default), none, or a file: ids, tags by id, or what aws ec2 describe-instances prints
  --heals-after MIN  the assumed duration of a treatment (default 10 minutes)
  --window N         how many facts to buffer to sort them by time (default ${usualWindow})
  --account          read alarm history and calls from the account that the environment names; read-only calls
  --state FILE       save progress here; an interrupted run resumes with the same result
  --report FILE      write a page for the browser (HTML)
  --force            replace a file that is not a report, and the state of another run
  --json             one line per incident (with --against: per incident that ends differently), then a summary
  --differences N    how many differences to show (default 10)

Exit code: 0 it ran; 1 some of the input could not be read; 2 it could not run; 130 it was interrupted: it has
saved its state, or without one shows what it knows until then.

Examples:
  selfheal backtest events/
  selfheal backtest archive.jsonl.gz --against stricter.json
  selfheal backtest alarms.json history.json trail/ --from 2026-11-01 --report month.html
  AWS_PROFILE=prod selfheal backtest --account
`;

/** Milliseconds between two savings of the state, and between two words of progress. */
const saveEvery = 10_000;
const progressEvery = 100;

const timeOf = (name: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  const at = parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === null) throw new UsageError(`--${name} must be a time such as 2026-11-01 or 2026-11-01T12:00:00Z, not ${JSON.stringify(text)}`);
  return at;
};

const numberOf = (name: string, text: string | undefined, least: number, most: number, otherwise: number): number => {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
};

const optedIn = async (who: string): Promise<InventoryInput> => {
  if (who === 'all' || who === 'none') return who;
  return { content: await contentOf(`--opted-in ${who}`, who), name: who };
};

const legible = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new UsageError(errorMessage(error));
  }
};

const filesIn = async (names: readonly string[]): Promise<string[][]> =>
  Promise.all(
    names.map(async (name) => {
      try {
        return await filesOf(name);
      } catch (error) {
        throw new UsageError(`${name}: ${reasonOf(error)}`);
      }
    }),
  );

/** Size and time of change of each file: another content is another run. */
const printsOf = (files: readonly (readonly string[])[]) =>
  Promise.all(
    files.flat().map(async (file) => {
      if (file === '-') return [file, 0, 0] as const;
      const { size, mtimeMs } = await stat(file);
      return [file, size, mtimeMs] as const;
    }),
  );

/** CloudWatch keeps an alarm's history for 30 days: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
const historyDays = 30;

const accountSpan = (from: number, to: number, now: number): { from: number; to: number } => {
  const span = { from: Math.max(from, now - historyDays * dayMs), to: Math.min(to, now) };
  if (span.from >= span.to)
    throw new UsageError(`an account keeps ${historyDays} days of alarm history, none of it from the requested time`);
  return span;
};

const options = {
  policy: { type: 'string' },
  against: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'opted-in': { type: 'string', default: 'all' },
  'heals-after': { type: 'string' },
  window: { type: 'string' },
  differences: { type: 'string' },
  account: { type: 'boolean', default: false },
  state: { type: 'string' },
  report: { type: 'string' },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/**
 * Reads, runs and prints.
 * @throws {UsageError} for errors that the user can fix
 */
const backtest = async (args: string[], io: Io, carryOut: typeof runPlan): Promise<number> => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (positionals.length === 0 && !values.account) throw new UsageError('no input given; see selfheal backtest --help');
  const from = timeOf('from', values.from, Number.NEGATIVE_INFINITY);
  const to = timeOf('to', values.to, Number.POSITIVE_INFINITY);
  if (from >= to) throw new UsageError('--from must be before --to');
  const healsAfter = numberOf('heals-after', values['heals-after'], 1, 1440, 10) * minuteMs;
  const window = numberOf('window', values.window, 1, 1_000_000, usualWindow);
  const differences = numberOf('differences', values.differences, 0, 1000, 10);
  if (values.state !== undefined && (values.account || positionals.includes('-'))) {
    throw new UsageError('--state works with files only: stdin and an account cannot be read a second time');
  }
  await checkReport(values.report, values.force);

  const policy = (await policyFrom(values.policy)) ?? parsePolicy('');
  const other = (await policyFrom(values.against, 'against')) ?? null;
  const who = await optedIn(values['opted-in']);
  const inventory = legible(() => inventoryOf(who));
  const files = await filesIn(positionals);
  const empty = positionals.find((_name, index) => files[index]?.length === 0);
  if (empty !== undefined) throw new UsageError(`${empty}: it contains no event files`);
  const prints = await printsOf(files);
  const bytes = prints.reduce((sum, [, size]) => sum + size, 0);
  const account = values.account ? accountSpan(from, to, Date.now()) : null;
  const { state: path, json, report } = values;
  const run = runOf([
    prints,
    policy,
    other,
    values['opted-in'],
    inventory.told,
    from,
    to,
    healsAfter,
    window,
    differences,
    json,
    report ?? null,
  ]);
  const progress = progressOn(io.stderr);
  const stop = new SharedArrayBuffer(4);
  const interrupt = () => {
    Atomics.store(new Int32Array(stop), 0, 1);
  };
  process.once('SIGINT', interrupt);
  // Without a state there is nothing to save.
  if (path !== undefined) process.once('SIGTERM', interrupt);
  let session: Session;
  try {
    session = await carryOut(
      {
        files,
        account,
        engine: { policies: other ? [policy, other] : [policy], from, to, window, healsAfter },
        inventory: who,
        lines: json,
        keep: { shown: differences, reported: report === undefined ? 0 : maxReported },
        state: path === undefined ? null : { path, run, force: values.force },
        saveEvery,
        progressEvery,
        stop,
      },
      {
        stdin: io.stdin,
        write: (text) => io.stdout.write(text),
        onProgress: (read, newest) => {
          const share = bytes > 0 ? `${Math.min(99, Math.floor((read / bytes) * 100))} %, ` : '';
          progress.show(`${share}${newest === null ? 'reading' : new Date(newest).toISOString().slice(0, 16)}`);
        },
      },
    );
  } catch (error) {
    throw error instanceof IncompatibleStateError ? new UsageError(`${path}: ${error.message}`) : error;
  } finally {
    progress.clear();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }

  if (account) {
    const [first, last] = [account.from, account.to].map((at) => new Date(at).toISOString());
    io.stderr.write(
      `alarm history and calls from ${first} to ${last}; an EventBridge archive can't be read: docs/backtest.md says how to export one\n`,
    );
  }
  const { finished, result, shown, reported } = session;
  if (!finished && path !== undefined) {
    io.stderr.write(`selfheal backtest: interrupted; the same command resumes from ${path}\n`);
    if (json) io.stdout.write(interruptedLine({ state: path }));
    return interruptedCode;
  }
  const assumptions = assumptionsOf(inventory.told, healsAfter);
  const names = [values.policy ?? 'default policy', ...(other ? [values.against ?? ''] : [])].map((name, i) =>
    other ? `${'AB'[i]} ${name}` : name,
  );
  for (const { where, problem } of result.problems) io.stderr.write(`selfheal backtest: ${plain(where)}: ${plain(problem)}\n`);
  if (result.bad > result.problems.length)
    io.stderr.write(`selfheal backtest: and ${result.bad - result.problems.length} more that could not be read\n`);
  if (!finished) io.stderr.write('selfheal backtest: interrupted: the figures are those of what was read until then\n');
  if (json) io.stdout.write(summaryLine(result, assumptions, !finished));
  else io.stdout.write(renderText({ result, shown, names, assumptions }, createStyle(io.stdout, io.env)));
  if (report !== undefined) {
    await writeReport(
      report,
      reportOf({ result, cases: reported, names, assumptions }, `selfheal backtest ${args.join(' ')}`),
      values.force,
    );
    if (!json) io.stdout.write(`\nReport: ${plain(report)}\n`);
  }
  if (!finished) return interruptedCode;
  return result.bad > 0 ? 1 : 0;
};

/** The command, with the function that runs its plan. */
export const createBacktestCommand = (carryOut: typeof runPlan): Command => ({
  name: 'backtest',
  help,
  values: () => ({ '--opted-in': ['all', 'none'] }),
  run: (args, io) => backtest(args, io, carryOut),
});

export const backtestCommand = createBacktestCommand(runInThread);
