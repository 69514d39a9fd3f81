import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linkTo } from '../../shared/approval/link.ts';
import { jsonOf, mailOf, subjectOf as questionSubjectOf, textMessageOf } from '../../shared/approval/request.ts';
import type { Interim } from '../../shared/incident/reporter.ts';
import { chatOf, chatOfApproval } from '../../shared/notify/chat.ts';
import { interimChat, interimSms, interimSubject, interimText } from '../../shared/notify/interim.ts';
import { smsOf, subjectOf, textOf } from '../../shared/notify/message.ts';
import { published } from '../../shared/notify/published.ts';
import { approval, keys } from '../approval/examples.ts';
import { anyCharacter } from '../characters.ts';
import { change, noon, outcome } from '../incident/examples.ts';

type Linkifier = {
  set(options: object): Linkifier;
  tlds(list: string[], keepOld: boolean): Linkifier;
  match(text: string): { url: string }[] | null;
};
const { LinkifyIt } = createRequire(import.meta.url)('linkify-it') as { LinkifyIt: new () => Linkifier };
/** Any word ends a domain, as if all of them were for sale; none begins with a digit. */
const linkifier = new LinkifyIt().set({ fuzzyLink: true, fuzzyEmail: true }).tlds(['[a-z][a-z0-9-]*[a-z]', 'рф', 'ｃｏｍ'], true);
const linksIn = (text: string): string[] => (linkifier.match(text) ?? []).map(({ url }) => url);

const piece = fc.constantFrom(
  ...['evil', 'example', 'com', 'ｅｖｉｌ', 'ｃｏｍ', 'рф', 'xn--p1ai', 'localhost', 'i-0abc', 'Client', 'm7i', '1', '98'],
  ...[
    '.',
    '.',
    '.',
    '．',
    '。',
    '｡',
    '․',
    '…',
    '@',
    '@',
    '/',
    '//',
    '\\',
    '\\\\',
    '://',
    ':',
    '|',
    '-',
    '_',
    '`',
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '&',
    '#',
    '?',
    '=',
  ],
  ...['www', 'http', 'https', 'ftp', 'mailto:', 'tel:', 'sms:', ' ', '\n', '\u200b', '\u00ad', '\u202e', '\ufe0f', '\u3164', '…', '🙂'],
);
const name = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
  fc.constantFrom(
    'evil.example.com',
    'ana@evil.example',
    '//evil.com/x',
    'www.evil.com',
    'ｅｖｉｌ．ｃｏｍ',
    'evil。com',
    'http:\\\\evil.com',
    'http:|/evil.com',
  ),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }),
  fc.webUrl(),
  fc.emailAddress(),
);

const outcomeOf = (text: string) =>
  outcome({
    status: 'escalated',
    reason: text,
    resource: { type: 'alarm', id: text },
    account: text,
    region: text,
    actions: [{ action: 'reboot-instance', target: text, attempt: 1, at: '2026-11-20T12:01:00.000Z', result: text }],
    changes: [change({ who: text, agent: text, from: text })],
    likelyCause: { change: change({ who: text }), because: text },
    changesNote: text,
    timeline: [{ at: '2026-11-20T12:00:00.000Z', phase: 'look', text }],
  });
const questionOf = (text: string) =>
  approval({
    what: text,
    why: text,
    reason: text,
    account: text,
    region: text,
    resource: { type: 'alarm', id: text },
    target: { type: 'alarm', id: text },
  });
const interimOf = (text: string): Interim => ({
  ...outcomeOf(text),
  headline: text,
  at: new Date(noon).toISOString(),
});

/** What people read of a message in a chat; the rest is for programs. */
const readOf = ({ content, metadata }: ReturnType<typeof chatOf>): string[] => [
  content.title,
  content.description,
  ...content.nextSteps,
  ...content.keywords,
  metadata.summary,
  ...metadata.relatedResources,
];

/** Everything that a mail program, a phone or a chat gets to see, without the one link that is ours. */
const messagesOf = (text: string): Record<string, string> => {
  const question = questionOf(text);
  const link = linkTo(question, keys.current);
  return {
    mail: textOf(outcomeOf(text)),
    subject: subjectOf(outcomeOf(text)),
    sms: smsOf(outcomeOf(text)),
    chat: readOf(chatOf(outcomeOf(text))).join('\n'),
    interimMail: interimText(interimOf(text)),
    interimSubject: interimSubject(interimOf(text)),
    interimSms: interimSms(interimOf(text)),
    interimChat: readOf(interimChat(interimOf(text))).join('\n'),
    question: mailOf(question, link).replace(link, ''),
    questionSubject: questionSubjectOf(question),
    questionSms: textMessageOf(question, link).replace(link, ''),
    questionChat: readOf(chatOfApproval(question)).join('\n'),
  };
};

describe('a message to people', () => {
  test('finds its own link, and would find others', () => {
    const link = linkTo(approval(), keys.current);
    expect(linksIn(mailOf(approval(), link))).toEqual([link]);
    expect(linksIn(textMessageOf(approval(), link))).toEqual([link]);
    for (const text of ['evil.example.com', 'ana@evil.example', '//evil.com', 'http://evil']) expect(linksIn(text)).toHaveLength(1);
  });

  test('has no link in it that a name has brought', () => {
    fc.assert(
      fc.property(name, (text) => {
        for (const [where, message] of Object.entries(messagesOf(text)))
          expect({ where, links: linksIn(message) }).toEqual({ where, links: [] });
      }),
      { numRuns: 400 },
    );
  });

  test('has nothing in it that cannot be seen', () => {
    fc.assert(
      fc.property(name, (text) => {
        for (const [where, message] of Object.entries(messagesOf(text)))
          expect({
            where,
            unseen: /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u.exec(message),
          }).toEqual({ where, unseen: null });
      }),
      { numRuns: 400 },
    );
  });

  test('for programs has every name as it is', () => {
    for (const text of ['evil.example.com', 'ana@evil.example//x']) {
      expect(published(outcomeOf(text))).toMatchObject({ reason: text, resource: { id: text } });
      expect(jsonOf(questionOf(text), '')).toMatchObject({ reason: text, target: { id: text } });
    }
    expect(chatOf(outcomeOf('web.example')).metadata.additionalContext).toMatchObject({ resource: 'web.example' });
  });
});
