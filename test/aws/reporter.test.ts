import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../shared/model/outcome.ts';
import { statuses } from '../../shared/model/status.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { metricsOf } from '../../shared/notifications/metrics.ts';
import { createReporter, reporterPermissions } from '../../shared/notifications/reporter.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { outcome } from '../remediation/examples.ts';
import { type Answer, recordingClients, sdkError } from './recorder.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:outcomes';
const page = 'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#InstanceDetails:instanceId=i-0a1b2c3d4e5f60718';
const setUp = (answer: Answer = { output: {} }) => {
  const { clients, calls } = recordingClients(() => answer);
  const lines: string[] = [];
  const reporter = createReporter(clients, { topicArn, busName: 'default', log: (line) => lines.push(line) });
  return { reporter, calls, lines };
};
type Entry = { Source: string; DetailType: string; EventBusName: string; Time: Date; Detail: string };
const entryOf = (call: { input: Record<string, unknown> } | undefined): Entry => (call?.input.Entries as Entry[] | undefined)?.[0] as Entry;
const long = outcome({
  timeline: Array.from({ length: 5000 }, (_, index) => ({
    at: '2026-11-20T12:00:00.000Z',
    phase: 'look',
    text: `${index} ${'x'.repeat(590)}`,
  })),
});

describe('announcing', () => {
  test('publishes one message that every protocol can read', async () => {
    const { reporter, calls } = setUp();
    await reporter.announce(outcome());
    expect(calls.map(({ permission }) => permission)).toEqual(['sns:Publish']);
    const input = calls[0]?.input ?? {};
    expect(input).toMatchObject({ TopicArn: topicArn, MessageStructure: 'json' });
    const message = JSON.parse(input.Message as string);
    // Machines (sqs, lambda, https, firehose) get the default.
    expect(Object.keys(message).sort()).toEqual(['default', 'email', 'sms']);
    expect(JSON.parse(message.default)).toEqual({ version: '1', ...outcome(), links: [{ to: 'resource', url: page }] });
    expect(message.email).toContain('Time to recover: 6 min 05 s');
    expect(message.sms).toBe(`${input.Subject}: ${outcome().reason}`);
  });

  test('goes to the topic that the policy routes it to', async () => {
    const { clients, calls } = recordingClients(() => ({ output: {} }));
    const routes = [{ when: { outcome: 'held' as const }, topicArn: `${topicArn}-held` }];
    const reporter = createReporter(clients, { topicArn, busName: 'default', log: () => {}, routes });
    for (const status of ['healed', 'held'] as const) await reporter.announce(outcome({ status }));
    expect(calls.map(({ input }) => input.TopicArn)).toEqual([topicArn, `${topicArn}-held`]);
  });

  test('carries what a subscriber may want to filter by', async () => {
    const { reporter, calls } = setUp();
    await reporter.announce(outcome());
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(calls[0]?.input.MessageAttributes).toEqual({
      kind: text('outcome'),
      outcome: text('healed'),
      failure: text('instance-unreachable'),
      severity: text('critical'),
      resource: text('i-0a1b2c3d4e5f60718'),
      account: text('123456789012'),
      region: text('us-east-1'),
    });
  });

  test('keeps the longest story below what SNS takes', async () => {
    const { reporter, calls } = setUp();
    await reporter.announce(long);
    expect(Buffer.byteLength(calls[0]?.input.Message as string)).toBeLessThan(256 * 1024);
  });

  test('keeps a story that is just not shortened below what SNS takes, in every protocol together', async () => {
    const { reporter, calls } = setUp();
    const entry = { at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text: '"ü"'.repeat(200) };
    let story = outcome({ timeline: [] });
    while (JSON.stringify(story).length < 40_000) story = outcome({ timeline: [...story.timeline, entry] });
    await reporter.announce(story);
    expect(Buffer.byteLength(calls[0]?.input.Message as string)).toBeLessThan(256 * 1024);
  });

  test('throws what SNS refuses', async () => {
    const { reporter } = setUp(sdkError('AuthorizationErrorException', 403));
    await expect(reporter.announce(outcome())).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
  });
});

