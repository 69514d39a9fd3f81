import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { newBudget } from '../../shared/signals/bounds.ts';
import { decodeEach } from '../../shared/signals/decode.ts';
import { textOf } from '../../shared/signals/envelopes.ts';
import { alarm, alarmAction, alarmEvent, event, instanceId, message, notification, verdictOf, verdictsOf } from './fixtures.ts';

const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
const base64 = (body: unknown) => Buffer.from(text(body)).toString('base64');
const zipped = (body: unknown) => gzipSync(text(body)).toString('base64');
const log = (...messages: unknown[]) => ({
  messageType: 'DATA_MESSAGE',
  logEvents: messages.map((line) => ({ id: '1', message: text(line) })),
});

const sns = (Message: string) => ({ Records: [{ EventSource: 'aws:sns', Sns: { Type: 'Notification', TopicArn: topic, Message } }] });
const sqs = (body: string) => ({ Records: [{ eventSource: 'aws:sqs', messageId: '1', receiptHandle: 'r', body }] });
const topic = 'arn:aws:sns:us-west-2:111122223333:alarms';

/** One event in it; a text that is none is refused. */
const wrap: Record<string, (body: unknown) => unknown> = {
  SNS: (body) => sns(text(body)),
  'SNS, as an HTTP endpoint gets it': (body) => notification(body),
  'SNS, encoded twice': (body) => sns(JSON.stringify(text(body))),
  SQS: (body) => sqs(text(body)),
  'SQS, through a pipe': (body) => sqs(text(body)).Records,
  'SNS and then SQS': (body) => sqs(text(notification(body))),
  'SNS, SQS and a pipe': (body) => sqs(text(notification(body))).Records,
  'a Kinesis stream': (body) => ({ Records: [{ kinesis: { data: base64(body) }, eventSource: 'aws:kinesis' }] }),
  'a Kinesis stream, through a pipe': (body) => [{ eventSource: 'aws:kinesis', data: base64(body), partitionKey: '1' }],
  'a Kafka topic': (body) => ({ eventSource: 'aws:kafka', records: { 'alarms-0': [{ topic: 'alarms', value: base64(body) }] } }),
  'a Kafka topic, through a pipe': (body) => [{ eventSource: 'SelfManagedKafka', topic: 'alarms', value: base64(body) }],
  'an ActiveMQ broker': (body) => ({ eventSource: 'aws:mq', messages: [{ messageID: '1', data: base64(body) }] }),
  'a RabbitMQ broker': (body) => ({ eventSource: 'aws:rmq', rmqMessagesByQueue: { 'alarms::/': [{ data: base64(body) }] } }),
  'a Firehose stream': (body) => ({
    deliveryStreamArn: 'arn:aws:firehose:us-west-2:111122223333:deliverystream/x',
    records: [{ recordId: '1', data: base64(body) }],
  }),
  'a subscription of a log': (body) => ({ awslogs: { data: zipped(log(body)) } }),
  'a subscription of a log, through Kinesis': (body) => ({
    Records: [{ kinesis: { data: zipped(log(body)) }, eventSource: 'aws:kinesis' }],
  }),
  'aws sqs receive-message': (body) => ({ Messages: [{ MessageId: 'm', ReceiptHandle: 'r', MD5OfBody: 'x', Body: text(body) }] }),
};

