import { describeChange } from '../incident/change.ts';
import { formatDuration } from '../incident/duration.ts';
import { isResolved, type Outcome } from '../incident/outcome.ts';
import { cut, lineOf, printable, smsLine } from './text.ts';
import { words } from './words.ts';

/** SNS takes subjects of less than 100 printable ASCII characters that begin with a letter, a digit or punctuation. */
const subjectLimit = 99;
/** Less than the 160 septets that one text message holds, so that none is cut in two. */
const smsLimit = 159;

/** What must be done about first, before all else that there is to say: what selfheal has left undone, or may not do. */
const urgent = /^(?:(?:STOPPED|TERMINATED) by selfheal: |selfheal lacks )[^\s]{1,300}/;
export const leadOf = ({ reason }: Pick<Outcome, 'reason'>): string | null => urgent.exec(reason)?.[0].replace(/[.:;,]$/, '') ?? null;

/** What stands in the notification's title: what happened to what. */
export const subjectOf = (outcome: Outcome, repeat = false): string => {
  const { status, failure, resource, region } = outcome;
  const tail = ` (${lineOf(region, 30)})`;
  const lead = leadOf(outcome);
  const what = `${failure} on ${lineOf(resource.id)}`;
  const head = (repeat ? 'Again: ' : '') + (lead === null ? `selfheal: ${words[status]}: ${what}` : `${lineOf(lead)}: ${what}`);
  return printable(cut(head, subjectLimit - tail.length) + tail);
};

/** For phones: what happened to what, and as much of the reason as one text message has room for. */
export const smsOf = (outcome: Outcome, repeat = false): string => {
  if (leadOf(outcome) !== null) return cut(`${repeat ? 'Again: ' : ''}${smsLine(outcome.reason)}`, smsLimit);
  return cut(`${smsLine(subjectOf(outcome, repeat), subjectLimit + 20)}: ${smsLine(outcome.reason)}`, smsLimit);
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

/** Whoever gets a message twice must not take it for two. */
export const toldAgain = 'Told again: AWS did not confirm that this was sent before.';

/** Text that can be read on a phone: the answer first, then what was done, then the story. */
export const textOf = (outcome: Outcome, repeat = false): string => {
  const { status, failure, resource, account, region, reason, actions, timeline, timeToRecoverSeconds, severity, incident, resourceState } =
    outcome;
  const head = [`${resource.type} ${lineOf(resource.id)}: ${words[status]}`, lineOf(reason)];
  const lines = [
    ...(repeat ? [toldAgain] : []),
    ...(leadOf(outcome) === null ? head : head.toReversed()),
    ...(resourceState ? [`Seen: ${lineOf(resourceState)}`] : []),
    '',
    `What: ${failure} (${severity})`,
    `Where: account ${lineOf(account)}, ${lineOf(region)}`,
    `Began: ${outcome.startedAt}`,
    `Ended: ${outcome.endedAt}`,
  ];
  if (isResolved(status) && timeToRecoverSeconds !== null)
    lines.push(`Time to recover: ${formatDuration(timeToRecoverSeconds)}, verified on two looks`);
  lines.push('', actions.length > 0 ? 'Done:' : nothingDone(outcome));
  for (const { action, target, attempt, at, result } of actions) {
    const other = target === undefined || target === resource.id ? '' : ` on ${lineOf(target)}`;
    lines.push(`- ${at.slice(11, 19)} ${action}${other}, try ${attempt}: ${lineOf(result)}`);
  }
  const history = historyLines(outcome, lineOf);
  if (history.length > 0) lines.push('', ...history);
  lines.push('', 'Story:');
  for (const { at, phase, text } of timeline) lines.push(`${at.slice(11, 19)} ${phase}: ${lineOf(text)}`);
  lines.push('', `Incident ${incident}`);
  return lines.join('\n');
};
