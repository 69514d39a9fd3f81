import { formatDuration } from '../../shared/incident/duration.ts';
import { plain, type Style } from '../cli/style.ts';
import { columns } from '../cli/table.ts';
import type { Decision, Status } from './decision.ts';
import type { Case, Result } from './engine.ts';
import type { Hour, Tally } from './tally.ts';

const top = (counted: Readonly<Record<string, number>>, most = 4): string => {
  const all = Object.entries(counted).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  const rest = all.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return [...all.slice(0, most).map(([name, count]) => `${name} ${count}`), ...(rest > 0 ? [`others ${rest}`] : [])].join(', ') || 'none';
};

const hourOf = ({ at, count }: Hour): string =>
  count === 0 ? '-' : `${count} from ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z on`;

const of = ({ byStatus }: Tally, status: Status): number => byStatus[status] ?? 0;

type Row = [label: string, value: (tally: Tally) => string | number, remark?: string];

const figures: Row[] = [
  ['incidents', ({ incidents }) => incidents, 'each episode once, however often it was delivered'],
  ['  pages saved', (tally) => of(tally, 'treated') + of(tally, 'passed'), 'no person was needed:'],
  ['    treated', (tally) => of(tally, 'treated'), 'the first rung that fits is taken to heal'],
  ['    passed', (tally) => of(tally, 'passed'), 'well again before anything was due'],
  ['  pages sent', ({ pages }) => pages, 'a person has something to do:'],
  ['    escalated', (tally) => of(tally, 'escalated')],
  ['    held', ({ byStatus, quiet }) => (byStatus.held ?? 0) - quiet],
  ['    asked', (tally) => of(tally, 'asked'), 'for an approval'],
  ['    dry run', (tally) => of(tally, 'would'), 'would have acted, and only said so'],
  ['  held quietly', ({ quiet }) => quiet, 'not opted in, or told of by another incident'],
  ['  not known', (tally) => of(tally, 'unknown'), 'only a live look could have told'],
];

const lists: [label: string, value: (tally: Tally) => string][] = [
  [
    'actions',
    ({ actions, rehearsed }) => top({ ...actions, ...Object.fromEntries(Object.entries(rehearsed).map(([id, n]) => [`(${id})`, n])) }),
  ],
  ['held by', ({ holds }) => top(holds)],
  ['escalated', ({ escalations }) => top(escalations, 3)],
  ['not known', ({ unknown }) => top(unknown, 2)],
  ['busiest hour', ({ busiest }) => hourOf(busiest.incidents)],
  ['most pages', ({ busiest }) => hourOf(busiest.pages)],
];

const summarised = ({ status, action, guard }: Decision): string =>
  status === 'treated' || status === 'would' ? `${status} (${action})` : guard ? `${status} (${guard})` : status;

const differenceOf = ({ incident, where, decisions }: Case, style: Style): string => {
  const { failure, resource, at } = incident;
  const [was, now] = decisions.map(summarised);
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return style.wrap(`${when}  ${failure} on ${resource.id}: ${was} → ${now}  [${where}]`, 4, '  ');
};

const days = (first: number, last: number): string => {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return day(first) === day(last) ? day(first) : `${day(first)} to ${day(last)}`;
};

export type Told = {
  result: Result;
  /** The first differences, or none where there is one policy alone. */
  shown: readonly Case[];
  names: readonly string[];
  assumptions: readonly string[];
};

/** What a person reads: figures, lists, what is not known, and the first differences. */
export const renderText = ({ result, shown, names, assumptions }: Told, style: Style): string => {
  const { tallies, first, last } = result;
  const [one] = tallies as [Tally];
  const out: string[] = [];
  const say = (text: string, indent = 2): void => void out.push(style.wrap(text, indent));
  const read = `${result.signals} signals in ${result.read} items`;
  const span = first === null || last === null ? 'no failures' : days(first, last);
  say(style.bold(`What selfheal would have done, ${span}: ${read}, ${result.quiet} of no failure, ${result.calls} calls by others.`));
  if (result.signals === 0) say('There is nothing in it that selfheal reads.');
  if (tallies.length > 1) out.push('', columns([['', ...names.map((name) => plain(name))]], style.width, style.bold));
  const rows = figures
    .filter(([label, value]) => !label.startsWith('    ') || tallies.some((tally) => value(tally) !== 0))
    .map(([label, value, remark = '']) => [label, ...tallies.map((tally) => String(value(tally))), tallies.length > 1 ? '' : remark]);
  if (tallies.length > 1) {
    out.pop();
    rows.unshift(['', ...names.map((name) => plain(name)), '']);
  }
  out.push('', columns(rows, style.width), '');
  for (const [label, value] of lists) {
    const values = tallies.map(value);
    if (values.every((text) => text === 'none' || text === '-')) continue;
    for (const [index, text] of values.entries()) {
      const head = tallies.length > 1 ? `${(index === 0 ? label : '').padEnd(13)} ${index === 0 ? 'A' : 'B'} ` : label.padEnd(14);
      out.push(style.wrap(text, head.length, head));
    }
  }
  if (tallies.length > 1) {
    out.push(
      '',
      style.wrap(
        `${result.differences} incidents end differently${result.differences > shown.length ? `; the first ${shown.length}` : ''}${result.differences > 0 ? ', A → B:' : '.'}`,
      ),
    );
    for (const one of shown) out.push(differenceOf(one, style));
  }
  out.push('');
  for (const line of assumptions) say(line);
  if (one.okBefore > 0) say(`Of the actions, ${one.okBefore} came although the alarm was OK again by itself before they were through.`);
  if (Object.keys(one.open).length > 0) say(`Asked of the live account only, so not here: ${top(one.open, 8)} times.`);
  for (const warning of warningsOf(result)) say(style.warn(warning));
  return `${out.join('\n')}\n`;
};

/** What makes the figures less than they seem. */
export const warningsOf = (result: Result): string[] => {
  const { rejected, undefinedAlarms, late, strained, outside } = result;
  const warnings: string[] = [];
  if (rejected > 0)
    warnings.push(`${rejected} records were no event that can be read: selfheal would have kept them in its dead-letter queue.`);
  if (outside > 0) warnings.push(`${outside} facts lie outside of the time that was asked for.`);
  if (undefinedAlarms > 0) {
    warnings.push(
      `${undefinedAlarms} changes of alarms whose definition is not in the history were left out: add the output of aws cloudwatch describe-alarms, named before it.`,
    );
  }
  if (late > 0)
    warnings.push(
      `${late} facts came later than the window of the reordering; they count as delivered late. Sort the history, or widen --window.`,
    );
  if (strained.cut > 0) warnings.push(`${strained.cut} incidents were hurried on, since too many were under way at once.`);
  if (strained.resources + strained.incidents > 0)
    warnings.push(
      `${strained.resources} resources and ${strained.incidents} incidents were forgotten too early: a repetition of theirs counts as new.`,
    );
  return warnings;
};

export const assumptionsOf = (inventory: string, healsAfter: number): string[] => [
  `Assumed: ${inventory}; an instance that no inventory tells of is lone, on demand and on EBS; a treatment heals, and takes ${formatDuration(healsAfter / 1000)}; the history is as it was without selfheal.`,
];
