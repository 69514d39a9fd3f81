import { minuteMs } from '../../shared/model/duration.ts';
import { plain, type Style } from '../terminal/style.ts';
import { columns } from '../terminal/table.ts';
import type { Decision, Status } from './decision.ts';
import type { Case, Result } from './engine.ts';
import type { Hour, Tally } from './tally.ts';

const top = (counted: Readonly<Record<string, number>>, most = 4): string => {
  const all = Object.entries(counted).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  const rest = all.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return [...all.slice(0, most).map(([name, count]) => `${name} ${count}`), ...(rest > 0 ? [`others ${rest}`] : [])].join(', ') || 'none';
};

const hourOf = ({ at, count }: Hour): string =>
  count === 0 ? 'none' : `${count} from ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`;

const of = ({ byStatus }: Tally, status: Status): number => byStatus[status] ?? 0;

/** Rows that are shown even when they are zero. */
const always = new Set(['incidents', '  pages saved', '  pages sent']);

type Row = [label: string, value: (tally: Tally) => string | number, remark?: string];

const figures: Row[] = [
  ['incidents', ({ incidents }) => incidents, 'each episode once, however often it was delivered'],
  ['  pages saved', (tally) => of(tally, 'treated') + of(tally, 'passed'), 'no person was needed:'],
  ['    treated', (tally) => of(tally, 'treated'), 'the first rung that fits is assumed to heal'],
  ['    passed', (tally) => of(tally, 'passed'), 'healthy again before any action was due'],
  ['  pages sent', ({ pages }) => pages, 'a person has something to do:'],
  ['    escalated', (tally) => of(tally, 'escalated')],
  ['    held', ({ byStatus, quiet }) => (byStatus.held ?? 0) - quiet],
  ['    asked', (tally) => of(tally, 'asked'), 'for an approval'],
  ['    dry run', (tally) => of(tally, 'would'), 'would have acted, but only reported it'],
  ['  quiet', ({ quiet }) => quiet, 'held without a page: another incident reports it, or it has no opt-in tag'],
  ['  not known', (tally) => of(tally, 'unknown'), 'only a live look could tell'],
];

const lacking = 'no playbook for ';
const where = (counted: Readonly<Record<string, number>>, is: (key: string) => boolean): Record<string, number> =>
  Object.fromEntries(Object.entries(counted).filter(([key]) => is(key)));

const lists: [label: string, value: (tally: Tally) => string][] = [
  [
    'actions',
    ({ actions, rehearsed }) => top({ ...actions, ...Object.fromEntries(Object.entries(rehearsed).map(([id, n]) => [`(${id})`, n])) }, 5),
  ],
  ['held by', ({ holds }) => top(holds)],
  ['no playbook', ({ escalations }) => top(where(escalations, (key) => key.startsWith(lacking))).replaceAll(lacking, '')],
  ['escalated by', ({ escalations }) => top(where(escalations, (key) => !key.startsWith(lacking)))],
  ['not known', ({ unknown }) => top(unknown, 3)],
  [
    'busiest hour',
    ({ busiest: { incidents, pages } }) =>
      incidents.count === 0
        ? 'none'
        : `${hourOf(incidents)} on${pages.at === incidents.at && pages.count > 0 ? `, ${pages.count} pages` : `; pages: ${hourOf(pages)} on`}`,
  ],
];

const summarised = ({ status, action, guard }: Decision): string =>
  status === 'treated' || status === 'would' ? `${status} (${action})` : guard ? `${status} (${guard})` : status;

const differenceOf = ({ incident, where: place, decisions }: Case, style: Style): string => {
  const { failure, resource, at } = incident;
  const [was, now] = decisions.map(summarised);
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return style.wrap(`${when} ${failure} on ${resource.id}: ${was} → ${now} [${place}]`, 4, '  ');
};

const days = (first: number, last: number): string => {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return day(first) === day(last) ? day(first) : `${day(first)} to ${day(last)}`;
};

