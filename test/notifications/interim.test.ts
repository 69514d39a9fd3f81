import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commonReason, massReason, massScope } from '../../shared/model/mass-failure-text.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { interimChat, interimSms, interimSubject, interimText, publishedInterim } from '../../shared/notifications/interim.ts';
import { interimMessageSchema } from '../../shared/notifications/schemas.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { anyCharacter } from '../characters.ts';
import { incident, instanceId } from '../remediation/examples.ts';

const { key, failure, severity, resource, account, region } = incident();
const interim = (change: Partial<Interim> = {}): Interim => ({
  ...{ incident: key, failure, severity, resource, account, region },
  at: '2026-11-20T12:04:00.000Z',
  headline: 'STOPPED by selfheal',
  reason: `STOPPED by selfheal at 12:00 UTC, 4 min 00 s ago: ${instanceId} is still stopped. selfheal keeps trying to start it; the outcome follows`,
  ...change,
});
const hostile = fc.oneof(
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 300 }),
  fc.constantFrom(
    'evil.example',
    'https://evil.example/x',
    '@here',
    '<!channel>',
    '`[x](http://evil.example)',
    'x'.repeat(2048),
    'a\r\nBcc: b',
    ' ',
  ),
);
const anyInterim = fc
  .record({ id: hostile, reason: hostile, headline: hostile, region: hostile, account: hostile })
  .map(({ id, reason, ...rest }) => interim({ ...rest, reason: `STOPPED by selfheal: ${reason}`, resource: { type: 'instance', id } }));
const always = (property: (one: Interim) => void) => fc.assert(fc.property(anyInterim, property), { numRuns: 500 });

describe('what is told before the end', () => {
  test('says in its subject what was done to what, and where', () => {
    expect(interimSubject(interim())).toBe(`STOPPED by selfheal: ${instanceId} (us-east-1)`);
    expect(interimSubject(interim({ headline: 'not treated yet by selfheal' }))).toMatch(/^not treated yet by selfheal: i-/);
  });

  test('says in its subject how many fail together, of what, and where', () => {
    const reason = massReason(massScope('zone', { account, region }, 'us-east-1a'), ['i-1', 'i-2', 'i-3'], false, 300, 'i-1, i-2, i-3');
    expect(interimSubject(interim({ headline: 'many fail together', reason }))).toBe(
      'selfheal: 3 instances fail in zone us-east-1a (us-east-1)',
    );
  });

  test('says of mass failures of several accounts how many, and that none of them is open', () => {
    const places = [account, '999999999999'].map((one) => ({ account: one, region, count: 12, more: false, zone: null }));
    const one = interim({ headline: 'Mass failure', reason: commonReason({ of: 'region', id: region }, places, 600) });
    expect(interimSubject(one)).toBe('selfheal: 2 accounts fail in us-east-1 (us-east-1)');
    expect(interimText(one)).toContain('have ended without an action');
    expect(interimText(one)).not.toContain('still open');
  });

  test('says in a mail all that there is, and that it isn’t over', () => {
    const text = interimText(interim());
    for (const part of [interim().reason.slice(0, 40), instanceId, failure, severity, account, region, key, 'It is still open'])
      expect(text).toContain(part);
  });

  test('begins in a text message with what was done', () => {
    expect(interimSms(interim())).toMatch(/^STOPPED by selfheal at 12:00 UTC, 4 min 00 s ago: i-/);
  });

  test('is for machines as its schema says, and no outcome', () => {
    const published = publishedInterim(interim());
    expect(interimMessageSchema.parse(published)).toEqual(published);
    expect(published).toMatchObject({ version: '1', kind: 'interim', reason: interim().reason });
  });

  test('stands in its incident’s thread of the chat', () => {
    const told = interimChat(interim());
    expect(chatSchema.parse(told)).toEqual(told);
    expect(told.metadata).toMatchObject({ threadId: key, eventType: 'selfheal-interim', relatedResources: [instanceId] });
    expect(told.id).toBe(`${key}-interim`);
    expect(told.content.description).toContain('is still stopped');
  });
});

describe('whatever names hold', () => {
  // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  test('the subject is one that SNS takes', () => always((one) => expect(interimSubject(one)).toMatch(/^[!-~][ -~]{0,98}$/)));

  test('the text message is one, and each of its characters one septet', () =>
    always((one) => expect(interimSms(one)).toMatch(/^[ -Z_a-z]{1,159}$/)));

  test('the chat takes it', () => always((one) => void chatSchema.parse(interimChat(one))));

  test('there is no link in what people read, and no line that is not ours', () => {
    const lines = interimText(interim()).split('\n').length;
    always((one) => {
      const chat = interimChat(one);
      const told = [
        interimSubject(one),
        interimText(one),
        interimSms(one),
        chat.content.title,
        chat.content.description,
        ...chat.content.nextSteps,
      ];
      for (const text of told) expect(text).not.toMatch(/evil\.example|:\/\/|@/);
      expect(JSON.stringify(chat.content)).not.toMatch(/<!/);
      expect(interimText(one).split('\n')).toHaveLength(lines);
      expect(chat.content.description.split('\n')).toHaveLength(3);
    });
  });
});
