import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linkTo } from '../../shared/approvals/link.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { resourceTypes } from '../../shared/model/resource.ts';
import { chatOf } from '../../shared/notifications/chat.ts';
import { interimChat, interimSms, interimSubject, interimText } from '../../shared/notifications/interim.ts';
import { linksOf } from '../../shared/notifications/links.ts';
import { smsOf, subjectOf, textOf } from '../../shared/notifications/message.ts';
import { published } from '../../shared/notifications/published.ts';
import { publishedQuestion, questionChat, questionSms, questionSubject, questionText } from '../../shared/notifications/question.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { approval, keys } from '../approvals/examples.ts';
import { anyCharacter } from '../characters.ts';
import { change, instanceId, noon, outcome } from '../remediation/examples.ts';
import { whole } from '../runner/whole.ts';

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

const home = { region: 'us-east-1', deployment: 'selfheal-prod' };
const runbook = 'https://wiki.example.com/r%2F1?x=1#top';
const linked = (told: Outcome): Outcome => ({ ...told, links: linksOf(told, { home, runbook }) });

const outcomeOf = (text: string) =>
  linked(
    outcome({
      name: text,
      zone: text,
      group: text,
      alarm: { name: text, arn: text },
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
    }),
  );
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

/** Everything that a mail program, a phone or a chat gets to see, without the links that are ours. */
const messagesOf = (text: string): Record<string, string> => {
  const own = (outcomeOf(text).links ?? []).map(({ url }) => url).sort((a, b) => b.length - a.length);
  const withoutOwn = (message: string) => own.reduce((rest, url) => rest.replaceAll(url, ''), message);
  const question = questionOf(text);
  const link = linkTo(question, keys.current);
  return {
    mail: withoutOwn(textOf(outcomeOf(text))),
    subject: subjectOf(outcomeOf(text)),
    sms: withoutOwn(smsOf(outcomeOf(text))),
    chat: withoutOwn(readOf(chatOf(outcomeOf(text))).join('\n')),
    interimMail: interimText(interimOf(text)),
    interimSubject: interimSubject(interimOf(text)),
    interimSms: interimSms(interimOf(text)),
    interimChat: readOf(interimChat(interimOf(text))).join('\n'),
    question: questionText(question, link).replace(link, ''),
    questionSubject: questionSubject(question),
    questionSms: questionSms(question, link).replace(link, ''),
    questionChat: readOf(questionChat(question)).join('\n'),
  };
};

describe('a message to people', () => {
  test('finds its own link, and would find others', () => {
    const link = linkTo(approval(), keys.current);
    expect(linksIn(questionText(approval(), link))).toEqual([link]);
    expect(linksIn(questionSms(approval(), link))).toEqual([link]);
    for (const text of ['evil.example.com', 'ana@evil.example', '//evil.com', 'http://evil']) expect(linksIn(text)).toHaveLength(1);
  });

  test('has no link in it that a name has brought', () => {
    fc.assert(
      fc.property(name, (text) => {
        for (const [where, message] of Object.entries(messagesOf(text)))
          expect({ where, links: linksIn(message) }).toEqual({ where, links: [] });
      }),
      { numRuns: whole ? 400 : 100 },
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
      { numRuns: whole ? 400 : 100 },
    );
  });

  test('for programs has every name as it is', () => {
    for (const text of ['evil.example.com', 'ana@evil.example//x']) {
      expect(published(outcomeOf(text))).toMatchObject({ reason: text, resource: { id: text } });
      expect(publishedQuestion(questionOf(text), '')).toMatchObject({ reason: text, target: { id: text } });
    }
    expect(chatOf(outcomeOf('web.example')).metadata.additionalContext).toMatchObject({ resource: 'web.example' });
  });
});

