import type { Severity } from '../../shared/model/classification.ts';
import type { GuardSaid, TimelineEntry } from '../../shared/model/outcome.ts';
import type { Status } from '../../shared/model/status.ts';
import { plainLine } from '../../shared/model/text.ts';
import { carriedOut, type Hold, holdsOf, type RecoveryClass, recoveryOf } from './figures.ts';
import type { HealthSample, ReportedOutcome, ReportInput } from './input.ts';
import { stepsOf, thinHealth, thinOut } from './thin.ts';
import { moreUrgent } from './urgency.ts';

/** The size limits of a page, which has to open on a phone and fit into a mail. `stories` in bytes, the rest in items. */
export const limits = { incidents: 2000, stories: 1_200_000, actions: 2000, health: 2000 } as const;

export type Answer = Pick<GuardSaid, 'guard' | 'answer' | 'reason'>;
/** Times are milliseconds since the epoch. */
export type Entry = { at: number; phase: TimelineEntry['phase']; text: string; answers?: Answer[] };
export type Acted = { at: number; action: string; target?: string; attempt: number; result: string };
type Changed = { at: number; call: string; who: string; error: string | null };

/** One incident as the page shows it. */
export type Row = {
  /** Its number in the order in which incidents began, from 1 on. */
  number: number;
  incident: string;
  world: string;
  failure: string;
  severity: Severity;
  type: string;
  resource: string;
  /** What people call it, beside its id; null if nothing else. */
  name: string | null;
  account: string;
  region: string;
  playbook: string | null;
  /** Which policy decided; null if it was none of a package. */
  policy: string | null;
  status: Status;
  verified: boolean;
  quiet: boolean;
  reason: string;
  /** The state of the resource, and since when; null if it was not looked at. */
  seen: string | null;
  startedAt: number;
  endedAt: number;
  recoveredSeconds: number | null;
  actions: Acted[];
  /** Recent changes of the resource, newest first, and which of it is the likely cause. */
  changes: Changed[];
  cause: string | null;
  changesNote: string | null;
  /** Pages elsewhere, https all of them: what is there, and its address. */
  links: { to: string; url: string }[];
  /** Null if it was left out. */
  story: Entry[] | null;
};

/** The data of the page's scripts. Its text can't change the writing direction or break a line. */
export type ReportData = {
  rows: Row[];
  worlds: boolean;
  health: HealthSample[];
  /** Actions that were carried out, whether their incidents are among the rows or not. `number` is null if not. */
  actions: { at: number; action: string; resource: string; number: number | null }[];
  recovery: RecoveryClass[];
  holds: Hold[];
};

/** What there was, and what of it is in the data. */
export type Coverage = {
  incidents: number;
  shown: number;
  stories: number;
  actions: number;
  marked: number;
  changes: number;
  drawn: number;
};

const byUrgency = (a: Row, b: Row): number => moreUrgent(a, b) || a.number - b.number;

const answerOf = ({ guard, answer, reason }: GuardSaid, named: (text: string) => string): Answer => ({
  guard: plainLine(guard, 60),
  answer,
  ...(reason === undefined ? {} : { reason: plainLine(named(reason), 300) }),
});

/** The guards' reasons are in their answers; don't repeat them in the text. */
const textOf = (answers: readonly Answer[]): string => {
  const last = answers.at(-1);
  if (last && last.answer !== 'pass') return `${last.guard} says ${last.answer}${last.reason ? `: ${last.reason}` : ''}`;
  const only = answers.find(({ reason }) => reason !== undefined);
  return `all ${answers.length} guards pass${only ? `, but only in a dry run: ${only.reason}` : ''}`;
};

const entryOf = ({ at, phase, text, answers }: TimelineEntry, named: (text: string) => string): Entry => {
  const said = answers && answers.length > 0 ? answers.map((answer) => answerOf(answer, named)) : undefined;
  return { at: Date.parse(at), phase, ...(said ? { text: textOf(said), answers: said } : { text: plainLine(named(text), 600) }) };
};

/** How names in a text are told apart from what only begins or ends like one. */
const tokens = /[\w./:-]*\w/g;

/** Puts the name of what a text speaks of beside its id. */
const naming =
  (names: ReadonlyMap<string, string>) =>
  (text: string): string =>
    names.size === 0 ? text : text.replace(tokens, (token) => (names.has(token) ? `${token} (${names.get(token)})` : token));

