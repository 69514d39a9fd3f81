import { parseArgs } from 'node:util';
import { commandLine, reportRefusal } from '../report/index.ts';
import { play, type Summary } from '../simulate/pool.ts';
import { promises, type Violation } from '../simulate/promises.ts';
import { createSimulationReport } from '../simulate/report.ts';
import { playScene, sceneOf, shrink } from '../simulate/run.ts';
import { sabotages } from '../simulate/sabotage.ts';
import { type Scenario, scenarios } from '../simulate/schedule.ts';
import type { Command, Io } from './command.ts';
import { progressOn } from './progress.ts';
import { createStyle, type Style } from './style.ts';
import { columns } from './table.ts';

const help = `Usage: selfheal simulate [--seeds N] [--seed N] [--minutes N] [--scenario S] [--sabotage NAME] [--json] [--trace] [--report FILE]

Plays seeded worlds in which everything goes wrong at once: instances hang, hosts fail, load comes and goes, zones go dark, people stop
and start things, events come twice, late or not at all, APIs throttle and lose answers, processes die between any two steps and inside
calls. After every call an observer that trusts nobody checks selfheal's promises against the true state of the world.

  --seeds N        so many worlds, from seed 1 on (default 100)
  --seed N         this one world alone
  --minutes N      simulated minutes in which things break (default 120)
  --scenario S     only worlds of one kind: ${scenarios.join(', ')}
  --sabotage NAME  break one protection on purpose; exit code 1 means that it was noticed; "list" lists them
  --json           one summary line last, and nothing else on stdout
  --trace          with --seed: the whole history
  --report FILE    also write what happened as a page for the browser: one HTML file with charts and each incident's timeline

Exit code 0 if every promise was kept, 1 if not, 2 if it could not run. A violation is shown with the shortest history that still
leads to it.

Examples:
  selfheal simulate --seeds 1000
  selfheal simulate --seed 42 --trace
  selfheal simulate --seeds 200 --sabotage no-lease
  selfheal simulate --seeds 20 --report chaos.html
`;

const whole = (name: string, text: string | undefined, least: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`--${name} must be a whole number from ${least} on, not ${JSON.stringify(text)}`);
  return value;
};

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

const showViolation = (seed: number, { promise, at, resource, text }: Violation, style: Style): string =>
  style
    .wrap(`broken: ${promises[promise]} (${promise}). Seed ${seed}, ${clock(at)}, ${resource}: ${text}`, 2)
    .replace('broken', style.bad('broken'));

/** What a reader needs of a history: what was done to the world, and what concerns the resource. */
const relevant = (history: { at: number; text: string }[], { resource, at }: Violation) =>
  history.filter((entry) => entry.at <= at && (entry.text.startsWith('{') || entry.text.includes(resource)));

const tell = (io: Io, history: { at: number; text: string }[], style: Style) => {
  for (const { at, text } of history) io.stdout.write(`${style.wrap(text, 12, `  ${clock(at)}  `)}\n`);
};

const explainFirst = async (
  io: Io,
  seed: number,
  violation: Violation,
  options: { scenario?: Scenario; minutes: number },
  sabotage: string | undefined,
  style: Style,
) => {
  const { scene, run } = await shrink(sceneOf(seed, options), violation.promise, sabotage === undefined ? undefined : sabotages[sabotage]);
  const again = run.violations.find(({ promise }) => promise === violation.promise) ?? violation;
  io.stdout.write(
    `\nThe shortest history that shows it (${scene.happenings.length} of ${sceneOf(seed, options).happenings.length} happenings):\n`,
  );
  tell(io, relevant(run.history, again), style);
};

