import { gunzipSync } from 'node:zlib';
import { excerpt, Malformed } from '../model/malformed.ts';
import { limits } from './bounds.ts';
import { type Fields, isFields } from './module.ts';

/** What an envelope holds: values as they are, texts, or data that were encoded for a stream. */
export type Inside = { field: string; parts: ReadonlyArray<{ value: unknown } | { text: unknown } | { data: unknown }> };

/** Names of the sources that carry what others have put in. Whatever they carry is opened or refused, never called noise. */
const carriers = /^(?:aws:(?:kinesis|kafka|mq|amazonmq|rmq)|SelfManagedKafka)$/;

/** The one of them whose records, alone, are data and no more. */
export const carrier = 'aws:kinesis';

const lists = (byName: Fields): unknown[] => Object.values(byName).flatMap((list) => (Array.isArray(list) ? list : [list]));
const fieldOf = (item: unknown, name: string): unknown => (isFields(item) ? item[name] : undefined);

/**
 * The inside of an envelope of a stream, a broker or a log, as Lambda and EventBridge Pipes deliver them, and of what
 * `aws sqs receive-message` prints; null where it is none.
 * docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, docs.aws.amazon.com/lambda/latest/dg/with-msk.html,
 * docs.aws.amazon.com/lambda/latest/dg/with-mq.html, docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html,
 * docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export const opened = (value: Fields): Inside | null => {
  const { kinesis, awslogs, logEvents, Messages: messages, records, rmqMessagesByQueue, messages: brokered } = value;
  if (isFields(kinesis)) return { field: 'kinesis.data', parts: [{ data: kinesis.data }] };
  if (isFields(awslogs)) return { field: 'awslogs.data', parts: [{ data: awslogs.data }] };
  if (value.messageType === 'DATA_MESSAGE' && Array.isArray(logEvents))
    return { field: 'logEvents.message', parts: logEvents.map((line) => ({ text: fieldOf(line, 'message') })) };
  if (Array.isArray(messages) && messages.every((message) => typeof fieldOf(message, 'Body') === 'string'))
    return { field: 'Messages.Body', parts: messages.map((message) => ({ value: queueRecord(message) })) };
  // Firehose has a list, Kafka one for each topic.
  if (Array.isArray(records) && 'deliveryStreamArn' in value)
    return { field: 'records.data', parts: records.map((record) => ({ data: fieldOf(record, 'data') })) };
  const source = value.eventSource ?? value.EventSource;
  if (typeof source !== 'string' || !carriers.test(source)) return null;
  if (isFields(records)) return { field: 'records.value', parts: lists(records).map((record) => ({ data: fieldOf(record, 'value') })) };
  if (isFields(rmqMessagesByQueue)) {
    const parts = lists(rmqMessagesByQueue).map((message) => ({ data: fieldOf(message, 'data') }));
    return { field: 'rmqMessagesByQueue.data', parts };
  }
  if (Array.isArray(brokered)) return { field: 'messages.data', parts: brokered.map((message) => ({ data: fieldOf(message, 'data') })) };
  // Through a pipe each record comes by itself.
  return 'value' in value ? { field: 'value', parts: [{ data: value.value }] } : { field: 'data', parts: [{ data: value.data }] };
};

/** A message of a queue as the API names its parts, as Lambda would. */
const queueRecord = (message: unknown): Fields => ({
  messageId: fieldOf(message, 'MessageId'),
  body: fieldOf(message, 'Body'),
  attributes: fieldOf(message, 'Attributes'),
  eventSource: 'aws:sqs',
});

/** The text in base64, and unzipped where it is zipped: never to more than a record may have. */
export const textOf = (data: unknown, field: string): string => {
  if (typeof data !== 'string') throw new Malformed(field, `expected data in base64, got ${excerpt(data)}`);
  const bytes = Buffer.from(data, 'base64');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.text }).toString('utf8');
  } catch (error) {
    const large = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Malformed(field, large ? `longer than ${limits.text} bytes when it is unzipped` : 'zipped data that cannot be unzipped');
  }
};
