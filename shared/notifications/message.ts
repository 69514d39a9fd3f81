import { hadNoEffect, wouldBeDone } from '../model/action-result.ts';
import { parseArn } from '../model/arn.ts';
import { describeChange } from '../model/change.ts';
import { formatDuration } from '../model/duration.ts';
import { readMass } from '../model/mass-failure-text.ts';
import type { ActionRecord, Outcome } from '../model/outcome.ts';
import { isGapNote } from '../model/outcome.ts';
import { isResolved } from '../model/status.ts';
import { linkNames } from './links.ts';
import { storyOf } from './story.ts';
import { cut, lineOf, printable, smsLine } from './text.ts';
import { whatNow } from './what-now.ts';
import { words } from './words.ts';

/**
 * SNS limits subjects to fewer than 100 printable ASCII characters, the first a letter, digit or punctuation:
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const subjectLimit = 99;
/** Fits the 160 septets of a single text message, so that it isn't split. */
const smsLimit = 159;

/** Reasons to act on first: something that selfheal has left undone or isn't allowed to do. */
const urgent = /^(?:(?:STOPPED|TERMINATED) by selfheal: |selfheal lacks )[^\s]{1,300}/;
/** The urgent beginning of a reason; null if it isn't urgent. */
export const leadOf = ({ reason }: Pick<Outcome, 'reason'>): string | null => urgent.exec(reason)?.[0].replace(/[.:;,]$/, '') ?? null;

/** Describes the resource by its id and its name, if any. `line` makes external text safe for the destination. */
export const resourceLine = ({ resource, name }: Pick<Outcome, 'resource' | 'name'>, line: (text: string) => string): string =>
  `${line(resource.id)}${name === undefined ? '' : ` "${line(name)}"`}`;

/** Describes a mass failure (how many, what, where); null if the outcome isn't one. */
export const massOf = ({ reason }: Pick<Outcome, 'reason'>): string | null => {
  const mass = readMass(reason);
  if (mass === null) return null;
  const { of, scope, count } = mass;
  const bare = scope === 'region' || (scope === 'account' && of === 'resources');
  const where = bare ? lineOf(mass.where) : `${scope} ${lineOf(mass.where)}`;
  return `${mass.more ? 'more than ' : ''}${count} ${of === 'resources' ? 'instances' : of} fail in ${where}`;
};

/** Whether several accounts, or several regions of one, fail together. */
export const isCommon = ({ reason }: Pick<Outcome, 'reason'>): boolean => {
  const mass = readMass(reason);
  return mass !== null && mass.of !== 'resources';
};

/** The zone and account, if `room` allows; the region is always included. */
const placeOf = ({ region, zone, account, resource }: Outcome, room: number): string => {
  const own = zone !== undefined && zone !== resource.id ? lineOf(zone, 30) : undefined;
  const code = lineOf(region, 30);
  // A zone's name includes its region.
  const near = own === undefined ? code : own.startsWith(code) ? own : `${code}, ${own}`;
  const places = [...(account === '' ? [] : [`${near}, ${lineOf(account, 20)}`]), near];
  return `(${printable(places.find((place) => place.length + 3 <= room) ?? code)})`;
};

/** The subject: what happened to what, and where. */
export const subjectOf = (outcome: Outcome, repeat = false): string => {
  const { status, failure, resource, name, region } = outcome;
  const lead = leadOf(outcome);
  const begin = `${repeat ? 'Again: ' : ''}${lead === null ? `selfheal: ${words[status]}` : lineOf(lead)}: `;
  const head = printable(begin + (massOf(outcome) ?? `${failure} on ${lineOf(resource.id)}`));
  const named = massOf(outcome) !== null || name === undefined ? head : printable(`${begin}${failure} on ${resourceLine(outcome, lineOf)}`);
  // The end of an ARN is more specific than its beginning.
  const short = printable(`${begin}${failure} on ${lineOf(parseArn(resource.id)?.resource ?? resource.id)}`);
  const least = ` (${lineOf(region, 30)})`;
  // The id has priority, then the name, then the zone and account.
  const shown =
    [named, head, ...(massOf(outcome) === null ? [short] : [])].find((text) => text.length + least.length <= subjectLimit) ??
    cut(head, subjectLimit - least.length);
  // What several accounts have in common is in none of them.
  const { zone: _, ...where } = outcome;
  const placed = isCommon(outcome) ? { ...where, account: '' } : outcome;
  return `${shown} ${placeOf(placed, subjectLimit - shown.length)}`;
};

