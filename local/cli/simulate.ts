import { parseArgs } from 'node:util';
import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import { writeRefusal, writeWhole } from '../own-file.ts';
import { changedSettings } from '../policy/diff.ts';
import { readRun } from '../report/against.ts';
import { commandLine } from '../report/index.ts';
import { type DrawOptions, drawScenario, kinds } from '../simulate/draw.ts';
import { play, type Summary } from '../simulate/pool.ts';
import { drawMix } from '../simulate/releases.ts';
import { createSimulationReport } from '../simulate/report.ts';
import { playWorld, type Run, shrink } from '../simulate/run.ts';
import { sabotages } from '../simulate/sabotage.ts';
import { tellAgainst } from '../terminal/against.ts';
import { interruptedCode, interruptedLine, interruptible, unlessInterrupted } from '../terminal/interrupt.ts';
import { progressOn } from '../terminal/progress.ts';
import { createStyle, type Style } from '../terminal/style.ts';
import { columns } from '../terminal/table.ts';
import { promises, type Violation } from '../worlds/promises.ts';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeScenario } from '../worlds/write.ts';
import type { Command, Io } from './command.ts';
import { checkReport, policyFrom } from './options.ts';

const help = `Usage: selfheal simulate [--seeds N] [--seed N] [--minutes N] [--scenario S] [--sabotage NAME] [--policy FILE] [--json] [--trace]
                         [--report FILE] [--against FILE] [--write FILE] [--force]

Plays seeded worlds in which everything goes wrong at once: instances hang, hosts fail, load comes and goes, zones go dark, people stop
and start things, events come twice, late or not at all, APIs throttle and lose answers, processes die between any two steps and inside
calls. After every call an independent observer checks selfheal's promises against the true state of the world.

  --seeds N        play N worlds, from seed 1 on (default 100)
  --seed N         play only this world
  --minutes N      simulated minutes in which things break (default 120)
  --scenario S     only worlds of one kind: ${kinds.join(', ')}
  --sabotage NAME  break one protection on purpose; exit code 1 means that the observer noticed; "list" lists them
  --policy FILE    the policy of the simulated deployments, as YAML or JSON; a world has settings of its own where it leaves the default
  --json           one summary line at the end, and nothing else on stdout
  --trace          with --seed: print the whole history
  --write FILE     also write the world as a scenario for selfheal gameday: the shortest one that breaks a promise, or else the
                   one of --seed
  --report FILE    also write a page for the browser: one HTML file with charts and each incident's timeline
  --against FILE   compare with an earlier report, incident by incident: what is different, in words, also in the new report
  --force          replace a file that is not a report, and an existing file at --write

Exit code 0 if every promise was kept, 1 if not or if something differs from --against, 2 if it could not run, 130 if it was interrupted. For a violation, it prints the shortest history that still
leads to it.

Examples:
  selfheal simulate --seeds 1000
  selfheal simulate --seed 42 --trace
  selfheal simulate --seeds 200 --sabotage no-lease
  selfheal simulate --seeds 20 --report chaos.html
  selfheal simulate --seeds 20 --policy policy.yml --against chaos.html
  selfheal simulate --seeds 30 --policy policy.yml
  selfheal simulate --seed 42 --write world.yml && selfheal gameday world.yml
`;

const whole = (name: string, text: string | undefined, least: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`--${name} must be a whole number, at least ${least}, not ${JSON.stringify(text)}`);
  return value;
};

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

const showViolation = (seed: number, { promise, at, resource, text }: Violation, style: Style): string =>
  style
    .wrap(`broken: ${promises[promise]} (${promise}). Seed ${seed}, ${clock(at)}, ${resource}: ${text}`, 2)
    .replace('broken', style.bad('broken'));

/** The relevant history of a violation: faults, and what concerns the resource. */
const relevant = (history: { at: number; text: string }[], { resource, at }: Violation) =>
  history.filter((entry) => entry.at <= at && (entry.text.startsWith('{') || entry.text.includes(resource)));

const tell = (io: Io, history: { at: number; text: string }[], style: Style) => {
  for (const { at, text } of history) io.stdout.write(`${style.wrap(text, 12, `  ${clock(at)}  `)}\n`);
};

/** The shortest scenario that still breaks the promise, and how it does; `steps` is how many the whole one has. */
type Shortest = { scenario: WrittenScenario; steps: number; violation: Violation; history: Run['history'] };

