import { parseArgs } from 'node:util';
import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import { writeRefusal, writeWhole } from '../own-file.ts';
import { changedSettings } from '../policy/diff.ts';
import { readRun } from '../report/against.ts';
import { commandLine } from '../report/index.ts';
import { type DrawOptions, drawScenario, kinds } from '../simulate/draw.ts';
import { type HarmTally, harmBudget, isBeyond, isWithinBudget, minBetter } from '../simulate/harm.ts';
import { play, type Summary } from '../simulate/pool.ts';
import { openRecord } from '../simulate/record.ts';
import { createSimulationReport } from '../simulate/report.ts';
import { playWorld, type Run, shrink } from '../simulate/run.ts';
import { sabotages } from '../simulate/sabotage.ts';
import { addTo, newTally, violationsIn } from '../simulate/tally.ts';
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

const help = `Usage: selfheal simulate [--seeds N] [--seed N] [--minutes N] [--scenario S] [--sabotage NAME] [--policy FILE] [--harm] [--json]
                         [--trace] [--resume FILE] [--report FILE] [--against FILE] [--write FILE] [--force]

Plays seeded worlds in which everything goes wrong at once: instances hang, hosts fail, load comes and goes, zones go dark, people stop
and start things, events come twice, late or not at all, APIs throttle and lose answers, processes die between any two steps and inside
calls. After every call an independent observer checks selfheal's promises against the true state of the world.

  --seeds N        play N worlds, from seed 1 on (default 100)
  --seed N         play only this world
  --minutes N      simulated minutes in which things break (default 120)
  --scenario S     only worlds of one kind: ${kinds.join(', ')}
  --sabotage NAME  break one protection on purpose; exit code 1 means that the observer noticed; "list" lists them
  --policy FILE    the policy of the simulated deployments, as YAML or JSON; a world has settings of its own where it leaves the default
  --harm           users send requests, and each world is played once more without selfheal: how many fail for what it does, and for
                   what it doesn't; most worlds are then of the kind serving, where none is asked for
  --json           one summary line at the end, and nothing else on stdout
  --trace          with --seed: print the whole history
  --write FILE     also write the world as a scenario for selfheal gameday: the shortest one that breaks a promise, or else the
                   one of --seed
  --resume FILE    keep in FILE what has been played, and go on from there: only seeds that are not in it are played, and the end sums
                   all parts; refused for a file of other options or another commit
  --report FILE    also write a page for the browser: one HTML file with charts and each incident's timeline
  --against FILE   compare with an earlier report, incident by incident: what is different, in words, also in the new report
  --force          replace a file that is not a report, and an existing file at --write

Exit code 0 if every promise was kept, 1 if not or if something differs from --against, 2 if it could not run, 130 if it was interrupted. With --harm also 1 if a world is worse
with selfheal by more than ${100 * harmBudget} % of its requests, or differs though nothing was done, or if, from ${minBetter.worlds} worlds with actions on, fewer than
${100 * minBetter.share} % of them are better. For a violation, it prints the shortest history that still
leads to it.

Examples:
  selfheal simulate --seeds 1000
  selfheal simulate --seed 42 --trace
  selfheal simulate --seeds 200 --sabotage no-lease
  selfheal simulate --seeds 100 --harm
  selfheal simulate --seeds 100000 --resume record.json
  selfheal simulate --seeds 20 --report chaos.html
  selfheal simulate --seeds 20 --policy policy.yml --against chaos.html
  selfheal simulate --seeds 30 --policy policy.yml
  selfheal simulate --seed 42 --write world.yml && selfheal gameday world.yml
`;

/** How often a record is written while worlds are played, in seconds. */
const saveEverySeconds = 5;

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

/** The shortest scenario that still shows what is wrong, and how it does; `steps` is how many the whole one has. */
type Shortest = { scenario: WrittenScenario; steps: number; shows: string; history: Run['history'] };