/** The text message: what happened to what, as much of the reason as fits, and a link if there is room. */
export const smsOf = (outcome: Outcome, repeat = false): string => {
  const { reason, links = [] } = outcome;
  const { name: _, zone: __, ...bare } = outcome;
  const because = smsLine(reason);
  const titled = (title: string) => `${smsLine(title, subjectLimit + 20)}: ${because}`;
  const texts =
    leadOf(outcome) === null
      ? [titled(subjectOf(outcome, repeat)), titled(subjectOf({ ...bare, account: '' }, repeat))]
      : [`${repeat ? 'Again: ' : ''}${because}`];
  // The reason is more important than the place.
  const text = texts.find(({ length }) => length <= smsLimit) ?? (texts.at(-1) as string);
  const link = links.find(({ url }) => text.length + 1 + url.length <= smsLimit);
  return cut(link ? `${text} ${link.url}` : text, smsLimit);
};

/** Recent changes of the resource, as lines; `line` makes external text safe for the destination. */
export const historyLines = (outcome: Outcome, line: (text: string) => string): string[] => {
  // Outcomes of older versions lack these.
  const { changes = [], likelyCause = null, changesNote = null } = outcome;
  const lines: string[] = [];
  if (likelyCause) lines.push(`Likely cause: ${line(describeChange(likelyCause.change))}`, `(${line(likelyCause.because)})`);
  const others = changes.filter(({ at, call }) => at !== likelyCause?.change.at || call !== likelyCause.change.call);
  if (others.length > 0) lines.push(likelyCause ? 'Also changed lately:' : 'Changed lately:');
  for (const change of others) lines.push(`- ${line(describeChange(change))}`);
  if (isGapNote(changesNote)) lines.push(`Note: ${line(changesNote)}.`);
  return lines;
};

/** After an execution died, no record doesn't mean that nothing was done. */
export const nothingDone = ({ status }: Pick<Outcome, 'status'>): string =>
  status === 'failed' ? 'No action is recorded.' : 'This incident took no action.';

/** The actions done, and those that a dry run would have done: its tries had no effect, whatever AWS answered. */
export const doings = ({ status, actions }: Pick<Outcome, 'status' | 'actions'>) => {
  const rehearsed = (record: ActionRecord) => wouldBeDone(record) || (status === 'dry-run' && hadNoEffect(record));
  return { done: actions.filter((one) => !rehearsed(one)), would: actions.filter(rehearsed) };
};

/** Marks a possible duplicate. */
export const repeatNotice = 'Sent again: AWS did not confirm an earlier attempt.';

const doingLines = (title: string, actions: readonly ActionRecord[], resource: Outcome['resource']): string[] =>
  actions.length === 0
    ? []
    : [
        title,
        ...actions.map((record) => {
          const { action, target, attempt, at, result } = record;
          const other = target === undefined || target === resource.id ? '' : ` on ${lineOf(target)}`;
          return `- ${at.slice(11, 19)} ${action}${other}${wouldBeDone(record) ? '' : `, try ${attempt}: ${lineOf(result)}`}`;
        }),
      ];

/** The mail, readable on a phone: the result and what to do first, then links, actions and the timeline. */
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
    ...(repeat ? [repeatNotice] : []),
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
