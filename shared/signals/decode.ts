import { regionOf } from '../model/arn.ts';
import { parseJson } from '../model/json.ts';
import { excerpt, MalformedEventError } from '../model/malformed.ts';
import type { Signal } from '../model/signal.ts';
import { admit, admitBatch, type Budget, checkText, checkValues, limits, newBudget } from './bounds.ts';
import { carrier, type Inside, opened, textOf } from './envelopes.ts';
import { eventModules, messageModules } from './index.ts';
import { type Delivery, envelopeOf, eventSignal, type Fields, isFields, messageSignal } from './module.ts';
import { noise } from './noise.ts';
import { holdToSender, holdToTopic, type Trust } from './senders.ts';

/** An unreadable record. `record` is its index in the batch; `id` its SQS message id, if it has one. */
export type Rejection = { record: number; error: string; id?: string };
type Decoded = { signals: Signal[]; rejected: Rejection[] };

const maxErrorLength = 400;

/** A record while its envelopes are removed: how it was delivered, its size, and where problems of its parts go. */
type RecordContext = {
  delivery: Delivery;
  depth: number;
  bytes: number;
  budget: Budget;
  /** Bytes unpacked in this record so far. */
  unpacked: { bytes: number };
  reject: (error: unknown) => void;
  trust: Trust | undefined;
};

const nowhere: Delivery = { topicArn: null, sentAt: null, region: null };

/** Parses a message's text. One that was encoded twice is decoded twice, but no more. */
const parse = (text: string, field: string): unknown => {
  checkText(text, field);
  const once = json(text, field);
  return typeof once === 'string' ? json(once, field) : once;
};

const json = (text: string, field: string): unknown => {
  const value = parseJson(text);
  if (value === undefined) throw new MalformedEventError(field, `plain text, not an event: ${excerpt(text)}`);
  return value;
};

/** The signals of one event; `MalformedEventError` stands for each unreadable resource. */
type DecodedEvent = Array<Signal | MalformedEventError>;