const shortestOf = async (seed: number, violation: Violation, options: DrawOptions, sabotage: string | undefined): Promise<Shortest> => {
  const whole = drawScenario(seed, options);
  const breaks = ({ promise }: Violation) => promise === violation.promise;
  const { scenario, run } = await shrink(whole, ({ violations }) => violations.some(breaks), {
    sabotage: sabotage === undefined ? undefined : sabotages[sabotage],
  });
  const history = relevant(run.history, run.violations.find(breaks) ?? violation);
  return { scenario, steps: whole.timeline.length, shows: `breaks: ${promises[violation.promise]}`, history };
};

/** The same of a world in which users fare worse with selfheal than without. */
const shortestHarm = async (seed: number, options: DrawOptions): Promise<Shortest> => {
  const whole = drawScenario(seed, options);
  const { scenario, run } = await shrink(whole, ({ harm }) => harm !== undefined && isBeyond(harm), { harm: true });
  const { total = 0, failed = 0, without = 0 } = run.harm ?? {};
  const shows = `costs users: ${failed} of ${total} requests fail, ${without} without selfheal`;
  return { scenario, steps: whole.timeline.length, shows, history: run.history };
};

const explain = (io: Io, { scenario, steps, shows, history }: Shortest, style: Style): void => {
  io.stdout.write(`\nThe shortest history that ${shows} (${scenario.timeline.length} of ${steps} steps):\n`);
  tell(io, history, style);
};

const percent = (share: number): string => `${Math.round(share * 10_000) / 100} %`;

