import { describe, expect, test } from '@jest/globals';
import { approvalOf } from '../../shared/approvals/approval.ts';
import { isGenuine, parseToken } from '../../shared/approvals/link.ts';
import { createApprovalRequester } from '../../shared/approvals/request.ts';
import { classifyError } from '../../shared/aws/call.ts';
import { questionPermissions } from '../../shared/notifications/channels/index.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { questionSubject } from '../../shared/notifications/question.ts';
import type { ApprovalRequest } from '../../shared/ports/reporter.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';
import { incident } from '../remediation/examples.ts';
import { approval, keys, localStore, page, request } from './examples.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:approvals';

const asking = async (asked: ApprovalRequest = request(), answer: Answer = { output: {} }) => {
  const local = await localStore();
  const { clients, calls } = recordingClients(() => answer);
  const ask = createApprovalRequester({ sns: clients.sns, topicArn, page, keys: async () => keys, store: local.store });
  const result = await ask(asked).catch((error: unknown) => error);
  const stored = await local.store.read(approvalOf(asked, page).id);
  const published = calls.filter(({ permission }) => permission === 'sns:Publish');
  return { ask, calls, published, stored, result, close: local.close };
};

describe('asking a person', () => {
  test('keeps the question and publishes one message with its link, for each kind of reader', async () => {
    const { calls, published, stored, close } = await asking();
    expect(calls.map(({ permission }) => permission)).toEqual(questionPermissions);
    const input = published[0]?.input ?? {};
    expect(input).toMatchObject({ TopicArn: topicArn, MessageStructure: 'json', Subject: questionSubject(approval()) });
    const message = JSON.parse(input.Message as string);
    expect(Object.keys(message).sort()).toEqual(['default', 'email', 'sms']);
    const { link } = JSON.parse(message.default);
    for (const text of [message.email, message.sms]) expect(text).toContain(link);
    expect(stored).toEqual({ approval: approval(), decision: null, delivery: null });
    const token = parseToken(link.slice(page.length));
    expect(token && isGenuine(token, approval(), keys)).toBe(true);
    await close();
  });

  test('carries what a subscriber may want to filter by', async () => {
    const { published, close } = await asking();
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(published[0]?.input.MessageAttributes).toEqual({
      kind: text('approval'),
      incident: text(incident().key),
      failure: text('instance-unreachable'),
      severity: text('critical'),
      resource: text('i-0a1b2c3d4e5f60718'),
      account: text('123456789012'),
      region: text('us-east-1'),
    });
    await close();
  });

  test('tells a chat that a question waits, without the link to decide it', async () => {
    const local = await localStore();
    const { clients, calls } = recordingClients(() => ({ output: {} }));
    const chatTopicArn = `${topicArn}-chat`;
    const ask = createApprovalRequester({ sns: clients.sns, topicArn, chatTopicArn, page, keys: async () => keys, store: local.store });
    await ask(request());
    const [mail, chat] = calls.filter(({ permission }) => permission === 'sns:Publish').map(({ input }) => input);
    expect([mail?.TopicArn, chat?.TopicArn]).toEqual([topicArn, chatTopicArn]);
    expect(chat?.MessageStructure).toBeUndefined();
    expect(chat?.MessageAttributes).toEqual(mail?.MessageAttributes);
    const said = chat?.Message as string;
    expect(chatSchema.parse(JSON.parse(said)).metadata.eventType).toBe('selfheal-approval');
    expect(said).not.toContain(page);
    await local.close();
  });

  test('asks nobody where nobody listens, and keeps no question', async () => {
    const { published, stored, result, close } = await asking(request(), { output: { Attributes: { SubscriptionsConfirmed: '0' } } });
    expect(result).toMatchObject({ name: 'NobodyToAsk' });
    expect(classifyError(result).kind).toBe('refused');
    expect([published, stored]).toEqual([[], null]);
    await close();
  });

  test('asks all the same where it can not be told whether anybody listens', async () => {
    const local = await localStore();
    const { clients, calls } = recordingClients((permission) =>
      permission === 'sns:Publish' ? { output: {} } : sdkError('AuthorizationError', 403),
    );
    await createApprovalRequester({ sns: clients.sns, topicArn, page, keys: async () => keys, store: local.store })(request());
    expect(calls.map(({ permission }) => permission)).toContain('sns:Publish');
    await local.close();
  });

  test('is done where the chat can not be told, so that nobody is asked twice', async () => {
    const local = await localStore();
    const { clients } = recordingClients((_, { TopicArn }) => (TopicArn === topicArn ? { output: {} } : sdkError('InternalError', 500)));
    const ask = createApprovalRequester({
      sns: clients.sns,
      topicArn,
      chatTopicArn: `${topicArn}-chat`,
      page,
      keys: async () => keys,
      store: local.store,
    });
    await expect(ask(request())).resolves.toBeUndefined();
    await local.close();
  });

  test('twice is asking the same', async () => {
    const { ask, calls, close } = await asking();
    await ask(request());
    expect(calls.slice(2)).toEqual(calls.slice(0, 2));
    await ask(request(), true);
    expect(calls[5]?.input.Subject).toMatch(/^Again: /);
    await close();
  });

  test('throws what SNS refuses, with the question kept for the next try', async () => {
    const { result, stored, close } = await asking(request(), sdkError('ThrottledException', 429));
    expect(result).toMatchObject({ name: 'ThrottledException' });
    expect(stored).not.toBeNull();
    await close();
  });

  test('keeps the longest story within what SNS and DynamoDB take, its end above all', async () => {
    const timeline = Array.from({ length: 5000 }, (_, i) => ({
      at: '2026-11-20T12:00:00.000Z',
      phase: 'look' as const,
      text: `${i} ${'ü"'.repeat(290)}`,
    }));
    const { published, stored, close } = await asking(request({ timeline }));
    expect(Buffer.byteLength(published[0]?.input.Message as string)).toBeLessThan(256 * 1024);
    expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThan(400 * 1024);
    expect(stored?.approval.timeline.at(-1)?.text).toMatch(/^4999 /);
    await close();
  });
});