const decodeEvent = (event: Fields, delivery: Delivery): DecodedEvent => {
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

/** Unpacks a part of an envelope. Compressed data may be much larger than they looked. */
const unpack = (part: Inside['parts'][number], field: string, passage: RecordContext): { value: unknown; bytes: number } => {
  const { budget, bytes, unpacked } = passage;
  if ('value' in part) return { value: part.value, bytes };
  const tooLarge = () => new MalformedEventError(field, `larger than ${limits.record} bytes when it is unpacked`);
  if (unpacked.bytes > limits.record) throw tooLarge();
  const text = 'data' in part ? textOf(part.data, field) : part.text;
  if (typeof text !== 'string') throw new MalformedEventError(field, `expected a text, got ${excerpt(text)}`);
  if (!('data' in part)) return { bytes, value: parse(text, field) };
  unpacked.bytes += admit(budget, text);
  if (unpacked.bytes > limits.record) throw tooLarge();
  return { bytes: Math.max(bytes, unpacked.bytes), value: parse(text, field) };
};

/** Yields one record's signals, through any number of envelopes. */
function* unwrap(value: unknown, passage: RecordContext, field: string): Generator<Signal | MalformedEventError> {
  const { delivery, depth, budget, bytes } = passage;
  budget.visits += 1;
  if (depth > limits.levels) throw new MalformedEventError(field, `more than ${limits.levels} envelopes inside each other`);
  if (!isFields(value)) throw new MalformedEventError(field, `expected an event, got ${excerpt(value)}`);
  const { Records: records, Sns: sns, body } = value;
  if (Array.isArray(records)) {
    admitBatch(budget, records, `${field}.Records`);
    for (const record of records) {
      try {
        yield* unwrap(record, { ...passage, depth: depth + 1 }, 'record');
      } catch (error) {
        passage.reject(error);
      }
    }
    return;
  }
  const inside = opened(value);
  if (inside !== null) {
    admitBatch(budget, inside.parts, inside.field);
    for (const part of inside.parts) {
      try {
        const { value: content, bytes: size } = unpack(part, inside.field, passage);
        yield* unwrap(content, { ...passage, bytes: size, depth: depth + 1 }, inside.field);
      } catch (error) {
        passage.reject(error);
      }
    }
    return;
  }
  if (value.messageType === 'CONTROL_MESSAGE') return yield* unserved(delivery, 'CloudWatch Logs tries a subscription');
  if (isFields(sns)) return yield* notification(sns, passage, 'Sns');
  if ('Sns' in value) throw new MalformedEventError('Sns', `expected an object, got ${excerpt(sns)}`);
  if ('body' in value && ('messageId' in value || value.eventSource === 'aws:sqs')) {
    if (typeof body !== 'string') throw new MalformedEventError('body', `expected a text, got ${excerpt(body)}`);
    const attributes = isFields(value.attributes) ? value.attributes : {};
    const sent = Number(attributes.SentTimestamp);
    const sentAt = Number.isInteger(sent) && sent > 0 && sent < 1e14 ? new Date(sent).toISOString() : null;
    const sentBy = { ...delivery, sentAt, region: regionOf(value.awsRegion) };
    return yield* unwrap(parse(body, 'body'), { ...passage, delivery: sentBy, depth: depth + 1 }, 'body');
  }
  if (typeof value.Message === 'string' && typeof value.TopicArn === 'string') return yield* notification(value, passage, '');
  checkValues(value, bytes);
  const decoded = decodeOne(value, delivery, field);
  if (passage.trust) holdToSender(value, decoded, delivery, passage.trust);
  yield* decoded;
}

const decodeOne = (value: Fields, delivery: Delivery, field: string): DecodedEvent => {
  if (typeof value['detail-type'] === 'string') return decodeEvent(value, delivery);
  for (const module of messageModules) if (module.recognises(value)) return module.decode(value, delivery);
  if (typeof value.eventSource === 'string' || typeof value.EventSource === 'string') {
    return unserved(delivery, `selfheal doesn't serve ${excerpt(value.eventSource ?? value.EventSource)}`);
  }
  throw new MalformedEventError(field, `not an event that selfheal knows: ${excerpt(value)}`);
};

function* notification(sns: Fields, passage: RecordContext, field: string): Generator<Signal | MalformedEventError> {
  const { delivery, depth, trust } = passage;
  // The outermost one has delivered it. What a message says of a topic is the word of whoever could publish to that one.
  const topicArn = delivery.topicArn ?? (typeof sns.TopicArn === 'string' ? sns.TopicArn : null);
  const inside = { ...delivery, topicArn, sentAt: sns.Timestamp ?? delivery.sentAt };
  if (trust) holdToTopic(topicArn, trust);
  // Nothing is requested for it: nobody but the stack subscribes its function.
  if (handshakes.has(String(sns.Type))) return yield* unserved(inside, 'SNS confirms a subscription');
  const name = field === '' ? 'Message' : `${field}.Message`;
  const text = sns.Message;
  if (typeof text !== 'string') throw new MalformedEventError(name, `expected a text, got ${excerpt(text)}`);
  yield* unwrap(parse(text, name), { ...passage, delivery: inside, depth: depth + 1 }, name);
}

/** Splits a batch from Lambda (`Records`) or a pipe (an array); anything else is one record. */
const split = (event: unknown): readonly unknown[] => {
  if (Array.isArray(event)) return event;
  if (!isFields(event)) return [event];
  if (Array.isArray(event.Records)) return event.Records;
  // A batch from Kafka, a broker or Firehose: each record separately, as a pipe delivers it.
  return (
    opened(event)?.parts.map((part) =>
      'value' in part ? part.value : 'data' in part ? { eventSource: carrier, data: part.data } : event,
    ) ?? [event]
  );
};

const rejection = (record: number, first: unknown, others: number, value: unknown): Rejection => {
  const problem = first instanceof MalformedEventError ? first.message : 'the record could not be read';
  const more = others === 0 ? '' : ` (and ${others} more in this record)`;
  const text = `${problem.slice(0, maxErrorLength - more.length)}${more}`;
  return { ...inRecord(record, value), error: text };
};

const inRecord = (record: number, value: unknown): InRecord => {
  const id = messageIdOf(value);
  return { record, ...(id === undefined ? {} : { id }) };
};

const messageIdOf = (value: unknown): string | undefined => {
  try {
    return isFields(value) && typeof value.messageId === 'string' ? value.messageId.slice(0, 100) : undefined;
  } catch {
    // An object whose getter throws has no id.
    return undefined;
  }
};

/** Identifies a record as in `Rejection`. */
export type InRecord = { record: number; id?: string };

/** One signal of an event, or one rejected record. */
type Part = ({ signal: Signal } & InRecord) | { rejection: Rejection };

const partsOf = function* (record: unknown, index: number, field: string, budget: Budget, trust: Trust | undefined): Generator<Part> {
  let first: unknown;
  let wrong = 0;
  const reject = (error: unknown) => {
    if (wrong === 0) first = error;
    wrong += 1;
  };
  try {
    const passage = { delivery: nowhere, depth: 0, bytes: admit(budget, record), budget, unpacked: { bytes: 0 }, reject, trust };
    for (const said of unwrap(record, passage, field)) {
      yield said instanceof MalformedEventError
        ? { rejection: rejection(index, said, 0, record) }
        : { signal: said, ...inRecord(index, record) };
    }
  } catch (error) {
    reject(error);
  }
  // A queue redelivers a whole record, so one rejection is enough.
  if (wrong > 0) yield { rejection: rejection(index, first, wrong - 1, record) };
};

/**
 * Yields all signals of an event, in any envelope that AWS delivers, so that the first can be used before later ones are read. Each record
 * gives signals or one rejection; a batch inside a record may give both, and each unreadable resource of an event is a rejection too. A bad
 * record doesn't affect the others. With `trust`, each event is held to its sender. Never throws.
 */
export const decodeEach = function* (event: unknown, budget: Budget = newBudget(), trust?: Trust): Generator<Part> {
  let records: readonly unknown[] = [];
  try {
    records = split(typeof event === 'string' ? parse(event, 'event') : event);
  } catch (error) {
    yield { rejection: rejection(0, error, 0, event) };
    return;
  }
  const field = records.length === 1 ? 'event' : 'record';
  const most = budget.records;
  budget.records -= Math.min(records.length, most);
  for (let index = 0; index < records.length && index < most; index++) yield* partsOf(records[index], index, field, budget, trust);
  if (records.length <= most) return;
  const over = new MalformedEventError('Records', `${records.length - most} over the ${most} that are read in one invocation`);
  yield { rejection: rejection(most, over, 0, undefined) };
};

/** Decodes the whole event at once. */
export const decode = (event: unknown, trust?: Trust): Decoded => {
  const signals: Signal[] = [];
  const rejected: Rejection[] = [];
  for (const part of decodeEach(event, newBudget(), trust)) {
    if ('signal' in part) signals.push(part.signal);
    else rejected.push(part.rejection);
  }
  return { signals, rejected };
};
