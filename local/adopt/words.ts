import { plainLine } from '../../shared/model/text.ts';
import type { AlarmOutcome } from './assess.ts';
import type { Adoption } from './shape.ts';

/** The heading of the alarms that come to an outcome. */
export const headings: Readonly<Record<AlarmOutcome, string>> = {
  treated: 'Would be treated',
  rehearsed: 'Would be treated, but the mode is dry-run',
  asked: 'Would be treated once a person approves',
  depends: 'Depends on what a look finds then',
  held: 'Held by a guard',
  person: 'Left to a person',
  'no-rule': 'Lack a rule',
  gone: 'About something that is gone',
  ignored: 'Ignored: no failure',
  unreadable: 'Not readable as an alarm',
};

/** How many of a thing: `1 alarm`, `3 alarms`. */
export const many = (count: number, one: string, several = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : several}`;

const namesOf = (names: readonly string[], most = 3): string => {
  const shown = names.slice(0, most).map((name) => plainLine(name, 60));
  return names.length > most ? `${shown.join(', ')} and ${(names.length - most).toLocaleString('en')} more` : shown.join(', ');
};

const whatOf = ({ alarm, subject, failure }: Adoption['alarms'][number]): string =>
  [failure ?? 'no failure', ...(subject && subject.id !== alarm.trim() ? [`on ${subject.type} ${plainLine(subject.id, 120)}`] : [])].join(
    ' ',
  );

/** The rule that is proposed for an alarm, in words. */
const ruleOf = ({ metrics }: Adoption['alarms'][number], rule: Adoption['rules'][number]['rule'] | undefined): string => {
  const watched = metrics.slice(0, 3).map(({ namespace, name }) => plainLine(`${namespace} ${name}`, 120));
  return `${watched.join(', ')}${rule === undefined ? '' : `, perhaps ${String(rule.failure)}`}`;
};

/** What an alarm means and about what; what it watches, where no class covers that. */
export const meaningOf = (one: Adoption['alarms'][number], rules: Adoption['rules']): string =>
  one.outcome === 'no-rule' ? ruleOf(one, one.rule === null ? undefined : rules[one.rule]?.rule) : whatOf(one);

/** An alarm by its name, with its account and region where several were read. */
export const nameIn = ({ account, region }: Adoption, one: Adoption['alarms'][number], name = one.alarm): string => {
  const isOne = (account ?? one.account) === one.account && (region ?? one.region) === one.region;
  const said = [...(account === null || !isOne ? [one.account] : []), ...(region === null || !isOne ? [one.region] : [])].filter(
    (part) => part !== null,
  );
  return `${name}${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
};

/** An alarm in one line: what it means, about what, and what is run. */
export const lineOf = (one: Adoption['alarms'][number], adoption: Adoption): string => {
  const { playbook, action } = one;
  const done = playbook === null ? '' : ` → ${playbook}${action === null || action === playbook ? '' : ` (first ${action})`}`;
  return `${nameIn(adoption, one, plainLine(one.alarm, 255))}: ${meaningOf(one, adoption.rules)}${done}`;
};

const treatedLine = ({ summary: { alarms, outcomes }, optIn }: Adoption): string => {
  const sure = outcomes.treated + outcomes.rehearsed;
  const { key, value, who, today, of, unknown } = optIn;
  const known = unknown === of ? 'its tags were not read' : `${today} of ${of} today${unknown > 0 ? `, ${unknown} not read` : ''}`;
  const tag = `${key}=${value}`;
  const opted = who === 'tags' || of === 0 ? '' : `, once what they are about has the tag ${tag} (${known})`;
  const more = [
    ...(outcomes.asked > 0 ? [`${outcomes.asked} more once a person approves`] : []),
    ...(outcomes.depends > 0 ? [`${outcomes.depends} more depending on what a look finds then`] : []),
  ];
  return `${sure} of ${many(alarms, 'alarm')} would be treated${opted}${more.length > 0 ? `; ${more.join('; ')}` : ''}`;
};

