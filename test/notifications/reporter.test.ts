import { describe, expect, test } from '@jest/globals';
import { reportPermissions } from '../../shared/notifications/channels/index.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { createReporter } from '../../shared/notifications/reporter.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { outcome } from '../remediation/examples.ts';
import { deploymentOf, topicArn } from './channels/open.ts';

const setUp = (answer?: Answer) => {
  const { deployment, ...rest } = deploymentOf(answer);
  return { reporter: createReporter(deployment), ...rest };
};

describe('a reporter', () => {
  test('has every channel that the deployment has', () => {
    const idsOf = ({ channels }: Reporter) => channels.map(({ id }) => id);
    const { deployment } = deploymentOf();
    expect(idsOf(createReporter(deployment))).toEqual(['metrics', 'people', 'bus']);
    expect(idsOf(createReporter({ ...deployment, chatTopicArn: `${topicArn}-chat` }))).toEqual(['metrics', 'people', 'chat', 'bus']);
  });

  test('counts that a channel could not be told', async () => {
    const { reporter, lines } = setUp();
    await reporter.undelivered('people', 'host-impaired-1', 0);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ Untold: 1, Channel: 'people' }]);
  });

  test('makes the calls that it says, and no others', async () => {
    const { reporter, calls } = setUp();
    for (const channel of reporter.channels) await channel.outcome(outcome());
    expect(calls.map(({ permission }) => permission).sort()).toEqual([...reportPermissions].sort());
  });
});

describe('telling before the end', () => {
  const { timeline: _, ...rest } = outcome();
  const interim = {
    ...rest,
    at: '2026-11-20T12:04:00.000Z',
    headline: 'STOPPED by selfheal',
    reason: 'STOPPED by selfheal at 12:00 UTC: it is still stopped',
  };

  test('publishes one message that every protocol can read, and that nobody takes for an outcome', async () => {
    const { reporter, calls } = setUp();
    await reporter.interim(interim);
    expect(calls.map(({ permission }) => permission)).toEqual(['sns:Publish', 'events:PutEvents']);
    expect(calls[1]?.input.Entries).toMatchObject([{ Source: 'selfheal', DetailType: 'Incident Interim', EventBusName: 'default' }]);
    const { Message, Subject, TopicArn, MessageStructure, MessageAttributes } = (calls[0]?.input ?? {}) as Record<string, string>;
    expect({ TopicArn, MessageStructure }).toEqual({ TopicArn: topicArn, MessageStructure: 'json' });
    expect(Subject).toContain('STOPPED by selfheal');
    const message = JSON.parse(Message ?? '');
    expect(Object.keys(message).sort()).toEqual(['default', 'email', 'sms']);
    expect(JSON.parse(message.default)).toMatchObject({ kind: 'interim', incident: outcome().incident });
    expect(MessageAttributes).toMatchObject({ kind: { StringValue: 'interim' }, severity: { StringValue: 'critical' } });
    expect(MessageAttributes).not.toHaveProperty('outcome');
  });

  test('that something begins which goes on says so to filters and on the bus', async () => {
    const { reporter, calls } = setUp();
    await reporter.interim({ ...interim, kind: 'opened' });
    expect(calls[0]?.input.MessageAttributes).toMatchObject({ kind: { StringValue: 'incident.opened' } });
    expect(calls[1]?.input.Entries).toMatchObject([{ DetailType: 'Incident Opened' }]);
  });

  test('goes where the end would be told that needs a person, and to the chat if there is one', async () => {
    const { deployment, calls } = deploymentOf();
    const routes = [
      { when: { outcome: 'held' as const }, topicArn: `${topicArn}-held` },
      { when: { outcome: 'escalated' as const, severity: 'critical' as const }, topicArn: `${topicArn}-pager` },
    ];
    const chatTopicArn = `${topicArn}-chat`;
    const reporter = createReporter({ ...deployment, routes, chatTopicArn });
    await reporter.interim(interim);
    expect(calls.slice(0, 2).map(({ input }) => input.TopicArn)).toEqual([`${topicArn}-pager`, chatTopicArn]);
    chatSchema.parse(JSON.parse(calls[1]?.input.Message as string));
  });

  test('throws what SNS refuses, so that it is tried again', async () => {
    const { reporter } = setUp(sdkError('ThrottledException', 429));
    await expect(reporter.interim(interim)).rejects.toMatchObject({ name: 'ThrottledException' });
  });

  test('is done once people know: a chat that can not be told must not have them told again', async () => {
    const chatTopicArn = `${topicArn}-chat`;
    const { deployment, calls } = deploymentOf((_, { TopicArn }) =>
      TopicArn === chatTopicArn ? sdkError('AuthorizationErrorException', 403) : { output: {} },
    );
    await createReporter({ ...deployment, chatTopicArn }).interim(interim);
    expect(calls.slice(0, 2).map(({ input }) => input.TopicArn)).toEqual([topicArn, chatTopicArn]);
  });

  test('that people could not be told is tried again for them alone, and the bus has heard it once', async () => {
    const { deployment, calls } = deploymentOf((call) => (call === 'sns:Publish' ? sdkError('InternalError', 500) : { output: {} }));
    const reporter = createReporter({ ...deployment, chatTopicArn: `${topicArn}-chat` });
    await expect(reporter.interim(interim)).rejects.toMatchObject({ name: 'InternalError' });
    expect(calls.map(({ permission }) => permission)).toContain('events:PutEvents');
    calls.length = 0;
    await expect(reporter.interim(interim, true)).rejects.toMatchObject({ name: 'InternalError' });
    expect(calls.map(({ input }) => input.TopicArn)).toEqual([topicArn]);
    const { email, default: program } = JSON.parse(String(calls[0]?.input.Message));
    expect(email).toContain('Sent again');
    expect(JSON.parse(program)).toMatchObject({ kind: 'interim', repeat: true });
  });
});

describe('asking', () => {
  const request = { what: 'reboot it' } as Parameters<Reporter['requestApproval']>[0];

  test('goes the way that was given', async () => {
    const asked: unknown[] = [];
    const requestApproval: Reporter['requestApproval'] = async (what) => void asked.push(what);
    await createReporter(deploymentOf().deployment, { requestApproval }).requestApproval(request);
    expect(asked).toEqual([request]);
  });

  test('fails where there is no page to decide on, so that nobody waits for an answer that can not come', async () => {
    const { reporter, calls } = setUp();
    await expect(reporter.requestApproval(request)).rejects.toThrow('no page');
    expect(calls).toEqual([]);
  });
});
