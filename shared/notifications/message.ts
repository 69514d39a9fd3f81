import { parseArn } from '../model/arn.ts';
import { describeChange } from '../model/change.ts';
import { formatDuration } from '../model/duration.ts';
import { readMass } from '../model/mass-failure-text.ts';
import type { ActionRecord, Outcome } from '../model/outcome.ts';
import { isResolved } from '../model/status.ts';
import { linkNames } from './links.ts';
import { storyOf } from './story.ts';
import { cut, lineOf, printable, smsLine } from './text.ts';
import { whatNow } from './what-now.ts';
import { words } from './words.ts';

/** SNS takes subjects of less than 100 printable ASCII characters that begin with a letter, a digit or punctuation. */
const subjectLimit = 99;
/** Less than the 160 septets that one text message holds, so that none is cut in two. */
const smsLimit = 159;

/** What must be done about first, before all else that there is to say: what selfheal has left undone, or may not do. */
const urgent = /^(?:(?:STOPPED|TERMINATED) by selfheal: |selfheal lacks )[^\s]{1,300}/;
export const leadOf = ({ reason }: Pick<Outcome, 'reason'>): string | null => urgent.exec(reason)?.[0].replace(/[.:;,]$/, '') ?? null;

/** The resource as people know it: its id, and its name where it has one. `line` makes text from outside safe for where it goes. */
export const resourceLine = ({ resource, name }: Pick<Outcome, 'resource' | 'name'>, line: (text: string) => string): string =>
  `${line(resource.id)}${name === undefined ? '' : ` "${line(name)}"`}`;

/** What is told of many that fail together in place of one of them: how many, of what, where. */
export const massOf = ({ reason }: Pick<Outcome, 'reason'>): string | null => {
  const mass = readMass(reason);
  if (mass === null) return null;
  const where = mass.scope === 'account' ? lineOf(mass.where) : `${mass.scope} ${lineOf(mass.where)}`;
  return `${mass.more ? 'more than ' : ''}${mass.count} instances fail in ${where}`;
};

/** In which zone and account, as far as a title that goes on so long before it has room for that; the region always stands there. */
const placeOf = ({ region, zone, account, resource }: Outcome, room: number): string => {
  const own = zone !== undefined && zone !== resource.id ? lineOf(zone, 30) : undefined;
  const code = lineOf(region, 30);
  // A zone's name says its region, too.
  const near = own === undefined ? code : own.startsWith(code) ? own : `${code}, ${own}`;
  const places = [...(account === '' ? [] : [`${near}, ${lineOf(account, 20)}`]), near];
  return `(${printable(places.find((place) => place.length + 3 <= room) ?? code)})`;
};

/** What stands in the notification's title: what happened to what, and where. */
export const subjectOf = (outcome: Outcome, repeat = false): string => {
  const { status, failure, resource, name, region } = outcome;
  const lead = leadOf(outcome);
  const begin = `${repeat ? 'Again: ' : ''}${lead === null ? `selfheal: ${words[status]}` : lineOf(lead)}: `;
  const head = printable(begin + (massOf(outcome) ?? `${failure} on ${lineOf(resource.id)}`));
  const named = massOf(outcome) !== null || name === undefined ? head : printable(`${begin}${failure} on ${resourceLine(outcome, lineOf)}`);
  // An ARN's end says more than its beginning.
  const short = printable(`${begin}${failure} on ${lineOf(parseArn(resource.id)?.resource ?? resource.id)}`);
  const least = ` (${lineOf(region, 30)})`;
  // The id comes first, then its name, then the zone and the account.
  const shown =
    [named, head, ...(massOf(outcome) === null ? [short] : [])].find((text) => text.length + least.length <= subjectLimit) ??
    cut(head, subjectLimit - least.length);
  return `${shown} ${placeOf(outcome, subjectLimit - shown.length)}`;
};

/** For phones: what happened to what, as much of the reason as one text message has room for, and a link where there still is some. */
export const smsOf = (outcome: Outcome, repeat = false): string => {
  const { reason, links = [] } = outcome;
  const { name: _, zone: __, ...bare } = outcome;
  const because = smsLine(reason);
  const titled = (title: string) => `${smsLine(title, subjectLimit + 20)}: ${because}`;
  const texts =
    leadOf(outcome) === null
      ? [titled(subjectOf(outcome, repeat)), titled(subjectOf({ ...bare, account: '' }, repeat))]
      : [`${repeat ? 'Again: ' : ''}${because}`];
  // The reason is worth more than where.
  const text = texts.find(({ length }) => length <= smsLimit) ?? (texts.at(-1) as string);
  const link = links.find(({ url }) => text.length + 1 + url.length <= smsLimit);
  return cut(link ? `${text} ${link.url}` : text, smsLimit);
};