const tellHarm = (harm: HarmTally): string => {
  const { worlds, requests, failed, without, acted, better, equal, worse, beyond, differs, worst } = harm;
  return [
    `Of ${requests} users' requests in ${worlds} worlds ${failed} failed, and without selfheal ${without}.`,
    `It acted in ${acted}: ${better} better for it${acted > 0 ? ` (${percent(better / acted)})` : ''}, ${equal} equal, ${worse} worse,`,
    `${beyond} of them by more than ${percent(harmBudget)} of the requests${worst ? ` (seed ${worst.seed}: ${percent(worst.share)})` : ''}.`,
    `Where it did not act, ${differs} differ.`,
  ].join(' ');
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
  const about = [`Drawn by ${command}`, ...(shortest ? [`and cut down to what ${shortest.shows}`] : [])];
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
        harm: { type: 'boolean', default: false },
        resume: { type: 'string' },
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
    const alone = (['seed', 'sabotage', 'report', 'against', 'write'] as const).find((name) => values[name] !== undefined);
    if (values.resume !== undefined && alone) return refuse(`--resume can't be combined with --${alone}`);
    await checkReport(values.report, values.force);
    const refusal = values.write === undefined ? null : await worldRefusal(values.write, values.force);
    if (refusal !== null) return refuse(`--write: ${refusal}`);
    const earlier = values.against === undefined ? undefined : await readRun(values.against);
    const report = values.report === undefined && earlier === undefined ? undefined : createSimulationReport(commandLine('simulate', args));
    const style = createStyle(io.stdout, io.env);
    const policy = await policyFrom(values.policy);
    const options: DrawOptions = {
      minutes,
      ...(kind ? { kind } : {}),
      ...(policy ? { policy: changedSettings(policy) } : {}),
      ...(values.harm ? { harm: true } : {}),
    };
    const began = performance.now();
    const passed = () => Math.round((performance.now() - began) / 100) / 10;
    const fresh = newTally({ releases: kind === 'releases', harm: values.harm });
    const record = values.resume === undefined ? null : await openRecord(values.resume, options, fresh);
    const total = record?.tally ?? fresh;
    const progress = progressOn(io.stderr);
    const asked = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [one];
    const seeds = asked.filter((seed) => !record?.has(seed));
    let taken = 0;
    let savedAt = Number.NEGATIVE_INFINITY;

    const take = (run: Summary): boolean => {
      taken++;
      report?.take(run);
      addTo(total, run);
      record?.add(run.seed);
      if (passed() - savedAt >= saveEverySeconds) {
        savedAt = passed();
        record?.save(savedAt);
      }
      progress.show(
        `${total.seeds} of ${total.seeds - taken + seeds.length} worlds, ${total.incidents} incidents, ${total.actions} actions, ${total.broken.length} with violations`,
        taken / seeds.length,
      );
      // One proof that a sabotage is noticed is enough.
      return values.sabotage !== undefined && total.broken.length > 0;
    };
    const interrupted = await interruptible(async (signal) => {
      // What threads still say after an interruption is no longer heard.
      const hear = (run: Summary): boolean => signal.aborted || take(run);
      if (one === undefined) {
        if (seeds.length > 0)
          await unlessInterrupted(play({ seeds, options, sabotage: values.sabotage, report: report !== undefined }, hear), signal);
        return signal.aborted;
      }
      const sabotage = values.sabotage === undefined ? undefined : sabotages[values.sabotage];
      const run = await unlessInterrupted(
        playWorld(drawScenario(one, options), { sabotage, report: report !== undefined, harm: values.harm }),
        signal,
      );
      if (run === null) return true;
      take(run);
      if (values.trace && !values.json) tell(io, run.history, style);
      return false;
    });
    progress.clear();
    const comparison = earlier && report?.compare(earlier);
    const against = comparison && { with: values.against ?? '', comparison };
    if (values.report !== undefined) await report?.write(values.report, values.force, against);
    await record?.close(passed());
    const { decided, harm } = total;
    const broken = total.broken.toSorted((a, b) => a.seed - b.seed);
    const [first] = broken;
    const [worst] = first?.violations ?? [];
    const [costly] = harm?.seeds.toSorted((a, b) => a - b) ?? [];
    const explains = !interrupted && (values.write !== undefined || !(values.json || values.trace));
    const find = async (): Promise<Shortest | null> => {
      if (first && worst) return await shortestOf(first.seed, worst, options, values.sabotage);
      return costly === undefined ? null : await shortestHarm(costly, options);
    };
    const shortest = explains ? await find() : null;
    const written = await writeWorld(
      interrupted ? undefined : values.write,
      values.force,
      shortest,
      one === undefined ? null : drawScenario(one, options),
      commandLine('simulate', args),
    );
    const violations = violationsIn(total);
    const seconds = Math.round(((record?.seconds ?? 0) + passed()) * 10) / 10;
    const isBad = violations > 0 || (comparison?.changes.length ?? 0) > 0 || (harm !== undefined && !isWithinBudget(harm));
    const code = interrupted ? interruptedCode : isBad ? 1 : 0;
    if (values.json) {
      const { broken: _, ...known } = total;
      const summary = { ...known, violations, seconds };
      io.stdout.write(interrupted ? interruptedLine(summary) : `${JSON.stringify(summary)}\n`);
      if (against) io.stderr.write(`${tellAgainst(against, style)}\n`);
      return code;
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
    if (harm) io.stdout.write(`\n${style.wrap(tellHarm(harm))}`);
    io.stdout.write(
      violations === 0
        ? `\n${interrupted ? style.warn('Interrupted: every promise was kept until then.') : style.good('Every promise was kept.')}\n`
        : `\n${style.bad(`${violations} violations in ${broken.length} worlds.`)}\n`,
    );
    if (against) io.stdout.write(`${tellAgainst(against, style)}\n`);
    if (written !== null) io.stdout.write(`${written}\n`);
    else if (shortest) io.stdout.write('--write FILE writes that as a scenario, which selfheal gameday plays.\n');
    if (values.report !== undefined) io.stdout.write(`The report is in ${values.report}.\n`);
    if (interrupted)
      io.stderr.write(
        `selfheal simulate: interrupted after ${taken} of ${seeds.length} worlds${record ? `; --resume ${values.resume} goes on from there` : ''}\n`,
      );
    return code;
  },
};
