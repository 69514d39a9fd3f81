import { createHash } from 'node:crypto';
import type { Bulletin } from '../ports/reporter.ts';
import { chatLimits } from './chat-limits.ts';
import type { ChatNotification } from './chat-schema.ts';
import { chatLine, cut, lineOf, printable, smsLine } from './text.ts';

/** The subject of the mail about past incidents. */
export const digestSubject = ({ headline }: Bulletin): string => printable(cut(`selfheal, last week: ${lineOf(headline, 70)}`, 99));

/** The text message, in a single part. */
export const digestSms = ({ headline }: Bulletin): string => cut(smsLine(`selfheal, last week: ${headline}`), 159);

/** The mail: every part with something in it. */
export const digestText = ({ sections }: Bulletin): string =>
  sections
    .flatMap(({ title, lines }) => (lines.length === 0 ? [] : [lineOf(title), ...lines.map((line) => `- ${lineOf(line)}`), '']))
    .concat('selfheal digest --since 7d tells the same. Nothing needs to be done. The policy says when this comes (digest).')
    .join('\n');

/** The chat message: what fits, part by part. */
export const digestChat = ({ headline, sections }: Bulletin): ChatNotification => {
  const title = cut(chatLine(`selfheal, last week: ${headline}`), chatLimits.title);
  const lines = sections.flatMap(({ title, lines }) =>
    lines.length === 0 ? [] : [chatLine(title), ...lines.map((line) => `- ${chatLine(line)}`)],
  );
  return {
    version: '1.0',
    source: 'custom',
    id: `digest-${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)}`,
    content: {
      textType: 'client-markdown',
      title,
      description: cut(lines.join('\n'), chatLimits.description),
      nextSteps: ['Nothing needs to be done. The mail has all of it.'],
      keywords: ['digest'],
    },
    metadata: {
      threadId: 'selfheal-digest',
      summary: title,
      eventType: 'selfheal-digest',
      relatedResources: [],
      additionalContext: {},
    },
  };
};
