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
  /** Where problems of its parts go. */
  reject: (error: unknown) => void;
  trust: Trust | undefined;
};

/** A value in a record's envelopes: the field that holds it, how it was delivered, how deep it is, and the record's size so far. */
type Layer = Content & { depth: number; bytes: number };
type Content = { value: unknown; field: string; delivery: Delivery };

/** An envelope with any number of contents, for `layer` to be unpacked one by one. */
type Batch = Inside & { layer: Layer };

const nowhere: Delivery = { topicArn: null, sentAt: null, region: null };

/** Parses a message's text. One that was encoded twice is decoded twice, but no more. */
const parse = (text: unknown, field: string): unknown => {
  if (typeof text !== 'string') throw new MalformedEventError(field, `expected a text, got ${excerpt(text)}`);
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
  const inside = { ...layer, field, depth: layer.depth + 1 };
  if ('value' in part) return { ...inside, value: part.value };
  const tooLarge = () => new MalformedEventError(field, `larger than ${limits.record} bytes when it is unpacked`);
  if (unpacked.bytes > limits.record) throw tooLarge();
  const text = 'data' in part ? textOf(part.data, field) : part.text;
  if ('data' in part) {
    unpacked.bytes += admit(budget, text);
    if (unpacked.bytes > limits.record) throw tooLarge();
    inside.bytes = Math.max(layer.bytes, unpacked.bytes);
  }
  return { ...inside, value: parse(text, field) };
};

/**
 * Removes envelopes until there is an event, whose signals it returns, or a batch. Nearly every record has one event in one envelope or two:
 * it takes no generator for each of them.
 */
const peel = (outer: Layer, { budget, trust }: RecordContext): DecodedEvent | Batch => {
  const { bytes } = outer;
  let content: Content = outer;
  for (let { depth } = outer; ; depth++) {
    const { value, field } = content;
    budget.visits += 1;
    if (depth > limits.levels) throw new MalformedEventError(field, `more than ${limits.levels} envelopes inside each other`);
    if (!isFields(value)) throw new MalformedEventError(field, `expected an event, got ${excerpt(value)}`);
    const batch = batchOf(value, field, budget);
    if (batch !== null) return { layer: { ...content, depth, bytes }, ...batch };
    const inside = contentOf(value, content, bytes, trust);
    if (Array.isArray(inside)) return inside;
    content = inside;
  }
};

const batchOf = (value: Fields, field: string, budget: Budget): Inside | null => {
  const { Records: records } = value;
  if (Array.isArray(records)) {
    admitBatch(budget, records, `${field}.Records`);
    return { field: 'record', parts: records.map((record: unknown) => ({ value: record })) };
  }
  const inside = opened(value);
  if (inside !== null) admitBatch(budget, inside.parts, inside.field);
  return inside;
};

/** What an envelope with a single content holds, or the signals of an event. */
const contentOf = (value: Fields, { field, delivery }: Content, bytes: number, trust: Trust | undefined): Content | DecodedEvent => {
  const { Sns: sns, body } = value;
  if (value.messageType === 'CONTROL_MESSAGE') return unserved(delivery, 'CloudWatch Logs tries a subscription');
  if (isFields(sns)) return notified(sns, delivery, 'Sns.Message', trust);
  if ('Sns' in value) throw new MalformedEventError('Sns', `expected an object, got ${excerpt(sns)}`);
  if ('body' in value && ('messageId' in value || value.eventSource === 'aws:sqs')) {
    const attributes = isFields(value.attributes) ? value.attributes : {};
    const sent = Number(attributes.SentTimestamp);
    const sentAt = Number.isInteger(sent) && sent > 0 && sent < 1e14 ? new Date(sent).toISOString() : null;
    const sentBy = { topicArn: delivery.topicArn, sentAt, region: regionOf(value.awsRegion) };
    return { value: parse(body, 'body'), field: 'body', delivery: sentBy };
  }
  if (typeof value.Message === 'string' && typeof value.TopicArn === 'string') return notified(value, delivery, 'Message', trust);
  checkValues(value, bytes);
  const decoded = decodeOne(value, delivery, field);
  if (trust) holdToSender(value, decoded, delivery, trust);
  return decoded;
};

/** What SNS delivers in this field. */
const notified = (sns: Fields, delivery: Delivery, field: string, trust: Trust | undefined): Content | DecodedEvent => {
  // The outermost one has delivered it. What a message says of a topic is the word of whoever could publish to that one.
  const topicArn = delivery.topicArn ?? (typeof sns.TopicArn === 'string' ? sns.TopicArn : null);
  const inside = { topicArn, sentAt: sns.Timestamp ?? delivery.sentAt, region: delivery.region };
  if (trust) holdToTopic(topicArn, trust);
  // Nothing is requested for it: nobody but the stack subscribes its function.
  if (handshakes.has(String(sns.Type))) return unserved(inside, 'SNS confirms a subscription');
  return { value: parse(sns.Message, field), field, delivery: inside };
};

/** The signals of a layer: those of a batch one after the other. */
const signalsIn = (layer: Layer, context: RecordContext): Iterable<DecodedEvent[number]> => {
  const found = peel(layer, context);
  return Array.isArray(found) ? found : unpackEach(found, context);
};

const unpackEach = function* (batch: Batch, context: RecordContext): Generator<DecodedEvent[number]> {
  for (const part of batch.parts) {
    try {
      yield* signalsIn(unpack(part, batch, context), context);
    } catch (error) {
      context.reject(error);
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

const partsOf = function* (value: unknown, where: InRecord, field: string, budget: Budget, trust: Trust | undefined): Generator<Part> {
  let first: unknown;
  let wrong = 0;
  const reject = (error: unknown) => {
    if (wrong === 0) first = error;
    wrong += 1;
  };
  try {
    const layer = { value, field, delivery: nowhere, depth: 0, bytes: admit(budget, value) };
    for (const said of signalsIn(layer, { budget, unpacked: { bytes: 0 }, reject, trust }))
      yield said instanceof MalformedEventError ? { rejection: rejection(where, said, 0) } : { signal: said, where };
  } catch (error) {
    reject(error);
  }
  // A queue redelivers a whole record, so one rejection is enough.
  if (wrong > 0) yield { rejection: rejection(where, first, wrong - 1) };
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
    yield* partsOf(record, inRecord(index, record), field, budget, trust);
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