export const simulateCommand: Command = {
  name: 'simulate',
  help,
  names: () => [],
  run: async (args, io) => {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        scenario: { type: 'string' },
        sabotage: { type: 'string' },
        json: { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        report: { type: 'string' },
      },
    });
    const refuse = (text: string): number => {
      io.stderr.write(`selfheal simulate: ${text}\n`);
      return 2;
    };
    if (values.sabotage === 'list') {
      io.stdout.write(
        `${columns(
          Object.entries(sabotages).map(([name, { summary, breaks }]) => [name, summary, breaks.join(', ')]),
          io.stdout.columns ?? 120,
        )}\n`,
      );
      return 0;
    }
    if (values.sabotage !== undefined && !Object.hasOwn(sabotages, values.sabotage))
      return refuse(`there is no sabotage ${JSON.stringify(values.sabotage)}; --sabotage list lists them`);
    const scenario = scenarios.find((name) => name === values.scenario);
    if (values.scenario !== undefined && !scenario) return refuse(`--scenario must be one of ${scenarios.join(', ')}`);
    let one: number | undefined;
    let count: number;
    let minutes: number;
    try {
      one = whole('seed', values.seed, 0);
      count = whole('seeds', values.seeds, 1) ?? 100;
      minutes = whole('minutes', values.minutes, 5) ?? 120;
    } catch (error) {
      return refuse((error as Error).message);
    }
    if (values.trace && one === undefined) return refuse('--trace needs --seed');
    const refusal = values.report === undefined ? null : await reportRefusal(values.report);
    if (refusal !== null) return refuse(`--report: ${refusal}`);
    const report = values.report === undefined ? undefined : createSimulationReport(values.report, commandLine('simulate', args));
    const style = createStyle(io.stdout, io.env);
    const options = { minutes, ...(scenario ? { scenario } : {}) };
    const began = performance.now();
    const total: Omit<Summary, 'seed' | 'violations'> & { seeds: number } = { seeds: 0, incidents: 0, actions: 0, outcomes: {} };
    const broken: { seed: number; violations: Violation[] }[] = [];
    const progress = progressOn(io.stderr);
    const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [one];

    const take = (run: Summary): boolean => {
      total.seeds++;
      report?.take(run);
      total.incidents += run.incidents;
      total.actions += run.actions;
      for (const [status, n] of Object.entries(run.outcomes)) total.outcomes[status] = (total.outcomes[status] ?? 0) + n;
      if (run.violations.length > 0) broken.push({ seed: run.seed, violations: run.violations });
      progress.show(
        `${total.seeds} of ${seeds.length} worlds, ${total.incidents} incidents, ${total.actions} actions, ${broken.length} with violations`,
        total.seeds / seeds.length,
      );
      // One proof that a sabotage is noticed is enough.
      return values.sabotage !== undefined && broken.length > 0;
    };
    if (one === undefined) await play({ seeds, options, sabotage: values.sabotage, report: report !== undefined }, take);
    else {
      const run = await playScene(
        sceneOf(one, options),
        values.sabotage === undefined ? undefined : sabotages[values.sabotage],
        report !== undefined,
      );
      take(run);
      if (values.trace && !values.json) tell(io, run.history, style);
    }
    progress.clear();
    await report?.write();
    const violations = broken.reduce((sum, run) => sum + run.violations.length, 0);
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    if (values.json) {
      io.stdout.write(`${JSON.stringify({ ...total, violations, seconds })}\n`);
      return violations > 0 ? 1 : 0;
    }
    for (const { seed, violations: found } of broken.slice(0, 10))
      for (const violation of found.slice(0, 3)) io.stdout.write(`${showViolation(seed, violation, style)}\n`);
    const [first] = broken;
    const [worst] = first?.violations ?? [];
    if (first && worst && !values.trace) await explainFirst(io, first.seed, worst, options, values.sabotage, style);
    const outcomes = Object.entries(total.outcomes).map(([status, n]) => `${n} ${status}`);
    io.stdout.write(
      style.wrap(
        `${total.seeds} worlds, ${total.incidents} incidents, ${total.actions} actions in ${seconds} s: ${outcomes.join(', ') || 'no outcomes'}.`,
      ),
    );
    io.stdout.write(
      violations === 0
        ? `\n${style.good('Every promise was kept.')}\n`
        : `\n${style.bad(`${violations} violations in ${broken.length} worlds.`)}\n`,
    );
    if (values.report !== undefined) io.stdout.write(`The report is in ${values.report}.\n`);
    return violations > 0 ? 1 : 0;
  },
};
