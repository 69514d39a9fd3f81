import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { createPace } from '../replay/pace.ts';
import { compareRuns, ranOf, readRun } from '../report/against.ts';
import { commandLine, type HealthSample, writeReport } from '../report/index.ts';
import { createHealthRecorder } from '../report/recorder.ts';
import { tellAgainst } from '../terminal/against.ts';
import { interruptedCode, interruptedLine, interruptible } from '../terminal/interrupt.ts';
import { outcomeLine } from '../terminal/outcome-line.ts';
import { progressOn } from '../terminal/progress.ts';
import { storyOf } from '../terminal/story.ts';
import { createStyle } from '../terminal/style.ts';
import { outcomeTable } from '../terminal/table.ts';
import { checkScenario } from '../worlds/check.ts';
import { findScenario, loadScenario } from '../worlds/library.ts';
import { namesOf, playScenario } from '../worlds/play.ts';
import type { Scenario } from '../worlds/schema.ts';
import type { Command } from './command.ts';
import { checkReport, wholeNumber } from './options.ts';

const help = `Usage: selfheal demo [--seed N] [--json] [--against FILE] [--report FILE [--force]]

Breaks four things on an embedded local AWS and lets selfheal heal them, in simulated time: a lone instance whose kernel hangs, a
group's member on a failed host, a group under more load than it can carry, and an instance that no rung can heal. API calls are
throttled meanwhile. Needs no account, no credentials and no network.

  --seed N       the seed; another one varies the same incidents (default 1)
  --json         one outcome per line, and nothing else on stdout
  --against FILE compare with an earlier report or output of --json: what is different, in words
  --report FILE  also write a page for the browser: one HTML file with charts and each incident's timeline
  --force        replace a file that is not a report

Exit code 0 if every incident ended as expected, 1 if not or if something differs from --against, 2 if the demo could not run.

Examples:
  selfheal demo
  selfheal demo --json | jq .status
  selfheal demo --report demo.html
`;

/** The demo is a scenario like others; this is its name. */
const demo = (): Scenario => {
  const found = findScenario('demo');
  const read = 'file' in found ? loadScenario(found.file) : { problems: [found.problem] };
  if ('problems' in read) throw new UsageError(read.problems.join('\n'));
  return read.scenario;
};

export const demoCommand: Command = {
  name: 'demo',
  help,
  names: () => [],
  run: async (args, io) => {
    const { values } = parseArgs({
      args,
      options: {
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        report: { type: 'string' },
        against: { type: 'string' },
        force: { type: 'boolean', default: false },
      },
    });
    const seed = wholeNumber('seed', values.seed);
    await checkReport(values.report, values.force);
    const earlier = values.against === undefined ? undefined : await readRun(values.against);
    const style = createStyle(io.stdout, io.env);
    const progress = progressOn(io.stderr);
    const say = (text: string) => {
      if (values.json) return;
      progress.clear();
      io.stdout.write(`${text}\n`);
    };
    const scenario = demo();
    const { expect, timeline } = scenario;
    let over = 0;
    let recorder: { readonly samples: HealthSample[] } | undefined;
    const observation = await interruptible((signal) =>
      playScenario(scenario, {
        ...(seed === undefined ? {} : { seed }),
        pace: createPace({
          interrupted: () => signal.aborted,
          onTime: (at) =>
            progress.show(`${new Date(at).toISOString().slice(11, 16)} simulated, ${over} of ${expect.outcomes.length} incidents over`),
        }),
        onReady: (host, says) => {
          recorder = createHealthRecorder(host);
          const lines = timeline.flatMap(({ note }) => (note === undefined ? [] : [style.wrap(`- ${says(note)}`, 2)]));
          const fleet = 'An embedded AWS: two lone instances and two Auto Scaling groups, with their alarms. Now:';
          say([style.wrap(fleet), ...lines].join('\n'));
        },
        onOutcome: (outcome) => {
          if (!outcome.quiet) over++;
          if (values.json) io.stdout.write(`${JSON.stringify(outcomeLine(outcome))}\n`);
          else say(`\n${storyOf(outcome, style)}`);
        },
      }),
    );
    const { outcomes, cutShort } = observation;
    const unexpected = cutShort
      ? []
      : checkScenario(expect, observation).flatMap(({ text, holds, seen }) => (holds ? [] : [`${text}; seen: ${seen}`]));
    progress.clear();
    if (!values.json) {
      say(
        `\n${outcomeTable(
          outcomes.filter(({ quiet }) => !quiet),
          style,
        )}\n`,
      );
      say(
        cutShort
          ? style.warn(`Interrupted: ${over} of ${expect.outcomes.length} incidents had ended.`)
          : unexpected.length === 0
            ? style.good(`All ${expect.outcomes.length} incidents ended as expected.`)
            : style.bad(`Not as expected:\n${unexpected.map((line) => `  ${line}`).join('\n')}`),
      );
    } else for (const line of unexpected) io.stderr.write(`selfheal demo: ${line}\n`);
    const names = namesOf(observation);
    const against = earlier && { with: values.against ?? '', comparison: compareRuns(earlier, ranOf(outcomes, names)) };
    if (against) (values.json ? io.stderr : io.stdout).write(`${tellAgainst(against, style)}\n`);
    if (values.report !== undefined) {
      await writeReport(
        values.report,
        {
          title: scenario.name,
          command: commandLine('demo', args),
          outcomes,
          health: recorder?.samples ?? [],
          names,
          ...(against ? { against } : {}),
          notes: ['Everything here happened on an embedded AWS, in simulated time.', ...unexpected],
        },
        values.force,
      );
      say(`The report is in ${values.report}.`);
    }
    if (cutShort && values.json) io.stdout.write(interruptedLine({ incidents: over }));
    if (cutShort) return interruptedCode;
    return unexpected.length === 0 && (against?.comparison.changes.length ?? 0) === 0 ? 0 : 1;
  },
};
