import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { conclude, introduce, stepLine } from '../gameday/tell.ts';
import { createPace } from '../replay/pace.ts';
import { compareRuns, ranOf, readRun } from '../report/against.ts';
import { commandLine, type HealthSample, writeReport } from '../report/index.ts';
import { createHealthRecorder } from '../report/recorder.ts';
import { tellAgainst } from '../terminal/against.ts';
import { interruptedCode, interruptible } from '../terminal/interrupt.ts';
import { outcomeLine } from '../terminal/outcome-line.ts';
import { progressOn } from '../terminal/progress.ts';
import { createStyle } from '../terminal/style.ts';
import { columns } from '../terminal/table.ts';
import { checkScenario } from '../worlds/check.ts';
import { findScenario, loadScenario, readBeside, scenarioNames } from '../worlds/library.ts';
import { namesOf, playScenario } from '../worlds/play.ts';
import type { Command, Io } from './command.ts';
import { checkReport, playOptions, policyFrom, wholeNumber } from './options.ts';

const help = `Usage: selfheal gameday SCENARIO [--json] [--seed N] [--policy FILE] [--against FILE] [--report FILE [--force]]
       selfheal gameday --list

Runs a scenario as a chaos experiment on the embedded local AWS, in simulated time: builds its fleet, checks that all is
well, injects its faults, watches what selfheal does, and compares that with the hypothesis. docs/gameday.md explains how to write a
scenario, and how to run the same experiment in a real account.

  SCENARIO       the name of a built-in scenario, or a file
  --list         list the built-in scenarios, with their subjects
  --json         one line of JSON: the verdict, each expectation, each outcome
  --seed N       the seed; another one varies the same scenario (default: the scenario's)
  --policy FILE  the policy, as YAML or JSON; the scenario's own policy is applied on top
  --against FILE compare with an earlier report or output of --json, incident by incident: what is different, in words, also in the report
  --report FILE  also write a page for the browser
  --force        replace a file that is not a report

Exit code: 0 the hypothesis holds; 1 it does not, or something differs from --against; 2 the experiment could not be run; 130 it was interrupted.

Examples:
  selfheal gameday hung-instance
  selfheal gameday zone-outage --seed 7 --report outage.html
  selfheal gameday zone-outage --policy stricter.yml --against outage.html
  selfheal gameday my-fleet.yml --policy production.json --json | jq .checks
`;

const list = (io: Io, json: boolean): number => {
  const rows = scenarioNames().map((name) => {
    const found = findScenario(name);
    const read = 'file' in found ? loadScenario(found.file) : { problems: [found.problem] };
    return { name, about: 'scenario' in read ? read.scenario.name : read.problems.join('; ') };
  });
  if (json) for (const row of rows) io.stdout.write(`${JSON.stringify(row)}\n`);
  else
    io.stdout.write(
      `${columns(
        rows.map(({ name, about }) => [name, about]),
        createStyle(io.stdout, io.env).width,
      )}\n`,
    );
  return 0;
};

/** With what the scenario calls the resource, which is the same with another seed. */
const named = (line: ReturnType<typeof outcomeLine>, names: ReadonlyMap<string, string>) => {
  const name = names.get(line.resource.id);
  return name === undefined ? line : { ...line, name };
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...playOptions,
      list: { type: 'boolean', default: false },
      report: { type: 'string' },
      against: { type: 'string' },
    },
  });
  if (values.list) return list(io, values.json);
  const [asked, ...more] = positionals;
  if (asked === undefined) throw new UsageError('no scenario given; --list lists them');
  if (more.length > 0) throw new UsageError('one scenario at a time');
  const found = findScenario(asked);
  if ('problem' in found) throw new UsageError(found.problem);
  const read = loadScenario(found.file);
  if ('problems' in read) throw new UsageError(read.problems.join('\n'));
  const { scenario } = read;
  const seed = wholeNumber('seed', values.seed) ?? scenario.seed;
  const policy = await policyFrom(values.policy);
  await checkReport(values.report, values.force);
  const earlier = values.against === undefined ? undefined : await readRun(values.against);

  const style = createStyle(io.stdout, io.env);
  const progress = progressOn(io.stderr);
  if (!values.json) io.stdout.write(`${introduce(scenario, style)}\n`);
  let recorder: { readonly samples: HealthSample[] } | undefined;
  const observation = await interruptible((signal) =>
    playScenario(scenario, {
      seed,
      ...(policy ? { policy } : {}),
      pace: createPace({
        interrupted: () => signal.aborted,
        onTime: (at) => progress.show(`${new Date(at).toISOString().slice(11, 16)} simulated`),
      }),
      readFile: readBeside(found.file),
      onHost: (host) => {
        recorder = createHealthRecorder(host);
      },
    }),
  );
  progress.clear();
  const { outcomes, done, began, unsteady, cutShort } = observation;
  const checks = checkScenario(scenario.expect, observation);
  const holds = !cutShort && checks.every((check) => check.holds);
  const verdict = cutShort ? 'interrupted' : holds ? 'holds' : 'does not hold';
  const names = namesOf(observation);
  const against = earlier && { with: values.against ?? '', comparison: compareRuns(earlier, ranOf(outcomes, names)) };
  if (values.json) {
    const { name, hypothesis } = scenario;
    const steps = done.map(({ at, step, error }) => ({ at: new Date(at).toISOString(), do: step.do, error }));
    io.stdout.write(
      `${JSON.stringify({ scenario: name, hypothesis, seed, verdict, ...(cutShort ? { interrupted: true } : {}), checks, steps, outcomes: outcomes.map((outcome) => named(outcomeLine(outcome), names)) })}\n`,
    );
  } else io.stdout.write(`${conclude(observation, checks, style)}\n`);
  if (against) (values.json ? io.stderr : io.stdout).write(`${tellAgainst(against, style)}\n`);
  if (values.report !== undefined) {
    await writeReport(
      values.report,
      {
        title: `Game day: ${scenario.name}`,
        command: commandLine('gameday', args),
        outcomes,
        health: recorder?.samples ?? [],
        names,
        ...(against ? { against } : {}),
        notes: [
          `Hypothesis: ${scenario.hypothesis}`,
          `Verdict: the hypothesis ${verdict === 'interrupted' ? 'was not tested to the end' : verdict}.`,
        ],
        tables: [
          { title: 'Injection', columns: ['what'], rows: done.map((one) => [stepLine(one, began)]) },
          {
            title: 'Expectations',
            columns: ['expectation', 'holds', 'seen'],
            // What failed first.
            rows: checks
              .toSorted((a, b) => Number(a.holds) - Number(b.holds))
              .map((check) => [check.text, check.holds ? '✓ yes' : '✗ no', check.seen]),
          },
        ],
      },
      values.force,
    );
  }
  if (cutShort) return interruptedCode;
  if (unsteady.length > 0) {
    io.stderr.write(
      `selfheal gameday: the steady state did not hold before the injection, so nothing was injected: ${unsteady.join('; ')}\n`,
    );
    return 2;
  }
  return holds && (against?.comparison.changes.length ?? 0) === 0 ? 0 : 1;
};

export const gamedayCommand: Command = {
  name: 'gameday',
  help,
  names: scenarioNames,
  takesFiles: true,
  run,
};