describe('telling a chat', () => {
  const chatTopicArn = `${topicArn}-chat`;
  const told = async (what: Outcome, answer: Answer = { output: {} }) => {
    const { clients, calls } = recordingClients(() => answer);
    await createReporter(clients, { topicArn, chatTopicArn, busName: 'default', log: () => {} }).chat?.(what);
    return calls;
  };

  test('publishes a message of the form that a chat reads, to a topic of its own', async () => {
    const calls = await told(outcome());
    expect(calls).toMatchObject([{ permission: 'sns:Publish', input: { TopicArn: chatTopicArn } }]);
    // The text is for every subscriber alike: a chat gets what an https endpoint gets.
    expect(calls[0]?.input.MessageStructure).toBeUndefined();
    expect(chatSchema.parse(JSON.parse(calls[0]?.input.Message as string)).metadata.threadId).toBe(outcome().incident);
    expect(calls[0]?.input.MessageAttributes).toHaveProperty('severity');
  });

  test('keeps the longest story below what SNS takes', async () => {
    const calls = await told(long);
    expect(Buffer.byteLength(calls[0]?.input.Message as string)).toBeLessThan(256 * 1024);
  });

  test('is not done where there is no topic for it', () => {
    expect(setUp().reporter.chat).toBeUndefined();
  });

  test('throws what SNS refuses', async () => {
    await expect(told(outcome(), sdkError('NotFoundException', 404))).rejects.toMatchObject({ name: 'NotFoundException' });
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

  test('goes where the end would be told that needs a person, and to the chat if there is one', async () => {
    const { clients, calls } = recordingClients(() => ({ output: {} }));
    const routes = [
      { when: { outcome: 'held' as const }, topicArn: `${topicArn}-held` },
      { when: { outcome: 'escalated' as const, severity: 'critical' as const }, topicArn: `${topicArn}-pager` },
    ];
    const chatTopicArn = `${topicArn}-chat`;
    const reporter = createReporter(clients, { topicArn, busName: 'default', log: () => {}, routes, chatTopicArn });
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
    const { clients, calls } = recordingClients((_, { TopicArn }) =>
      TopicArn === chatTopicArn ? sdkError('AuthorizationErrorException', 403) : { output: {} },
    );
    await createReporter(clients, { topicArn, chatTopicArn, busName: 'default', log: () => {} }).interim(interim);
    expect(calls.slice(0, 2).map(({ input }) => input.TopicArn)).toEqual([topicArn, chatTopicArn]);
  });

  test('that people could not be told is tried again for them alone, and the bus has heard it once', async () => {
    const { clients, calls } = recordingClients((call) => (call === 'sns:Publish' ? sdkError('InternalError', 500) : { output: {} }));
    const reporter = createReporter(clients, { topicArn, chatTopicArn: `${topicArn}-chat`, busName: 'default', log: () => {} });
    await expect(reporter.interim(interim)).rejects.toMatchObject({ name: 'InternalError' });
    expect(calls.map(({ permission }) => permission)).toContain('events:PutEvents');
    calls.length = 0;
    await expect(reporter.interim(interim, true)).rejects.toMatchObject({ name: 'InternalError' });
    expect(calls.map(({ input }) => input.TopicArn)).toEqual([topicArn]);
  });
});

describe('attributes', () => {
  // https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
  test('are such as SNS takes, whatever the resource is called and even if a place is unknown', async () => {
    const { reporter, calls } = setUp();
    await reporter.announce(outcome({ region: '', resource: { type: 'alarm', id: `\u0007${'ü'.repeat(3000)}` } }));
    const attributes = Object.values(calls[0]?.input.MessageAttributes as Record<string, { StringValue: string }>);
    for (const { StringValue } of attributes) expect(StringValue).toMatch(/^[ -~]{1,256}$/);
  });
});

describe('emitting', () => {
  test('puts one event on the bus, with the whole outcome', async () => {
    const { reporter, calls } = setUp({ output: { FailedEntryCount: 0 } });
    await reporter.emit(outcome());
    expect(calls.map(({ permission }) => permission)).toEqual(['events:PutEvents']);
    const entries = calls[0]?.input.Entries as Entry[];
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ EventBusName: 'default', Source: 'selfheal', DetailType: 'Incident Resolved' });
    expect(entries[0]?.Time.toISOString()).toBe(outcome().endedAt);
    expect(JSON.parse(entries[0]?.Detail ?? '')).toEqual({ version: '1', ...outcome(), links: [{ to: 'resource', url: page }] });
  });

  test('names each way to end', async () => {
    const { reporter, calls } = setUp();
    for (const status of statuses) await reporter.emit(outcome({ status }));
    expect(calls.map((call) => entryOf(call).DetailType)).toEqual([
      'Incident Resolved',
      'Incident Resolved',
      'Incident Escalated',
      'Incident Held',
      'Incident Failed',
      'Incident Dry Run',
    ]);
  });

  test('throws where the bus refuses the entry in an answer that says 200', async () => {
    const { reporter } = setUp({
      output: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] },
    });
    await expect(reporter.emit(outcome())).rejects.toThrow('EventBridge refused the outcome: ThrottlingException: slow down');
  });

  test('keeps the longest story below what EventBridge takes', async () => {
    const { reporter, calls } = setUp();
    await reporter.emit(long);
    expect(Buffer.byteLength(entryOf(calls[0]).Detail)).toBeLessThan(256 * 1024);
  });
});

describe('measuring', () => {
  test('writes lines of JSON and calls nobody', async () => {
    const { reporter, calls, lines } = setUp();
    await reporter.measure(outcome());
    expect(lines).toHaveLength(metricsOf(outcome()).length);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('_aws');
    expect(calls).toEqual([]);
  });

  test('counts where the deployment says', async () => {
    const { clients } = recordingClients();
    const lines: string[] = [];
    const reporter = createReporter(clients, { topicArn, busName: 'default', log: (line) => lines.push(line), namespace: 'selfheal/prod' });
    await reporter.measure(outcome());
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toContain('"Namespace":"selfheal/prod"');
  });
});

describe('asking', () => {
  const request = { what: 'reboot it' } as Parameters<Reporter['ask']>[0];

  test('goes the way that was given', async () => {
    const { clients } = recordingClients();
    const asked: unknown[] = [];
    const ask: Reporter['ask'] = async (what) => void asked.push(what);
    await createReporter(clients, { topicArn, busName: 'default', log: () => {}, ask }).ask(request);
    expect(asked).toEqual([request]);
  });

  test('fails where there is no page to decide on, so that nobody waits for an answer that can not come', async () => {
    const { reporter, calls } = setUp();
    await expect(reporter.ask(request)).rejects.toThrow('no page');
    expect(calls).toEqual([]);
  });
});

test('the reporter makes the calls that it says, and no others', async () => {
  const { reporter, calls } = setUp();
  await reporter.announce(outcome());
  await reporter.emit(outcome());
  await reporter.measure(outcome());
  expect(calls.map(({ permission }) => permission).sort()).toEqual([...reporterPermissions].sort());
});
