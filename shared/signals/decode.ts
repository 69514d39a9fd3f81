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

/** What a record has while its envelopes are removed, however they are nested. */
type RecordContext = {
  budget: Budget;
  /** Bytes unpacked in this record so far. */
  unpacked: { bytes: number };
  /** What is wrong with parts of it: the first problem, and how many there are. */
  wrong: { first: unknown; count: number };
  trust: Trust | undefined;
};

/** A value in a record's envelopes: the field that holds it, how it was delivered, how deep it is, and the record's size so far. */
type Layer = { value: unknown; field: string; delivery: Delivery; depth: number; bytes: number };

/** An envelope with any number of contents, for `layer` to be unpacked one by one. */
type Batch = { layer: Layer; field: string; parts: Inside['parts'] };

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
const unpack = (part: Inside['parts'][number], { layer, field }: Batch, { budget, unpacked }: RecordContext): Layer => {
  const inside = (value: unknown, bytes: number): Layer => ({ value, field, delivery: layer.delivery, depth: layer.depth + 1, bytes });
  if ('value' in part) return inside(part.value, layer.bytes);
  const tooLarge = () => new MalformedEventError(field, `larger than ${limits.record} bytes when it is unpacked`);
  if (unpacked.bytes > limits.record) throw tooLarge();
  const text = 'data' in part ? textOf(part.data, field) : part.text;
  if (typeof text !== 'string') throw new MalformedEventError(field, `expected a text, got ${excerpt(text)}`);
  if (!('data' in part)) return inside(parse(text, field), layer.bytes);
  unpacked.bytes += admit(budget, text);
  if (unpacked.bytes > limits.record) throw tooLarge();
  return inside(parse(text, field), Math.max(layer.bytes, unpacked.bytes));
};

/**
 * Removes envelopes until there is an event, whose signals it returns, or a batch. Nearly every record has one event in one envelope or two:
 * it takes no generator for each of them.
 */
const peel = (outer: Layer, context: RecordContext): DecodedEvent | Batch => {
  for (let layer = outer; ; ) {
    const { value, field, depth } = layer;
    context.budget.visits += 1;
    if (depth > limits.levels) throw new MalformedEventError(field, `more than ${limits.levels} envelopes inside each other`);
    if (!isFields(value)) throw new MalformedEventError(field, `expected an event, got ${excerpt(value)}`);
    const batch = batchOf(value, layer, context.budget);
    if (batch !== null) return batch;
    const inside = contentOf(value, layer, context);
    if (Array.isArray(inside)) return inside;
    layer = inside;
  }
};

const batchOf = (value: Fields, layer: Layer, budget: Budget): Batch | null => {
  const { Records: records } = value;
  if (Array.isArray(records)) {
    admitBatch(budget, records, `${layer.field}.Records`);
    return { layer, field: 'record', parts: records.map((record: unknown) => ({ value: record })) };
  }
  const inside = opened(value);
  if (inside === null) return null;
  admitBatch(budget, inside.parts, inside.field);
  return { layer, ...inside };
};

/** What an envelope with a single content holds, or the signals of an event. */
const contentOf = (value: Fields, layer: Layer, { trust }: RecordContext): Layer | DecodedEvent => {
  const { delivery, depth, bytes } = layer;
  const { Sns: sns, body } = value;
  if (value.messageType === 'CONTROL_MESSAGE') return unserved(delivery, 'CloudWatch Logs tries a subscription');
  if (isFields(sns)) return notified(sns, layer, 'Sns.Message', trust);
  if ('Sns' in value) throw new MalformedEventError('Sns', `expected an object, got ${excerpt(sns)}`);
  if ('body' in value && ('messageId' in value || value.eventSource === 'aws:sqs')) {
    if (typeof body !== 'string') throw new MalformedEventError('body', `expected a text, got ${excerpt(body)}`);
    const attributes = isFields(value.attributes) ? value.attributes : {};
    const sent = Number(attributes.SentTimestamp);
    const sentAt = Number.isInteger(sent) && sent > 0 && sent < 1e14 ? new Date(sent).toISOString() : null;
    const sentBy = { topicArn: delivery.topicArn, sentAt, region: regionOf(value.awsRegion) };
    return { value: parse(body, 'body'), field: 'body', delivery: sentBy, depth: depth + 1, bytes };
  }
  if (typeof value.Message === 'string' && typeof value.TopicArn === 'string') return notified(value, layer, 'Message', trust);
  checkValues(value, bytes);
  const decoded = decodeOne(value, delivery, layer.field);
  if (trust) holdToSender(value, decoded, delivery, trust);
  return decoded;
};