const shortestOf = async (seed: number, violation: Violation, options: DrawOptions, sabotage: string | undefined): Promise<Shortest> => {
  const whole = drawScenario(seed, options);
  const { scenario, run } = await shrink(whole, violation.promise, sabotage === undefined ? undefined : sabotages[sabotage]);
  const again = run.violations.find(({ promise }) => promise === violation.promise) ?? violation;
  return { scenario, steps: whole.timeline.length, violation: again, history: run.history };
};

const explain = (io: Io, { scenario, steps, violation, history }: Shortest, style: Style): void => {
  io.stdout.write(`\nThe shortest history that shows it (${scenario.timeline.length} of ${steps} steps):\n`);
  tell(io, relevant(history, violation), style);
};

/** Writes what was asked for, and says what it is; null where nothing was asked for. */
/** A scenario may be hand-written: never replace one without `--force`. */
const worldRefusal = (file: string, force: boolean): Promise<string | null> => writeRefusal(file, force, () => false);

const writeWorld = async (
  file: string | undefined,
  force: boolean,
  shortest: Shortest | null,
  drawn: WrittenScenario | null,
  command: string,
): Promise<string | null> => {
  if (file === undefined) return null;
  const scenario = shortest?.scenario ?? drawn;
  if (!scenario) return `Nothing was written to ${file}: no promise was broken.`;
  const about = [`Drawn by ${command}`, ...(shortest ? [`and cut down to what breaks: ${promises[shortest.violation.promise]}`] : [])];
  const taken = await worldRefusal(file, force);
  if (taken !== null) throw new UsageError(`--write: ${taken}`);
  await writeWhole({ [file]: writeScenario(scenario, about) });
  return `The world is in ${file}; selfheal gameday ${file} plays it.`;
};

