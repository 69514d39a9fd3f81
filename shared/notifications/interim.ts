import type { Interim } from '../ports/reporter.ts';
import { context } from './chat.ts';
import { chatLimits } from './chat-limits.ts';
import type { ChatNotification } from './chat-schema.ts';
import { isCommon, massOf, repeatNotice } from './message.ts';
import { chatLine, chatName, cut, lineOf, printable, smsLine } from './text.ts';

/** The JSON form of an interim notification: things that people can't wait for. Programs wait for the outcome. */
export const publishedInterim = ({ kind, ...interim }: Interim) => ({
  version: '1',
  kind: kind === 'opened' ? 'incident.opened' : 'interim',
  ...interim,
});

/** The subject of an interim mail. */
export const interimSubject = ({ resource, region, headline, reason }: Interim): string => {
  const tail = ` (${lineOf(region, 30)})`;
  const mass = massOf({ reason });
  return printable(cut(mass === null ? `${lineOf(headline, 60)}: ${lineOf(resource.id)}` : `selfheal: ${mass}`, 99 - tail.length) + tail);
};

/** The text message, in a single part. */
export const interimSms = (interim: Interim): string => cut(smsLine(interim.reason), 159);

/** The text of an interim mail. */
export const interimText = ({ reason, failure, severity, resource, account, region, incident, at, repeat }: Interim): string =>
  [
    ...(repeat ? [repeatNotice] : []),
    lineOf(reason),
    '',
    `Resource: ${resource.type} ${lineOf(resource.id)}`,
    `Failure: ${failure} (${severity})`,
    `Where: account ${lineOf(account)}, ${lineOf(region)}`,
    `Time: ${at}`,
    '',
    isCommon({ reason })
      ? `Incident ${incident}, and those of the other accounts and regions, have ended without an action on any of these resources.`
      : `Incident ${incident}. It is still open: its outcome follows if there is more to tell.`,
  ].join('\n');

/** The chat message of an interim notification. */
export const interimChat = (interim: Interim): ChatNotification => {
  const { incident, failure, severity, resource, account, region, reason } = interim;
  const title = `⏳ ${chatLine(interimSubject(interim))}`;
  return {
    version: '1.0',
    source: 'custom',
    id: `${incident}-interim`,
    content: {
      textType: 'client-markdown',
      title: cut(title, chatLimits.title),
      description: [
        chatLine(reason),
        `Where: ${resource.type} ${chatName(resource.id)}, account ${chatLine(account, 20)}, ${chatLine(region, 30)}`,
        `Failure: ${failure} (${severity})`,
      ].join('\n'),
      nextSteps: [
        cut(
          `Look at ${chatName(resource.id, 120)}; the outcome of incident ${chatName(incident, 80)} follows if there is more to tell.`,
          chatLimits.step,
        ),
      ],
      keywords: [failure, severity, 'interim'],
    },
    metadata: {
      threadId: incident,
      summary: cut(title, chatLimits.title),
      eventType: 'selfheal-interim',
      relatedResources: [chatLine(resource.id, chatLimits.line)],
      additionalContext: context({ incident, failure, severity, resource: resource.id, account, region }),
    },
  };
};
