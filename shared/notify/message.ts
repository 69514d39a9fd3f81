import { formatDuration } from '../incident/duration.ts';
import { isResolved, type Outcome, type Status } from '../incident/outcome.ts';

const words: Record<Status, string> = {
  healed: 'healed',
  'healed-itself': 'healed by itself',
  escalated: 'needs you',
  held: 'held back, needs you',
  failed: 'selfheal failed, needs you',
  'dry-run': 'dry run',
};

/** SNS takes subjects of less than 100 printable ASCII characters that begin with a letter, a digit or punctuation. */
const subjectLimit = 99;

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim();

/** What stands in the notification's title: what happened to what. */
export const subjectOf = ({ status, failure, resource, region }: Outcome): string => {
  const tail = ` (${region})`;
  const head = `selfheal: ${words[status]}: ${failure} on ${resource.id}`;
  const room = subjectLimit - tail.length;
  return printable((head.length > room ? `${head.slice(0, room - 3)}...` : head) + tail);
};

/** Text that can be read on a phone: the answer first, then what was done, then the story. */
export const textOf = (outcome: Outcome): string => {
  const { status, failure, resource, account, region, reason, actions, timeline, timeToRecoverSeconds, severity, incident } = outcome;
  const lines = [
    `${resource.type} ${resource.id}: ${words[status]}`,
    reason,
    '',
    `What: ${failure} (${severity})`,
    `Where: account ${account}, ${region}`,
    `Began: ${outcome.startedAt}`,
    `Ended: ${outcome.endedAt}`,
  ];
  if (isResolved(status) && timeToRecoverSeconds !== null)
    lines.push(`Time to recover: ${formatDuration(timeToRecoverSeconds)}, verified on two looks`);
  lines.push('', actions.length > 0 ? 'Done:' : 'Nothing was done.');
  for (const { action, attempt, at, result } of actions) lines.push(`- ${at.slice(11, 19)} ${action}, try ${attempt}: ${result}`);
  lines.push('', 'Story:');
  for (const { at, phase, text } of timeline) lines.push(`${at.slice(11, 19)} ${phase}: ${text}`);
  lines.push('', `Incident ${incident}`);
  return lines.join('\n');
};