/** What SNS delivers in this field. */
const notified = (sns: Fields, layer: Layer, field: string, trust: Trust | undefined): Layer | DecodedEvent => {
  const { delivery, depth, bytes } = layer;
  // The outermost one has delivered it. What a message says of a topic is the word of whoever could publish to that one.
  const topicArn = delivery.topicArn ?? (typeof sns.TopicArn === 'string' ? sns.TopicArn : null);
  const inside = { topicArn, sentAt: sns.Timestamp ?? delivery.sentAt, region: delivery.region };
  if (trust) holdToTopic(topicArn, trust);
  // Nothing is requested for it: nobody but the stack subscribes its function.
  if (handshakes.has(String(sns.Type))) return unserved(inside, 'SNS confirms a subscription');
  const { Message: text } = sns;
  if (typeof text !== 'string') throw new MalformedEventError(field, `expected a text, got ${excerpt(text)}`);
  return { value: parse(text, field), field, delivery: inside, depth: depth + 1, bytes };
};

/** The signals of a batch, one after the other. */
const unpackEach = function* (batch: Batch, context: RecordContext): Generator<DecodedEvent[number]> {
  const { wrong } = context;
  for (const part of batch.parts) {
    try {
      const found = peel(unpack(part, batch, context), context);
      yield* Array.isArray(found) ? found : unpackEach(found, context);
    } catch (error) {
      if (wrong.count === 0) wrong.first = error;
      wrong.count += 1;
    }
  }
};

const decodeOne = (value: Fields, delivery: Delivery, field: string): DecodedEvent => {
  if (typeof value['detail-type'] === 'string') return decodeEvent(value, delivery);
  for (const module of messageModules) if (module.recognises(value)) return module.decode(value, delivery);
  if (typeof value.eventSource === 'string' || typeof value.EventSource === 'string') {
    return unserved(delivery, `selfheal doesn't serve ${excerpt(value.eventSource ?? value.EventSource)}`);
  }
  throw new MalformedEventError(field, `not an event that selfheal knows: ${excerpt(value)}`);
};

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

const rejection = (where: InRecord, first: unknown, others: number): Rejection => {
  const problem = first instanceof MalformedEventError ? first.message : 'the record could not be read';
  const more = others === 0 ? '' : ` (and ${others} more in this record)`;
  const text = `${problem.slice(0, maxErrorLength - more.length)}${more}`;
  return { ...where, error: text };
};

const inRecord = (record: number, value: unknown): InRecord => {
  const id = messageIdOf(value);
  return id === undefined ? { record } : { record, id };
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

/** One signal of an event and its record, or one rejected record. */
type Part = { signal: Signal; where: InRecord } | { rejection: Rejection };

const partOf = (said: DecodedEvent[number], where: InRecord): Part =>
  said instanceof MalformedEventError ? { rejection: rejection(where, said, 0) } : { signal: said, where };

const partsOf = (value: unknown, where: InRecord, field: string, budget: Budget, trust: Trust | undefined): Iterable<Part> => {
  try {
    const context = { budget, unpacked: { bytes: 0 }, wrong: { first: undefined, count: 0 }, trust };
    const found = peel({ value, field, delivery: nowhere, depth: 0, bytes: admit(budget, value) }, context);
    return Array.isArray(found) ? found.map((said) => partOf(said, where)) : partsOfBatch(found, where, context);
  } catch (error) {
    return [{ rejection: rejection(where, error, 0) }];
  }
};

const partsOfBatch = function* (batch: Batch, where: InRecord, context: RecordContext): Generator<Part> {
  const { wrong } = context;
  for (const said of unpackEach(batch, context)) yield partOf(said, where);
  // A queue redelivers a whole record, so one rejection is enough.
  if (wrong.count > 0) yield { rejection: rejection(where, wrong.first, wrong.count - 1) };
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
    yield { rejection: rejection(inRecord(0, event), error, 0) };
    return;
  }
  const field = records.length === 1 ? 'event' : 'record';
  const most = budget.records;
  budget.records -= Math.min(records.length, most);
  for (let index = 0; index < records.length && index < most; index++) {
    const record = records[index];
    for (const part of partsOf(record, inRecord(index, record), field, budget, trust)) yield part;
  }
  if (records.length <= most) return;
  const over = new MalformedEventError('Records', `${records.length - most} over the ${most} that are read in one invocation`);
  yield { rejection: rejection({ record: most }, over, 0) };
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
