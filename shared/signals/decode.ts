import { regionOf } from './form.ts';
import { eventModules, messageModules } from './index.ts';
import { excerpt, Malformed } from './malformed.ts';
import { type Delivery, envelopeOf, eventSignal, type Fields, isFields, messageSignal } from './module.ts';
import { noise } from './noise.ts';
import type { Signal } from './signal.ts';

/** A record that couldn't be understood. `record` is its index in the batch; `id` its SQS message id, where it has one. */
export type Rejection = { record: number; error: string; id?: string };
export type Decoded = { signals: Signal[]; rejected: Rejection[] };

/** The largest that SNS, SQS, EventBridge or an asynchronous invocation delivers is 1 MiB. */
const limits = { text: 1_048_576, depth: 6, records: 10_000, error: 400 };

const nowhere: Delivery = { topicArn: null, sentAt: null, region: null };

/** Parses a message's text. One that was encoded twice is decoded twice, and no more. */
const parse = (text: string, field: string): unknown => {
  if (text.length > limits.text) throw new Malformed(field, `longer than ${limits.text} characters`);
  const once = json(text, field);
  return typeof once === 'string' ? json(once, field) : once;
};

const json = (text: string, field: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(field, `plain text and no event: ${excerpt(text)}`);
  }
};

const decodeEvent = (event: Fields, delivery: Delivery): Signal[] => {
  const envelope = envelopeOf(event, delivery);
  const module = eventModules.get(`${envelope.source}|${envelope.detailType}`);
  if (module !== undefined) return module.decode(event.detail, envelope);
  const quiet = noise(envelope.source, envelope.detailType);
  return [
    eventSignal(envelope, { kind: 'other', fact: 'noise', quiet, evidence: { source: envelope.source, detailType: envelope.detailType } }),
  ];
};

const unserved = (delivery: Delivery, what: string): Signal[] => [messageSignal(delivery, { kind: 'other', fact: 'noise', quiet: what })];

const handshakes = new Set(['SubscriptionConfirmation', 'UnsubscribeConfirmation']);

/** Takes what is wrong with one record of a batch inside a record, so that its neighbours are still read. */
type Reject = (error: unknown) => void;

/** One record's signals, through however many envelopes it is wrapped in. */
const unwrap = (value: unknown, delivery: Delivery, depth: number, field: string, reject: Reject): Signal[] => {
  if (depth > limits.depth) throw new Malformed(field, `more than ${limits.depth} envelopes inside each other`);
  if (!isFields(value)) throw new Malformed(field, `expected an event, got ${excerpt(value)}`);
  const { Records: records, Sns: sns, body } = value;
  if (Array.isArray(records)) {
    if (records.length > limits.records) throw new Malformed(`${field}.Records`, `more than ${limits.records}`);
    return records.flatMap((record) => {
      try {
        return unwrap(record, delivery, depth + 1, 'record', reject);
      } catch (error) {
        reject(error);
        return [];
      }
    });
  }
  if (isFields(sns)) return notification(sns, delivery, depth, 'Sns', reject);
  if ('Sns' in value) throw new Malformed('Sns', `expected an object, got ${excerpt(sns)}`);
  if ('body' in value && ('messageId' in value || value.eventSource === 'aws:sqs')) {
    if (typeof body !== 'string') throw new Malformed('body', `expected a text, got ${excerpt(body)}`);
    const attributes = isFields(value.attributes) ? value.attributes : {};
    const sent = Number(attributes.SentTimestamp);
    const sentAt = Number.isInteger(sent) && sent > 0 && sent < 1e14 ? new Date(sent).toISOString() : null;
    return unwrap(parse(body, 'body'), { ...delivery, sentAt, region: regionOf(value.awsRegion) }, depth + 1, 'body', reject);
  }
  if (typeof value.Message === 'string' && typeof value.TopicArn === 'string') return notification(value, delivery, depth, '', reject);
  if (typeof value['detail-type'] === 'string') return decodeEvent(value, delivery);
  for (const module of messageModules) if (module.recognises(value)) return module.decode(value, delivery);
  if (typeof value.eventSource === 'string' || typeof value.EventSource === 'string') {
    return unserved(delivery, `selfheal doesn't serve ${excerpt(value.eventSource ?? value.EventSource)}`);
  }
  throw new Malformed(field, `no event that selfheal knows: ${excerpt(value)}`);
};

const notification = (sns: Fields, delivery: Delivery, depth: number, field: string, reject: Reject): Signal[] => {
  const topicArn = typeof sns.TopicArn === 'string' ? sns.TopicArn : null;
  const inside = { ...delivery, topicArn, sentAt: sns.Timestamp ?? delivery.sentAt };
  if (handshakes.has(String(sns.Type))) return unserved(inside, 'SNS confirms a subscription');
  const name = field === '' ? 'Message' : `${field}.Message`;
  const text = sns.Message;
  if (typeof text !== 'string') throw new Malformed(name, `expected a text, got ${excerpt(text)}`);
  return unwrap(parse(text, name), inside, depth + 1, name, reject);
};

/** The records of a batch, from Lambda (`Records`) or from a pipe (an array); anything else is one record. */
const split = (event: unknown): { records: readonly unknown[] } => {
  if (Array.isArray(event)) return { records: event };
  if (isFields(event) && Array.isArray(event.Records)) return { records: event.Records };
  return { records: [event] };
};

const rejection = (record: number, [first, ...others]: readonly unknown[], value: unknown): Rejection => {
  const told = first instanceof Malformed ? first.message : 'the record could not be read';
  const more = others.length === 0 ? '' : ` (and ${others.length} more in this record)`;
  const text = `${told.slice(0, limits.error - more.length)}${more}`;
  const id = messageIdOf(value);
  return { record, error: text, ...(id === undefined ? {} : { id }) };
};

const messageIdOf = (value: unknown): string | undefined => {
  try {
    return isFields(value) && typeof value.messageId === 'string' ? value.messageId.slice(0, 100) : undefined;
  } catch {
    // An object that can't even be asked: it has no id either.
    return undefined;
  }
};

/**
 * Everything that an event says, in any envelope that AWS delivers it in. Each record gives signals or one rejection, and both where it is
 * itself a batch with a bad record in it; a bad one never takes the others with it. Total: nothing makes it throw.
 */
export const decode = (event: unknown): Decoded => {
  const signals: Signal[] = [];
  const rejected: Rejection[] = [];
  let records: readonly unknown[] = [];
  try {
    const value = typeof event === 'string' ? parse(event, 'event') : event;
    ({ records } = split(value));
    if (records.length > limits.records) throw new Malformed('Records', `more than ${limits.records}`);
  } catch (error) {
    return { signals, rejected: [rejection(0, [error], event)] };
  }
  for (const [index, record] of records.entries()) {
    const errors: unknown[] = [];
    const reject: Reject = (error) => errors.push(error);
    try {
      signals.push(...unwrap(record, nowhere, 0, records.length === 1 ? 'event' : 'record', reject));
    } catch (error) {
      reject(error);
    }
    // A queue takes a record back once, however much in it is wrong.
    if (errors.length > 0) rejected.push(rejection(index, errors, record));
  }
  return { signals, rejected };
};