const health = { service: 'EC2', eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', eventTypeCategory: 'scheduledChange' };
const bodies = [
  alarmEvent(alarm()),
  message(alarm()),
  notification(message(alarm())),
  alarmAction(alarm()),
  event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': instanceId, state: 'stopped' }),
  event('aws.health', 'AWS Health Event', { ...health, eventRegion: 'us-west-2', affectedEntities: [{ entityValue: instanceId }] }),
];

describe('envelopes', () => {
  test.each(Object.keys(wrap))('an event in %s is opened, and read as it is by itself', (name) => {
    for (const body of bodies) {
      const verdict = verdictOf(body);
      expect(verdict.disposition).toBe('remediate');
      expect(verdictOf(wrap[name]?.(body))).toEqual(verdict);
    }
  });

  test.each(Object.keys(wrap))('what is no event in %s is refused with one clear error, not called noise', (name) => {
    const { verdicts, rejected } = readEvent(wrap[name]?.('GET /index.html 200'));
    expect(verdicts).toEqual([]);
    expect(rejected).toMatchObject([{ record: 0, error: expect.stringMatching(/: plain text, not an event: "GET/) }]);
  });

  test.each([
    { Records: [{ eventSource: 'aws:kinesis' }] },
    { Records: [{ EventSource: 'aws:kinesis', kinesis: { data: 7 } }] },
    { eventSource: 'aws:kafka', records: { 'alarms-0': [{ value: null }] } },
    { eventSource: 'aws:mq' },
    { awslogs: {} },
    { awslogs: { data: Buffer.from([0x1f, 0x8b, 1, 2, 3]).toString('base64') } },
    { messageType: 'DATA_MESSAGE', logEvents: [{}] },
  ])('one that cannot be opened is refused: %j', (envelope) => {
    const { verdicts, rejected } = readEvent(envelope);
    expect([verdicts.length, rejected.length]).toEqual([0, 1]);
  });

  test('a message that was encoded three times is refused', () => {
    const { verdicts, rejected } = readEvent(sns(JSON.stringify(JSON.stringify(text(message(alarm()))))));
    expect(verdicts).toEqual([]);
    expect(rejected).toEqual([{ record: 0, error: expect.stringMatching(/^Sns\.Message: expected an event, got "/) }]);
  });

  test('an object where SNS has a text is refused, and so is what is no envelope; one without records has nothing to read', () => {
    const Sns = { TopicArn: topic, Message: { AlarmName: 'x' } };
    expect(readEvent({ Records: [{ EventSource: 'aws:sns', Sns }] }).rejected[0]?.error).toBe(
      'Sns.Message: expected a text, got {"AlarmName":"x"}',
    );
    expect(readEvent({ Records: [] })).toEqual({ verdicts: [], rejected: [] });
    expect(readEvent({ hello: 'world' }).rejected[0]?.error).toBe('event: not an event that selfheal knows: {"hello":"world"}');
  });

  test('records of a service that is not served are ignored', () => {
    const { disposition, reason } = verdictOf({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: {} }] });
    expect({ disposition, reason }).toEqual({ disposition: 'ignore', reason: 'selfheal doesn\'t serve "aws:s3"' });
  });

  test('a bare alarm has the region of its ARN, and no other; without any time it is refused', () => {
    const { AlarmArn, ...unplaced } = message(alarm());
    expect([verdictOf({ ...unplaced, AlarmArn }).region, verdictOf(unplaced).region]).toEqual(['us-west-2', null]);
    const { StateChangeTime, ...timeless } = message(alarm());
    expect(readEvent(timeless).rejected[0]?.error).toBe('time of the state change: no readable time');
    expect(readEvent({ ...timeless, StateChangeTime }).rejected).toEqual([]);
  });

  test('a good record beside a bad one is read', () => {
    const { verdicts, rejected } = readEvent({ awslogs: { data: zipped(log('a line', alarmEvent(alarm()), 'another')) } });
    expect(verdicts).toHaveLength(1);
    expect(rejected).toEqual([{ record: 0, error: 'logEvents.message: plain text, not an event: "a line" (and 1 more in this record)' }]);
  });

  test('the trial message of a subscription is ignored', () => {
    expect(verdictOf({ awslogs: { data: zipped({ messageType: 'CONTROL_MESSAGE', logEvents: [] }) } }).disposition).toBe('ignore');
  });

  test('the records of a large batch are taken on one by one', () => {
    const record = (padding: number) => ({ value: base64({ ...alarmEvent(alarm()), padding: 'x'.repeat(padding) }) });
    const batch = { eventSource: 'aws:kafka', records: { a: [record(600_000), record(600_000), record(1_200_000)], b: [record(10)] } };
    const { verdicts, rejected } = readEvent(batch);
    expect(verdicts).toHaveLength(3);
    expect(rejected).toEqual([{ record: 2, error: 'record: larger than 1114112 bytes' }]);
  });

  test('nothing of one is read twice', () => {
    const topics = { a: [{ value: base64(alarmEvent(alarm())) }], b: [{ value: base64(message(alarm({ name: 'b' }))) }] };
    expect(verdictsOf({ eventSource: 'aws:kafka', records: topics })).toHaveLength(2);
  });

  test('an event that was zipped has no more values than any other', () => {
    const affectedEntities = Array.from({ length: 30_000 }, () => 0);
    const data = zipped(event('aws.health', 'AWS Health Event', { service: 'EC2', affectedEntities }));
    expect(readEvent({ Records: [{ kinesis: { data } }] }).rejected).toEqual([{ record: 0, error: 'event: more than 20000 values' }]);
  });

  test('all that one record unpacks to is no larger than a record may be', () => {
    const large = { kinesis: { data: zipped({ padding: ' '.repeat(600_000) }) } };
    const { rejected } = readEvent([{ Records: [large, large, large, { kinesis: { data: base64(alarmEvent(alarm())) } }] }]);
    expect(rejected[0]?.error).toContain('(and 3 more in this record)');
    const budget = newBudget();
    for (const _ of decodeEach([{ Records: Array(50).fill(large) }], budget));
    // One that fits, and one that tells that the rest doesn't.
    expect(budget.bytes).toBeGreaterThan(6_291_456 - 1_300_000);
  });

  test('what unzips to more than a record may have is refused, and all of them together have a limit, too', () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000)).toString('base64');
    expect(() => textOf(bomb, 'x')).toThrow('x: longer than 1048576 bytes when it is unzipped');
    const large = gzipSync(JSON.stringify({ padding: ' '.repeat(1_000_000) })).toString('base64');
    const budget = newBudget();
    const parts = [...decodeEach({ Records: Array.from({ length: 100 }, () => ({ kinesis: { data: large } })) }, budget)];
    expect(parts).toHaveLength(100);
    expect(budget.bytes).toBeGreaterThanOrEqual(0);
    expect(parts.at(-1)).toMatchObject({ rejection: { error: 'record: over the 6291456 bytes that are read in one invocation' } });
  });
});
