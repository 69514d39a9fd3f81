import { reportOf } from '../backtest/report.ts';
import type { ReportInput, ReportTable } from '../report/index.ts';
import { acts, outcomes } from './assess.ts';
import type { Past } from './past.ts';
import type { Adoption } from './shape.ts';
import { headings, meaningOf, nameIn, pastLines, summaryLines } from './words.ts';

/** The rows of a table in a page that has to open on a phone. */
const maxRows = 2000;

const order = (outcome: Adoption['alarms'][number]['outcome']): number => outcomes.indexOf(outcome);

type Alarm = Adoption['alarms'][number];

const doneOf = ({ outcome, playbook, action }: Alarm): string =>
  acts.includes(outcome)
    ? `${headings[outcome]}: ${playbook}${action === null || action === playbook ? '' : `, first ${action}`}`
    : headings[outcome];

const alarmTable = (adoption: Adoption): ReportTable => ({
  title: 'Alarms',
  columns: ['alarm', 'what it means', 'what would be done', 'why not'],
  rows: adoption.alarms
    .toSorted((a, b) => order(a.outcome) - order(b.outcome))
    .slice(0, maxRows)
    .map((one) => [
      nameIn(adoption, one),
      meaningOf(one, adoption.rules),
      doneOf(one),
      [one.guard, one.why].filter((text) => text !== null).join(': '),
    ]),
});

const inText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const ruleTable = ({ rules }: Adoption): ReportTable => ({
  title: 'Proposed rules',
  columns: ['matches', 'failure', 'about', 'alarms'],
  rows: rules.map(({ rule: { failure, subject, direction, ...match }, alarms }) => [
    `${Object.entries(match)
      .map(([key, value]) => `${key} ${inText(value)}`)
      .join(', ')}, bad ${inText(direction)} its threshold`,
    inText(failure),
    Object.values(subject as Record<string, string>).join(' '),
    alarms.length,
  ]),
});

const listTables = ({ unwatched, silent, owned, volumes }: Adoption): ReportTable[] =>
  [
    { title: 'Instances without an alarm', columns: ['instance'], rows: unwatched.map((id) => [id]) },
    { title: 'Alarms without an action', columns: ['alarm'], rows: silent.map((name) => [name]) },
    { title: 'Instances of other owners', columns: ['instance', 'owner'], rows: owned.map(({ instance, owner }) => [instance, owner]) },
    {
      title: 'Volumes that would be missing at a start',
      columns: ['volume', 'instance', 'why'],
      rows: (volumes ?? []).map(({ volume, instance, problem }) => [volume, instance, problem]),
    },
  ]
    .filter(({ rows }) => rows.length > 0)
    .map((table) => ({ ...table, rows: table.rows.slice(0, maxRows) }));

type Told = { adoption: Adoption; past: Past | null; name: string; assumptions: readonly string[]; command: string };

/** The page: what is said in text, every alarm in a table, and the last days incident by incident. */
export const pageOf = ({ adoption, past, name, assumptions, command }: Told): ReportInput => {
  const modelled = past
    ? reportOf({ result: past.result, cases: past.cases, names: [name], assumptions: [] }, command)
    : { command, outcomes: [], health: [], notes: [], tables: [] };
  const [lead = '', ...points] = summaryLines(adoption);
  return {
    ...modelled,
    title: 'selfheal: before it acts',
    modelled: true,
    about: {
      lead: `${lead}.`,
      points: [...points, ...(past ? [] : assumptions)],
      tables: [alarmTable(adoption), ruleTable(adoption), ...listTables(adoption)].filter(({ rows }) => rows.length > 0),
      heading: 'The last days with selfheal',
    },
    notes: [...pastLines(adoption), ...(past ? assumptions : []), ...(modelled.notes ?? [])],
  };
};