describe('links', () => {
  const full = outcome({
    status: 'escalated',
    group: 'web/blue',
    alarm: { name: 'web status (prod)', arn: 'arn:aws:cloudwatch:us-west-2:123456789012:alarm:web status (prod)' },
  });
  const urlsOf = (told: Outcome, given: Parameters<typeof linksOf>[1] = { home, runbook }) =>
    Object.fromEntries(linksOf(told, given).map(({ to, url }) => [to, url]));

  test('lead to what a person needs, the runbook first', () => {
    const { story, ...others } = urlsOf(full);
    expect(linksOf(full, { home, runbook }).map(({ to }) => to)).toEqual([
      'runbook',
      'resource',
      'alarm',
      'group-activity',
      'dashboard',
      'story',
    ]);
    expect(others).toEqual({
      runbook,
      resource: `https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#InstanceDetails:instanceId=${instanceId}`,
      // An alarm is looked at where it stands.
      alarm: 'https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#alarmsV2:alarm/web%20status%20%28prod%29',
      'group-activity':
        'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#AutoScalingGroupDetails:id=web%2Fblue;view=activity',
      dashboard: 'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/selfheal-prod',
    });
    const [, detail = ''] = story?.split('$3D') ?? [];
    expect(detail).toMatch(/^\$257E\$2528end/);
    expect(detail).not.toContain('%');
    const query = decodeURIComponent(decodeURIComponent(detail.replaceAll('$', '%'))).replace(/\*([0-9a-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    expect(query).toMatch(/^~\(end~'2026-11-20T12:36:05\.000Z~start~'2026-11-20T11:30:00\.000Z~/);
    expect(query).toContain(`|filter incident='${full.incident}'|sort @timestamp~`);
    expect(query).toContain("source~(~'/aws/lambda/selfheal-prod-intake~'/aws/lambda/selfheal-prod-remediate~");
  });

  test('stand whole in every message: nothing of them is cut off or taken for something else', () => {
    const told = linked(full);
    const urls = (told.links ?? []).map(({ url }) => url);
    expect(linksIn(textOf(told))).toEqual(urls);
    expect(linksIn(chatOf(told).content.description)).toEqual(urls);
    for (const url of urls) expect(url).toMatch(/^https:\/\/[A-Za-z0-9./?=#:%$;&-]+$/);
  });

  test.each([
    ['eu-central-1', 'eu-central-1.console.aws.amazon.com'],
    ['cn-north-1', 'cn-north-1.console.amazonaws.cn'],
    ['us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ])('of %s are on %s', (region, host) => {
    const found = urlsOf({ ...full, region, alarm: { name: 'a', arn: null } }, { home: { ...home, region }, runbook: null });
    expect(Object.keys(found)).toEqual(['resource', 'alarm', 'group-activity', 'dashboard', 'story']);
    expect(new Set(Object.values(found).map((url) => new URL(url).host))).toEqual(new Set([host]));
  });

  test.each(['us-iso-east-1', 'eusc-de-east-1', 'evil.example', ''])('are none where there is no console to go to: %j', (region) => {
    expect(urlsOf({ ...full, region, alarm: { name: 'a', arn: null } }, { home: { ...home, region }, runbook: null })).toEqual({});
  });

  test.each([
    ['volume', 'vol-0a1b2c3d4e5f60718', 'ec2/home?region=us-east-1#VolumeDetails:volumeId=vol-0a1b2c3d4e5f60718'],
    [
      'target-group',
      'targetgroup/web/0123456789abcdef',
      'ec2/home?region=us-east-1#TargetGroup:targetGroupArn=arn%3Aaws%3Aelasticloadbalancing%3Aus-east-1%3A123456789012%3Atargetgroup%2Fweb%2F0123456789abcdef',
    ],
    ['queue', 'jobs', 'sqs/v3/home?region=us-east-1#/queues/https%3A%2F%2Fsqs.us-east-1.amazonaws.com%2F123456789012%2Fjobs'],
    ['service', 'shop/checkout', 'ecs/v2/clusters/shop/services/checkout/health?region=us-east-1'],
    [
      'service',
      'arn:aws:ecs:us-east-1:123456789012:service/shop/checkout',
      'ecs/v2/clusters/shop/services/checkout/health?region=us-east-1',
    ],
    ['service', 'charge-card:live', 'lambda/home?region=us-east-1#/functions/charge-card/aliases/live'],
    ['task', 'arn:aws:ecs:us-east-1:123456789012:task/shop/0a1b', 'ecs/v2/clusters/shop/tasks/0a1b?region=us-east-1'],
    ['alarm', 'a b', 'cloudwatch/home?region=us-east-1#alarmsV2:alarm/a%20b'],
    // Of either a function or a service.
    ['service', 'checkout', null],
    ['instance', 'i-0a1b/../x', null],
    ['target-group', '//evil.example', null],
    ['queue', 'a/b', null],
    ['alarm', 'alärm', null],
  ] as const)('of a %s called %s', (type, id, path) => {
    const url = path === null ? undefined : `https://us-east-1.console.aws.amazon.com/${path}`;
    expect(urlsOf(outcome({ resource: { type, id } }), { home: null, runbook: null }).resource).toBe(url);
  });

  test('are on the console or the runbook alone, whatever names hold', () => {
    const types = fc.constantFrom(...resourceTypes);
    fc.assert(
      fc.property(types, fc.oneof(name, fc.string({ maxLength: 300 })), (type, text) => {
        const told = { ...outcomeOf(text), region: 'us-east-1', resource: { type, id: text } };
        for (const { url } of linksOf(told, { home: { ...home, deployment: text }, runbook: null })) {
          expect(new URL(url).host).toBe('us-east-1.console.aws.amazon.com');
          expect(new URL(url).href).toBe(url);
          expect(url).toMatch(/^[A-Za-z0-9./?=#:%$;&-]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