/** What changed the resource, as lines; `line` makes text from outside safe for where it goes. */
export const historyLines = (outcome: Outcome, line: (text: string) => string): string[] => {
  // One that an older version has recorded has none.
  const { changes = [], likelyCause = null, changesNote = null } = outcome;
  const lines: string[] = [];
  if (likelyCause) lines.push(`Likely cause: ${line(describeChange(likelyCause.change))}`, `(${line(likelyCause.because)})`);
  const others = changes.filter(({ at, call }) => at !== likelyCause?.change.at || call !== likelyCause.change.call);
  if (others.length > 0) lines.push(likelyCause ? 'Also changed lately:' : 'Changed lately:');
  for (const change of others) lines.push(`- ${line(describeChange(change))}`);
  // That nobody asked is no news; that something may be missing is.
  if (changesNote && !changesNote.startsWith('not asked')) lines.push(`Note: ${line(changesNote)}.`);
  return lines;
};

/** Where an execution died, that nothing is recorded doesn't say that nothing was done. */
export const nothingDone = ({ status }: Pick<Outcome, 'status'>): string =>
  status === 'failed' ? 'No action is recorded.' : 'This incident took no action.';

/** What was done, and what a dry run would have done: its tries had no effect, whatever AWS said of them. */
export const doings = ({ status, actions }: Pick<Outcome, 'status' | 'actions'>) => {
  const rehearsed = ({ result }: ActionRecord) =>
    result === 'would' || (status === 'dry-run' && /^(?:refused|throttled|not begun)/.test(result));
  return { done: actions.filter((one) => !rehearsed(one)), would: actions.filter(rehearsed) };
};

/** Whoever gets a message twice must not take it for two. */
export const toldAgain = 'Sent again: AWS did not confirm an earlier attempt.';

const doingLines = (title: string, actions: readonly ActionRecord[], resource: Outcome['resource']): string[] =>
  actions.length === 0
    ? []
    : [
        title,
        ...actions.map(({ action, target, attempt, at, result }) => {
          const other = target === undefined || target === resource.id ? '' : ` on ${lineOf(target)}`;
          return `- ${at.slice(11, 19)} ${action}${other}${result === 'would' ? '' : `, try ${attempt}: ${lineOf(result)}`}`;
        }),
      ];

/** Text that can be read on a phone: the answer and what to do first, then where to look, then what was done, then the story. */
export const textOf = (outcome: Outcome, repeat = false): string => {
  const {
    status,
    failure,
    resource,
    account,
    region,
    zone,
    reason,
    actions,
    timeToRecoverSeconds,
    severity,
    incident,
    resourceState,
    links = [],
  } = outcome;
  const head = [`${resource.type} ${resourceLine(outcome, lineOf)}: ${words[status]}`, lineOf(reason)];
  const now = whatNow(outcome);
  const lines = [
    ...(repeat ? [toldAgain] : []),
    ...(leadOf(outcome) === null ? head : head.toReversed()),
    ...(resourceState ? [`Seen: ${lineOf(resourceState)}`] : []),
    ...(now === null ? [] : [`What now: ${now}`]),
    '',
    `Failure: ${failure} (${severity})`,
    `Where: account ${lineOf(account)}, ${lineOf(region)}${zone === undefined || zone === resource.id ? '' : `, zone ${lineOf(zone)}`}`,
    `Began: ${outcome.startedAt}`,
    `Ended: ${outcome.endedAt}`,
  ];
  if (isResolved(status) && timeToRecoverSeconds !== null)
    lines.push(`Time to recover: ${formatDuration(timeToRecoverSeconds)}, verified on two looks`);
  if (links.length > 0) lines.push('', 'Links:', ...links.map(({ to, url }) => `${linkNames[to]}: ${url}`));
  const { done, would } = doings(outcome);
  lines.push('', ...(actions.length === 0 ? [nothingDone(outcome)] : []));
  lines.push(...doingLines('Would have done:', would, resource), ...doingLines('Done:', done, resource));
  const history = historyLines(outcome, lineOf);
  if (history.length > 0) lines.push('', ...history);
  const story = storyOf(outcome);
  if (story.passed.length > 0) lines.push('', `Guards that passed: ${story.passed.join(', ')}`);
  lines.push('', 'Story:');
  for (const { at, phase, text } of story.lines) lines.push(`${at.slice(11, 19)} ${phase}: ${lineOf(text)}`);
  lines.push('', `Incident ${incident}`);
  return lines.join('\n');
};
