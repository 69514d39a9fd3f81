import { formatDuration } from '../../shared/model/duration.ts';
import { storyOf } from '../terminal/story.ts';
import { plain, type Style } from '../terminal/style.ts';
import type { Check } from '../worlds/check.ts';
import { instanceNames } from '../worlds/fleet-schema.ts';
import type { Done, Observation } from '../worlds/play.ts';
import type { Scenario } from '../worlds/schema.ts';

/** The parts of an experiment, each under its word. */
const section = (word: string, text: string, style: Style): string => style.wrap(text, 13, style.bold(word.padEnd(13)));

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const fleetLine = ({ fleet: { instances, groups, targetGroups, functions, services, databases } }: Scenario): string =>
  [
    Object.keys(instances).length > 0 ? `instances ${instanceNames(instances).join(', ')}` : '',
    ...Object.entries(groups).map(([name, { desired, max }]) => `group ${name} of ${desired} (at most ${max})`),
    ...Object.keys(targetGroups).map((name) => `target group ${name}`),
    ...Object.keys(functions).map((name) => `function ${name}`),
    ...Object.keys(services).map((name) => `service ${name}`),
    ...Object.keys(databases).map((name) => `database ${name}`),
  ]
    .filter(Boolean)
    .join('; ') || 'nothing';

/** Fields of steps that are durations, in seconds. */
const durations: ReadonlySet<string> = new Set(['for', 'in', 'every', 'after']);

/** `+5 min 00 s  hang-kernel on web`. */
export const stepLine = ({ at, step, error }: Done, began: number): string => {
  const { at: _at, do: what, ...rest } = step;
  const on = 'on' in rest && rest.on !== undefined ? ` on ${rest.on}` : '';
  const details = Object.entries(rest)
    .filter(([key, value]) => key !== 'on' && key !== 'event' && value !== undefined)
    .map(([key, value]) => `${key} ${durations.has(key) ? formatDuration(Number(value)) : String(value)}`);
  return `+${formatDuration((at - began) / 1000)}  ${what}${on}${details.length > 0 ? ` (${details.join(', ')})` : ''}${error === null ? '' : `: refused: ${error}`}`;
};

export const introduce = (scenario: Scenario, style: Style): string =>
  [
    style.bold(plain(scenario.name)),
    '',
    section('Hypothesis', scenario.hypothesis, style),
    section('Fleet', fleetLine(scenario), style),
  ].join('\n');

/** The rest of the experiment, once it is over. */
export const conclude = (observation: Observation, checks: readonly Check[], style: Style): string => {
  const { unsteady, done, began, outcomes, cutShort, ids } = observation;
  const named = [...ids].filter(([name, id]) => name !== id);
  const lines = [
    ...(named.length === 0 ? [] : [section('Names', named.map(([name, id]) => `${name} is ${id}`).join(', '), style)]),
    section('Steady state', unsteady.length === 0 ? 'the steady state held before the injection' : unsteady.join('; '), style),
    ...done.map((one, i) => section(i === 0 ? 'Injection' : '', stepLine(one, began), style)),
    section('Observation', outcomes.length === 0 ? 'no incident' : counted(outcomes.length, 'incident'), style),
    ...outcomes.map((outcome) => `\n${storyOf(outcome, style)}`),
    '',
  ];
  if (cutShort) return [...lines, section('Verdict', style.warn('none: the run did not finish'), style)].join('\n');
  const failed = checks.filter(({ holds }) => !holds);
  const told = checks.map(({ text, holds, seen }) =>
    holds ? style.wrap(text, 4, `  ${style.good('✓')} `) : style.wrap(`${text}; seen: ${seen}`, 4, `  ${style.bad('✗')} `),
  );
  const verdict =
    failed.length === 0
      ? style.good('the hypothesis holds')
      : style.bad(`the hypothesis does not hold: ${failed.length} of ${counted(checks.length, 'expectation')} failed`);
  return [...lines, style.bold('Verdict'), ...told, '', verdict].join('\n');
};
