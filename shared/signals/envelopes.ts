import { gunzipSync } from 'node:zlib';
import { excerpt, MalformedEventError } from '../model/malformed.ts';
import { limits } from './bounds.ts';
import { type Fields, isFields } from './module.ts';

/** The content of an envelope: values, texts, or encoded stream data. */
export type Inside = { field: string; parts: ReadonlyArray<{ value: unknown } | { text: unknown } | { data: unknown }> };

/** Event sources that deliver other producers' data. Their content is opened or rejected, never ignored as noise. */
const carriers = /^(?:aws:(?:kinesis|kafka|mq|amazonmq|rmq)|SelfManagedKafka)$/;

/** The one of them whose records are only data. */
export const carrier = 'aws:kinesis';

const lists = (byName: Fields): unknown[] => Object.values(byName).flatMap((list) => (Array.isArray(list) ? list : [list]));
const fieldOf = (item: unknown, name: string): unknown => (isFields(item) ? item[name] : undefined);

/**
 * The content of an envelope from a stream, a broker or a log, as Lambda and EventBridge Pipes deliver it, or as `aws sqs receive-message`
 * prints it; null for anything else.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export const opened = (value: Fields): Inside | null => {
  const { kinesis, awslogs, logEvents, Messages: messages, records, rmqMessagesByQueue, messages: brokered } = value;
  if (isFields(kinesis)) return { field: 'kinesis.data', parts: [{ data: kinesis.data }] };
  if (isFields(awslogs)) return { field: 'awslogs.data', parts: [{ data: awslogs.data }] };
  if (value.messageType === 'DATA_MESSAGE' && Array.isArray(logEvents))
    return { field: 'logEvents.message', parts: logEvents.map((line) => ({ text: fieldOf(line, 'message') })) };
  if (Array.isArray(messages) && messages.every((message) => typeof fieldOf(message, 'Body') === 'string'))
    return { field: 'Messages.Body', parts: messages.map((message) => ({ value: queueRecord(message) })) };
  // Firehose has one list, Kafka one per topic.
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
  // A pipe delivers each record separately.
  return 'value' in value ? { field: 'value', parts: [{ data: value.value }] } : { field: 'data', parts: [{ data: value.data }] };
};

/** Converts a queue message from the API's field names to Lambda's. */
const queueRecord = (message: unknown): Fields => ({
  messageId: fieldOf(message, 'MessageId'),
  body: fieldOf(message, 'Body'),
  attributes: fieldOf(message, 'Attributes'),
  eventSource: 'aws:sqs',
});

/**
 * Decodes base64, and gzip if compressed, up to the size limit of a record.
 * @throws {MalformedEventError} if it can't be decoded
 */
export const textOf = (data: unknown, field: string): string => {
  if (typeof data !== 'string') throw new MalformedEventError(field, `expected data in base64, got ${excerpt(data)}`);
  const bytes = Buffer.from(data, 'base64');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.text }).toString('utf8');
  } catch (error) {
    const large = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw new MalformedEventError(
      field,
      large ? `longer than ${limits.text} bytes when it is unzipped` : 'zipped data that cannot be unzipped',
    );
  }
};
