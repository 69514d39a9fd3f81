import { wouldBeDone } from '../model/action-result.ts';
import { formatDuration } from '../model/duration.ts';
import type { ActionRecord, Outcome } from '../model/outcome.ts';
import type { Status } from '../model/status.ts';
import { chatLimits } from './chat-limits.ts';
import type { ChatNotification } from './chat-schema.ts';
import { linkNames } from './links.ts';
import { doings, historyLines, massOf, nothingDone, repeatNotice, subjectOf } from './message.ts';
import { storyOf } from './story.ts';
import { chatLine, chatName, cut } from './text.ts';
import { whatNow } from './what-now.ts';
import { words } from './words.ts';

const marks: Record<Status, string> = {
  healed: '✅',
  'healed-itself': '✅',
  escalated: '🔴',
  held: '🟠',
  failed: '🔴',
  'dry-run': '⚪',
};

/** Adds the last timeline lines that fit, and says how many are missing. */
const withStory = (lines: readonly string[], story: readonly string[]): string => {
  const head = lines.join('\n');
  const kept: string[] = [];
  const gap = '(the mail and the ledger have the earlier lines)';
  let room = chatLimits.description - head.length - gap.length - 2;
  for (const entry of story.toReversed()) {
    room -= entry.length + 1;
    if (room < 0) break;
    kept.unshift(entry);
  }
  const parts = [head, ...(kept.length < story.length ? [gap] : []), ...kept];
  return cut(parts.join('\n'), chatLimits.description);
};

/** What a person should do next, most important first. */
export const nextSteps = (outcome: Outcome): string[] => {
  const now = whatNow(outcome);
  return [...(now === null ? [] : [chatLine(now)]), `The outcome of incident ${chatName(outcome.incident, 80)} has the whole story.`];
};

/** Values that a custom action may put into a command: one word each, with only the characters of ids and ARNs. */
export const context = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replace(/[^\w./:+=,-]/g, '_').slice(0, 1024) || '_']));

/** The chat message of an outcome. Names in it can't mention people or create links. */
export const chatOf = (outcome: Outcome, repeat = false): ChatNotification => {
  const {
    incident,
    status,
    failure,
    severity,
    resource,
    name,
    account,
    region,
    zone,
    reason,
    actions,
    timeToRecoverSeconds,
    resourceState,
    links = [],
  } = outcome;
  const named = name === undefined ? '' : ` "${chatLine(name, 80)}"`;
  const mass = massOf(outcome);
  const what = mass === null ? `${failure} on ${chatName(resource.id, 120)}${named}` : chatLine(mass, 120);
  const lines = [
    chatLine(reason),
    ...(repeat ? [repeatNotice] : []),
    ...(resourceState ? [`Seen: ${chatLine(resourceState)}`] : []),
    `Where: ${resource.type} ${chatName(resource.id)}${named}, account ${chatLine(account, 20)}, ${chatLine(region, 30)}${zone === undefined || zone === resource.id ? '' : `, zone ${chatLine(zone, 30)}`}`,
    `Failure: ${failure} (${severity})`,
  ];
  if (timeToRecoverSeconds !== null) lines.push(`Time to recover: ${formatDuration(timeToRecoverSeconds)}, verified on two looks`);
  lines.push(...links.map(({ to, url }) => `${linkNames[to]}: ${url}`));
  const describe = (some: readonly ActionRecord[]) =>
    some
      .slice(-5)
      .map((one) => `${chatLine(one.action, 40)}${wouldBeDone(one) ? '' : `, try ${one.attempt}: ${chatLine(one.result, 80)}`}`)
      .join('; ');
  const { done, would } = doings(outcome);
  if (actions.length === 0) lines.push(nothingDone(outcome));
  if (would.length > 0) lines.push(`Would have done: ${describe(would)}`);
  if (done.length > 0) lines.push(`Done: ${describe(done)}`);
  lines.push(...historyLines(outcome, (text) => chatLine(text, 250)), 'Story:');
  const story = storyOf(outcome).lines.map(({ at, phase, text }) => `${at.slice(11, 19)} ${phase}: ${chatLine(text, 200)}`);
  return {
    version: '1.0',
    source: 'custom',
    id: incident,
    content: {
      textType: 'client-markdown',
      title: cut(`${marks[status]} ${repeat ? 'again: ' : ''}${words[status]}: ${what} (${chatLine(region, 30)})`, chatLimits.title),
      description: withStory(lines, story),
      nextSteps: nextSteps(outcome).map((step) => cut(step, chatLimits.step)),
      keywords: [failure, severity, status].map((word) => cut(word, chatLimits.keyword)),
    },
    metadata: {
      threadId: incident,
      summary: chatLine(subjectOf(outcome), chatLimits.title),
      eventType: 'selfheal-outcome',
      relatedResources: [chatLine(resource.id, chatLimits.line)],
      additionalContext: context({ incident, outcome: status, failure, severity, resource: resource.id, account, region }),
    },
  };
};