/** Addresses that a page may lead to: whole ones, and nothing that a browser would run. */
const linksOf = ({ links = [] }: ReportedOutcome): Row['links'] =>
  links
    .filter(({ url }) => /^https:\/\/[!-~]+$/.test(url))
    .slice(0, 8)
    .map(({ to, url }) => ({ to: plainLine(to, 40), url: url.slice(0, 2000) }));

const causeOf = ({ change: { call, who }, because }: NonNullable<ReportedOutcome['likelyCause']>): string =>
  `${call} by ${who}: ${because}`;

const rowOf = (outcome: ReportedOutcome, number: number, names: ReadonlyMap<string, string>, named: (text: string) => string): Row => ({
  number,
  incident: plainLine(outcome.incident, 64),
  world: plainLine(outcome.world ?? '', 40),
  failure: plainLine(outcome.failure, 64),
  severity: outcome.severity,
  type: plainLine(outcome.resource.type, 40),
  resource: plainLine(outcome.resource.id, 256),
  name: nameOf(outcome, names),
  account: plainLine(outcome.account, 20),
  region: plainLine(outcome.region, 40),
  playbook: outcome.playbook === null ? null : plainLine(outcome.playbook, 64),
  policy: outcome.policyVersion === undefined ? null : plainLine(outcome.policyVersion, 64),
  status: outcome.status,
  verified: outcome.verified,
  quiet: outcome.quiet,
  reason: plainLine(named(outcome.reason), 600),
  seen: outcome.resourceState ? plainLine(named(outcome.resourceState), 600) : null,
  startedAt: Date.parse(outcome.startedAt),
  endedAt: Date.parse(outcome.endedAt),
  recoveredSeconds: outcome.timeToRecoverSeconds,
  actions: outcome.actions.slice(0, 50).map(({ at, action, target, attempt, result }) => ({
    at: Date.parse(at),
    action: plainLine(action, 64),
    ...(target === undefined || target === outcome.resource.id ? {} : { target: plainLine(named(target), 256) }),
    attempt,
    result: plainLine(result, 120),
  })),
  changes: outcome.changes.slice(0, 5).map(({ at, call, who, error }) => ({
    at: Date.parse(at),
    call: plainLine(call, 120),
    who: plainLine(who, 200),
    error: error === null ? null : plainLine(error, 120),
  })),
  cause: outcome.likelyCause === null ? null : plainLine(causeOf(outcome.likelyCause), 400),
  changesNote: outcome.changesNote === null ? null : plainLine(outcome.changesNote, 300),
  links: linksOf(outcome),
  story: null,
});

/** As the scenario calls it, or else its tag Name. */
const nameOf = ({ resource, name }: ReportedOutcome, names: ReadonlyMap<string, string>): string | null => {
  const found = names.get(resource.id) ?? name;
  return found === undefined || found === resource.id ? null : plainLine(found, 80);
};

export const dataOf = ({
  outcomes,
  health,
  names = new Map(),
}: Pick<ReportInput, 'outcomes' | 'health' | 'names'>): { data: ReportData; coverage: Coverage } => {
  const named = naming(names);
  const inOrder = [...outcomes].sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
  const all = inOrder.map((outcome, i) => ({ outcome, row: rowOf(outcome, i + 1, names, named) }));
  const chosen = all.toSorted((a, b) => byUrgency(a.row, b.row)).slice(0, limits.incidents);
  let room = limits.stories;
  let stories = 0;
  for (const { outcome, row } of chosen) {
    const story = outcome.timeline.map((entry) => entryOf(entry, named));
    const size = Buffer.byteLength(JSON.stringify(story));
    if (size > room) continue;
    room -= size;
    stories++;
    row.story = story;
  }
  const rows = chosen.map(({ row }) => row).sort((a, b) => a.number - b.number);
  const shown = new Set(rows);
  const actions = all.flatMap(({ row }) =>
    carriedOut(row.actions).map(({ at, action }) => ({
      at,
      action,
      resource: row.name === null ? row.resource : `${row.name} (${row.resource})`,
      number: shown.has(row) ? row.number : null,
    })),
  );
  const steps = stepsOf(health);
  const data: ReportData = {
    rows,
    worlds: rows.some(({ world }) => world !== ''),
    health: thinHealth(steps, limits.health),
    actions: thinOut(actions, limits.actions),
    recovery: recoveryOf(outcomes),
    holds: holdsOf(outcomes).map((hold) => ({ ...hold, by: plainLine(hold.by, 80), example: plainLine(hold.example, 300) })),
  };
  return {
    data,
    coverage: {
      incidents: all.length,
      shown: rows.length,
      stories,
      actions: actions.length,
      marked: data.actions.length,
      changes: steps.length,
      drawn: data.health.length,
    },
  };
};