/** How the proposed rules are named: the file, once it is written. */
const rulesLine = ({ summary: { outcomes, covered }, rules }: Adoption, file: string): string[] => {
  const lack = outcomes['no-rule'];
  if (lack === 0) return [];
  const verb = lack === 1 ? 'lacks' : 'lack';
  if (rules.length === 0) return [`${lack} ${verb} a rule, and no name says what it measures: docs/policy.md shows how to write one`];
  return [`${lack} ${verb} a rule: ${rules.length === 1 ? 'this one covers' : `these ${rules.length} cover`} ${covered} of them → ${file}`];
};

const counted = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** What the policy would have to turn on. */
const bySetting = (settings: Adoption['summary']['settings']): string => {
  const all = Object.values(settings).reduce((sum, one) => sum + one, 0);
  return all === 0 ? '' : `; ${all} of them could be treated if the policy had ${counted(settings)}`;
};

/** What there is to say of the account, a line each. */
export const summaryLines = (adoption: Adoption, file = 'rules.yml (--write FOLDER)'): string[] => {
  const { summary, unwatched, silent, volumes } = adoption;
  const { outcomes } = summary;
  return [
    treatedLine(adoption),
    ...rulesLine(adoption, file),
    ...(outcomes.person > 0
      ? [`${many(outcomes.person, 'alarm')} would be told to a person, with the reason${bySetting(summary.settings)}`]
      : []),
    ...(outcomes.held > 0 ? [`${many(outcomes.held, 'alarm')} would be held by a guard`] : []),
    ...(outcomes.gone > 0 ? [`${many(outcomes.gone, 'alarm is', 'alarms are')} about something that is gone`] : []),
    ...(unwatched.length > 0 ? [`${many(unwatched.length, 'instance has', 'instances have')} no alarm: ${namesOf(unwatched)}`] : []),
    ...(silent.length > 0 ? [`${many(silent.length, 'alarm has', 'alarms have')} no action: ${namesOf(silent)}`] : []),
    ...Object.entries(summary.owners).map(
      ([owner, count]) =>
        `${many(count, 'instance belongs', 'instances belong')} to ${plainLine(owner, 60)}, and owners in the policy says what may be done`,
    ),
    ...(volumes && volumes.length > 0
      ? [
          `${many(volumes.length, 'volume has', 'volumes have')} a key that selfheal may not use: ${namesOf(volumes.map(({ volume }) => volume))}`,
        ]
      : []),
  ];
};

const money = (usd: number): string => (usd > 0 && usd < 0.01 ? 'less than 0.01 USD' : `${usd.toFixed(2)} USD`);

/** What the last days would have been, and what it would have cost; nothing without a history. */
export const pastLines = ({ past }: Adoption): string[] => {
  if (!past) return [];
  const { from, to, incidents, treated, passed, rehearsed, pages, quiet, unknown, actions, holds, cost } = past;
  const days = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000));
  const ends = [
    ...(treated > 0 ? [`${treated} treated (${counted(actions)})`] : []),
    ...(rehearsed > 0 ? [`${rehearsed} rehearsed (${counted(actions)})`] : []),
    ...(passed > 0 ? [`${passed} passed by themselves`] : []),
    ...(unknown > 0 ? [`${unknown} not known: only a live look could tell`] : []),
    ...(quiet > 0 ? [`${quiet} without a message`] : []),
  ];
  return [
    `${from.slice(0, 10)} to ${to.slice(0, 10)}: ${many(incidents, 'incident')}, ${many(pages, 'message')} to a person${ends.length > 0 ? `; ${ends.join(', ')}` : ''}`,
    ...(Object.keys(holds).length > 0 ? [`held by ${counted(holds)}`] : []),
    `it would have cost ${money(cost.incidents)} for the incidents and ${money(cost.installation)} for ${many(days, 'day')} of the installation, at list prices (docs/operations.md#cost)`,
  ];
};

export { namesOf };