type Rendered = {
  result: Result;
  /** The first differences, or none where there is one policy alone. */
  shown: readonly Case[];
  names: readonly string[];
  assumptions: readonly string[];
};

/** The figures, one column per policy. */
const figuresOf = ({ tallies }: Result, names: readonly string[], style: Style): string => {
  const several = tallies.length > 1;
  const rows = figures
    .filter(([label, value]) => always.has(label) || tallies.some((tally) => value(tally) !== 0))
    .map(([label, value, remark = '']) => [label, ...tallies.map((tally) => String(value(tally))), several ? '' : remark]);
  return columns(several ? [['', ...names.map((name) => plain(name)), ''], ...rows] : rows, style.width);
};

/** The lists, once where the policies say the same. */
const listsOf = ({ tallies }: Result, style: Style): string[] =>
  lists.flatMap(([label, value]) => {
    const values = tallies.map(value);
    const alike = values.every((text) => text === values[0]);
    if (alike && values[0] === 'none') return [];
    if (alike) return [style.wrap(values[0] ?? '', 14, label.padEnd(14))];
    return values.map((text, index) => style.wrap(text, 16, `${(index === 0 ? label : '').padEnd(14)}${'AB'[index]} `));
  });

/** The text report: figures, lists, the first differences, and the assumptions. */
export const renderText = ({ result, shown, names, assumptions }: Rendered, style: Style): string => {
  const { tallies, first, last, signals, read, quiet, calls, differences } = result;
  const [one] = tallies as [Tally];
  const out: string[] = [];
  const say = (text: string): void => void out.push(style.wrap(text, 2));
  const span = first === null || last === null ? '' : `, ${days(first, last)}`;
  say(`What selfheal would have done${span}: ${signals} signals in ${read} items, ${quiet} of them no failure; ${calls} calls by others.`);
  if (signals === 0) say('It contains nothing that selfheal reads.');
  out.push('', figuresOf(result, names, style), '', ...listsOf(result, style), '');
  if (tallies.length > 1) {
    const how = differences === 0 ? '.' : differences > shown.length ? `; the first ${shown.length}, A → B:` : ', A → B:';
    say(`${differences} incidents end differently${how}`);
    for (const different of shown) out.push(differenceOf(different, style));
    out.push('');
  }
  for (const line of assumptions) say(line);
  if (one.okBefore > 0) say(`${one.okBefore} actions would have run although the alarm was OK again before they would have finished.`);
  if (Object.keys(one.open).length > 0) say(`Not checked, because only the live account can answer: ${top(one.open, 8)} times.`);
  for (const warning of warningsOf(result)) say(style.warn(warning));
  return `${out.join('\n')}\n`;
};

/** Limitations of the figures. */
export const warningsOf = (result: Result): string[] => {
  const { rejected, undefinedAlarms, late, strained, outside } = result;
  const warnings: string[] = [];
  if (rejected > 0) warnings.push(`${rejected} records were not readable events: selfheal would have kept them in its dead-letter queue.`);
  if (outside > 0) warnings.push(`${outside} facts lie outside the requested time.`);
  if (undefinedAlarms > 0) {
    warnings.push(
      `${undefinedAlarms} changes of alarms whose definition is not in the history were skipped: add the output of aws cloudwatch describe-alarms, named before it.`,
    );
  }
  if (late > 0)
    warnings.push(
      `${late} facts came later than the reordering window; they count as delivered late. Sort the history, or widen --window.`,
    );
  if (strained.cut > 0) warnings.push(`${strained.cut} incidents were cut short, because too many were open at once.`);
  if (strained.resources + strained.incidents > 0)
    warnings.push(
      `${strained.resources} resources and ${strained.incidents} incidents were dropped from memory too early: a repeat of them counts as new.`,
    );
  return warnings;
};

export const assumptionsOf = (inventory: string, healsAfter: number): string[] => [
  `Assumed: ${inventory}; an instance in no inventory is standalone, on demand, on EBS; a treatment heals within ${healsAfter / minuteMs} min; the history is the same as without selfheal.`,
];