export const simulateCommand: Command = {
  name: 'simulate',
  help,
  names: () => [],
  values: () => ({ '--sabotage': ['list', ...Object.keys(sabotages)], '--scenario': kinds }),
  run: async (args, io) => {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        scenario: { type: 'string' },
        sabotage: { type: 'string' },
        policy: { type: 'string' },
        json: { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        report: { type: 'string' },
        against: { type: 'string' },
        force: { type: 'boolean', default: false },
        write: { type: 'string' },
      },
    });
    const refuse = (text: string): number => {
      io.stderr.write(`selfheal simulate: ${text}\n`);
      return 2;
    };
    if (values.sabotage === 'list') {
      const { width, wrap } = createStyle(io.stdout, io.env);
      const rows = Object.entries(sabotages).map(([name, { summary, breaks }]) => [name, summary, breaks.join(', ')] as const);
      const told = Number.isFinite(width)
        ? rows.map(([name, summary, breaks]) => wrap(`${summary} (${breaks})`, 2, `${name}: `)).join('\n')
        : columns(rows, width);
      io.stdout.write(`${told}\n`);
      return 0;
    }
    if (values.sabotage !== undefined && !Object.hasOwn(sabotages, values.sabotage))
      return refuse(`there is no sabotage ${JSON.stringify(values.sabotage)}; --sabotage list lists them`);
    const kind = kinds.find((name) => name === values.scenario);
    if (values.scenario !== undefined && !kind) return refuse(`--scenario must be one of ${kinds.join(', ')}`);
    let one: number | undefined;
    let count: number;
    let minutes: number;
    try {
      one = whole('seed', values.seed, 0);
      count = whole('seeds', values.seeds, 1) ?? 100;
      minutes = whole('minutes', values.minutes, 5) ?? 120;
    } catch (error) {
      return refuse(errorMessage(error));
    }
    if (values.trace && one === undefined) return refuse('--trace needs --seed');
    await checkReport(values.report, values.force);
    const taken = values.write === undefined ? null : await worldRefusal(values.write, values.force);
    if (taken !== null) return refuse(`--write: ${taken}`);
    const earlier = values.against === undefined ? undefined : await readRun(values.against);
    const report = values.report === undefined && earlier === undefined ? undefined : createSimulationReport(commandLine('simulate', args));
    const style = createStyle(io.stdout, io.env);
    const policy = await policyFrom(values.policy);
    const options = { minutes, ...(kind ? { kind } : {}), ...(policy ? { policy: changedSettings(policy) } : {}) };
    const began = performance.now();
    const total: Omit<Summary, 'seed' | 'violations' | 'rollbacks'> & { seeds: number } = {
      seeds: 0,
      incidents: 0,
      actions: 0,
      outcomes: {},
    };
    /** Of worlds of releases: whether a rollback was done where it helps, and only there. */
    const decided: { right: number; wrong: number[] } | null = kind === 'releases' ? { right: 0, wrong: [] } : null;
    const broken: { seed: number; violations: Violation[] }[] = [];
    const progress = progressOn(io.stderr);
    const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [one];

    const take = (run: Summary): boolean => {
      total.seeds++;
      report?.take(run);
      total.incidents += run.incidents;
      total.actions += run.actions;
      for (const [status, n] of Object.entries(run.outcomes)) total.outcomes[status] = (total.outcomes[status] ?? 0) + n;
      if (decided && run.rollbacks === (drawMix(run.seed).rollBack ? 1 : 0)) decided.right++;
      else decided?.wrong.push(run.seed);
      if (run.violations.length > 0) broken.push({ seed: run.seed, violations: run.violations });
      progress.show(
        `${total.seeds} of ${seeds.length} worlds, ${total.incidents} incidents, ${total.actions} actions, ${broken.length} with violations`,
        total.seeds / seeds.length,
      );
      // One proof that a sabotage is noticed is enough.
      return values.sabotage !== undefined && broken.length > 0;
    };
    const interrupted = await interruptible(async (signal) => {
      // What threads still say after an interruption is no longer heard.
      const hear = (run: Summary): boolean => signal.aborted || take(run);
      if (one === undefined) {
        await unlessInterrupted(play({ seeds, options, sabotage: values.sabotage, report: report !== undefined }, hear), signal);
        return signal.aborted;
      }
      const sabotage = values.sabotage === undefined ? undefined : sabotages[values.sabotage];
      const run = await unlessInterrupted(playWorld(drawScenario(one, options), sabotage, report !== undefined), signal);
      if (run === null) return true;
      take(run);
      if (values.trace && !values.json) tell(io, run.history, style);
      return false;
    });
    progress.clear();
    const comparison = earlier && report?.compare(earlier);
    const against = comparison && { with: values.against ?? '', comparison };
    if (values.report !== undefined) await report?.write(values.report, values.force, against);
    const isBad = () => violations > 0 || (comparison !== undefined && comparison.changes.length > 0);
    const [first] = broken;
    const [worst] = first?.violations ?? [];
    const shortest =
      first && worst && !interrupted && (values.write !== undefined || !(values.json || values.trace))
        ? await shortestOf(first.seed, worst, options, values.sabotage)
        : null;
    const written = await writeWorld(
      interrupted ? undefined : values.write,
      values.force,
      shortest,
      one === undefined ? null : drawScenario(one, options),
      commandLine('simulate', args),
    );
    const violations = broken.reduce((sum, run) => sum + run.violations.length, 0);
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    if (values.json) {
      const summary = { ...total, ...(decided ? { decided } : {}), violations, seconds };
      io.stdout.write(interrupted ? interruptedLine(summary) : `${JSON.stringify(summary)}\n`);
      if (against) io.stderr.write(`${tellAgainst(against, style)}\n`);
      return interrupted ? interruptedCode : isBad() ? 1 : 0;
    }
    for (const { seed, violations: found } of broken.slice(0, 10))
      for (const violation of found.slice(0, 3)) io.stdout.write(`${showViolation(seed, violation, style)}\n`);
    if (shortest && !values.trace) explain(io, shortest, style);
    const outcomes = Object.entries(total.outcomes).map(([status, n]) => `${n} ${status}`);
    io.stdout.write(
      style.wrap(
        `${total.seeds} worlds, ${total.incidents} incidents, ${total.actions} actions in ${seconds} s: ${outcomes.join(', ') || 'no outcomes'}.`,
      ),
    );
    if (decided) {
      const { right, wrong } = decided;
      const seeds = wrong.length > 0 ? `, and not with the seeds ${wrong.slice(0, 20).join(', ')}` : '';
      io.stdout.write(`\n${style.wrap(`Rolled back where that helps, and nowhere else, in ${right} worlds${seeds}.`)}`);
    }
    io.stdout.write(
      violations === 0
        ? `\n${interrupted ? style.warn('Interrupted: every promise was kept until then.') : style.good('Every promise was kept.')}\n`
        : `\n${style.bad(`${violations} violations in ${broken.length} worlds.`)}\n`,
    );
    if (against) io.stdout.write(`${tellAgainst(against, style)}\n`);
    if (written !== null) io.stdout.write(`${written}\n`);
    else if (shortest) io.stdout.write('--write FILE writes that as a scenario, which selfheal gameday plays.\n');
    if (values.report !== undefined) io.stdout.write(`The report is in ${values.report}.\n`);
    if (interrupted) io.stderr.write(`selfheal simulate: interrupted after ${total.seeds} of ${seeds.length} worlds\n`);
    return interrupted ? interruptedCode : isBad() ? 1 : 0;
  },
};
