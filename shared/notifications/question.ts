import { type Approval, questionReference } from '../model/approval.ts';
import { foreseenWords } from '../model/foreseen.ts';
import { utc } from '../model/text.ts';
import { context } from './chat.ts';
import { chatLimits } from './chat-limits.ts';
import type { ChatNotification } from './chat-schema.ts';
import { chatLine, chatName, cut, gsmText, lineOf, smsLine } from './text.ts';

/** What is asked, with what is known of such an action from past incidents, in a sentence. */
export type Question = Approval & { experience?: string };

/** SNS limits subjects to fewer than 100 printable ASCII characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const subjectLimit = 99;
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

/** The maximum length of external text in a line, in characters. */
const lineLimit = 500;

/** The subject: what needs approval, and where. */
export const questionSubject = ({ what, region }: Approval, repeat = false): string => {
  const tail = `? (${lineOf(region)})`;
  const head = `${repeat ? 'Again: ' : ''}selfheal asks: ${printable(lineOf(what, lineLimit))}`;
  const room = subjectLimit - tail.length;
  return (head.length > room ? `${head.slice(0, room - 3)}...` : head) + tail;
};

/** The mail: what, why, until when, and the link on its own line. */
export const questionText = (approval: Question, link: string, repeat = false): string => {
  const { what, why, failure, severity, reason, resource, account, region, expiresAt, incident, experience, foreseen } = approval;
  const line = (text: string) => lineOf(text, lineLimit);
  return [
    ...(repeat ? ['Asked again, with the same link: AWS did not confirm an earlier attempt.'] : []),
    `May selfheal ${line(what)}?`,
    '',
    ...(foreseen ? [...foreseenWords(foreseen).map(([term, text]) => `${term}: ${line(text)}`), ''] : []),
    `Reason for asking: ${line(why)}`,
    `Problem: ${failure} (${severity}): ${line(reason)}`,
    `Resource: ${resource.type} ${line(resource.id)}, account ${line(account)}, ${line(region)}`,
    ...(experience === undefined ? [] : [`So far: ${line(experience)}`]),
    `Until: ${utc(expiresAt)}. If nobody decides by then, selfheal takes no action.`,
    '',
    'Look at it, then approve or reject with your name:',
    link,
    '',
    'Opening the link changes nothing. Anyone with the link can decide, once: do not forward it.',
    '',
    `Incident ${incident}`,
  ].join('\n');
};

/**
 * The text message, in the GSM alphabet. The link fills most of one message, so this takes two; SNS sends up to 1,600 characters in parts.
 */
export const questionSms = (approval: Approval, link: string, repeat = false): string =>
  `${gsmText(`${repeat ? 'Again: ' : ''}selfheal: may I ${smsLine(approval.what, 100)}? Until ${utc(approval.expiresAt)}:`)} ${link}`;

/** The JSON form, for programs that show the request with its link. The timeline is behind the link. */
export const publishedQuestion = (approval: Question, link: string, repeat = false) => {
  const { incident, failure, severity, reason, resource, account, region, action, target, what, why, expiresAt, experience, foreseen } =
    approval;
  return {
    version: '1',
    kind: 'approval',
    incident,
    failure,
    severity,
    reason,
    resource,
    account,
    region,
    action,
    target,
    what,
    why,
    ...(experience === undefined ? {} : { experience }),
    expiresAt: new Date(expiresAt).toISOString(),
    ...(foreseen ? { foreseen } : {}),
    link,
    ...(repeat ? { repeat: true as const } : {}),
  };
};

/** The chat message about a request. Without the link: its holder can decide, and many read a channel. */
export const questionChat = (approval: Question): ChatNotification => {
  const { incident, failure, severity, resource, account, region, action, what, why, reason, expiresAt, people, experience, foreseen } =
    approval;
  const until = utc(expiresAt);
  return {
    version: '1.0',
    source: 'custom',
    // Two requests of one incident are two messages.
    id: `${incident}-approval-${expiresAt}`,
    content: {
      textType: 'client-markdown',
      title: cut(`❓ selfheal asks: may it ${chatLine(what, 180)}?`, chatLimits.title),
      description: [
        ...(foreseen ? foreseenWords(foreseen).map(([term, text]) => `${term}: ${chatLine(text)}`) : []),
        `Reason for asking: ${chatLine(why)}`,
        `Problem: ${chatLine(failure, 40)} (${chatLine(severity, 10)}): ${chatLine(reason)}`,
        `Where: ${resource.type} ${chatName(resource.id)}, account ${chatLine(account, 20)}, ${chatLine(region, 30)}`,
        ...(experience === undefined ? [] : [`So far: ${chatLine(experience)}`]),
        `Until: ${until}. If nobody decides by then, selfheal takes no action.`,
      ].join('\n'),
      nextSteps: [
        people === 2
          ? 'Two people have to agree: the approval topics have sent each of them a link.'
          : 'The approval topic has sent the link to the people who may decide: ask one of them, or use the buttons if this channel has them.',
      ],
      keywords: [failure, severity, 'approval'].map((word) => cut(chatLine(word), chatLimits.keyword)),
    },
    metadata: {
      threadId: incident,
      summary: cut(`selfheal waits for a person until ${until}`, chatLimits.title),
      eventType: 'selfheal-approval',
      relatedResources: [chatLine(resource.id, chatLimits.line)],
      additionalContext: {
        ...context({ incident, failure, severity, resource: resource.id, account, region, action }),
        // Without it there is no button that answers.
        ...(people === 2 ? {} : context({ question: questionReference(approval) })),
      },
    },
  };
};
