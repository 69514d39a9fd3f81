import * as z from 'zod';
import { accountOf, parseArn, partitionOf, regionOf } from '../model/arn.ts';
import { parseJson } from '../model/json.ts';
import { excerpt, MalformedEventError } from '../model/malformed.ts';
import type { Resource } from '../model/resource.ts';
import type { AlarmSignal, EventSignal } from '../model/signal.ts';
import { parseTime } from '../model/time.ts';

/** How a message was delivered; fills in fields that the message lacks. */
export type Delivery = { topicArn: string | null; sentAt: unknown; region: string | null };

/**
 * The envelope of an EventBridge event, read tolerantly. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export type Envelope = {
  source: string;
  detailType: string;
  account: string | null;
  region: string | null;
  /** Milliseconds since the epoch; null if missing or unreadable. */
  time: number | null;
  resources: readonly string[];
  delivery: Delivery;
};

/** A JSON object that is not validated yet. */
export type Fields = Record<string, unknown>;

/** An optional field that is validated later: schemas only require what is needed. */
export const anything = z.unknown().optional();

/**
 * One kind of event: which events it claims, and how to decode them. An event about several resources gives one signal, or one `MalformedEventError`,
 * for each.
 */
export type SignalModule<Kind extends string = string, Fact extends string = string> = {
  kind: Kind;
  /** All facts that its signals report, one word each: failure classes match by them. */
  facts: readonly Fact[];
  /** EventBridge events, by source and detail-type. */
  events?: { source: string; detailTypes: readonly string[]; decode(detail: unknown, envelope: Envelope): Decoded<Kind, Fact> };
  /** Messages without an EventBridge envelope, such as those that CloudWatch publishes to SNS. */
  message?: { recognises(body: Fields): boolean; decode(body: Fields, delivery: Delivery): Decoded<Kind, Fact> };
};

type Decoded<Kind extends string, Fact extends string> = Array<
  AlarmSignal | EventSignal<NoInfer<Kind>, NoInfer<Fact>> | MalformedEventError
>;

/** Declares a kind of event. Its signals have its own kind and one of the listed facts: nothing else compiles. */
export const defineSignal = <Kind extends string, Fact extends string>(module: SignalModule<Kind, Fact>): SignalModule<Kind, Fact> =>
  module;

/** Whether a value is a JSON object. */
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Validates a part of an event.
 * @throws {MalformedEventError} naming the first invalid field
 */
export const read = <S extends z.ZodType>(schema: () => S, value: unknown, where: string): z.output<S> => {
  const result = schema().safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new MalformedEventError([where, ...(issue?.path ?? [])].filter((part) => part !== '').join('.'), issue?.message ?? 'invalid');
};

/** Parses a JSON text inside an event; null if it isn't a JSON object. */
export const embedded = (text: unknown): Fields | null => {
  const value = typeof text === 'string' ? parseJson(text) : null;
  return isFields(value) ? value : null;
};

/** Reads the envelope of an event; `delivery` fills in what it lacks. */
export const envelopeOf = (event: Fields, delivery: Delivery): Envelope => {
  const resources = Array.isArray(event.resources) ? event.resources : [event.resources];
  return {
    source: typeof event.source === 'string' ? event.source : '',
    detailType: typeof event['detail-type'] === 'string' ? event['detail-type'] : '',
    account: accountOf(event.account),
    region: regionOf(event.region),
    time: parseTime(event.time),
    resources: resources.filter((resource): resource is string => typeof resource === 'string').slice(0, 1000),
    delivery,
  };
};

const limits = { key: 64, value: 512 };

/** Evidence for a verdict: without empty values, each one truncated. */
export const evidenceOf = (facts: Record<string, unknown>): Record<string, string> => {
  const evidence: Record<string, string> = {};
  for (const key in facts) {
    const value = facts[key];
    if (value === null || value === undefined || value === '') continue;
    const text =
      typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : excerpt(value);
    evidence[key.slice(0, limits.key)] = text.slice(0, limits.value);
  }
  return evidence;
};

/**
 * The time of an event that may lead to an action; episodes are distinguished by it.
 * @throws {MalformedEventError} if it is missing
 */
export const requireTime = (time: number | null, field: string): number => {
  if (time === null) throw new MalformedEventError(field, 'no readable time');
  return time;
};

type EventFacts<Kind extends string, Fact extends string> = {
  kind: Kind;
  fact: Fact;
  subject?: Resource | null;
  quiet?: string | null;
  escalateReason?: string | null;
  evidence?: Record<string, unknown>;
  at?: number | null;
  account?: string | null;
  region?: string | null;
};

/** Creates a signal from an EventBridge event. Missing facts come from the envelope, then from the ARN of its first resource. */
export const eventSignal = <Kind extends string, Fact extends string>(
  envelope: Envelope,
  facts: EventFacts<Kind, Fact>,
): EventSignal<Kind, Fact> => {
  const arn = parseArn(envelope.resources[0]);
  const region = facts.region !== undefined ? facts.region : (envelope.region ?? arn?.region ?? null);
  const quiet = facts.quiet ?? null;
  const at = facts.at ?? envelope.time;
  return {
    kind: facts.kind,
    fact: facts.fact,
    subject: facts.subject ?? null,
    quiet,
    escalateReason: facts.escalateReason ?? null,
    at: quiet === null ? requireTime(at, 'time') : (at ?? 0),
    account: facts.account ?? envelope.account ?? arn?.account ?? null,
    region,
    partition: region === null ? (arn?.partition ?? 'aws') : partitionOf(region),
    evidence: evidenceOf(facts.evidence ?? {}),
  };
};

/** Creates a signal from an SNS message without an EventBridge envelope. */
export const messageSignal = <Kind extends string, Fact extends string>(
  delivery: Delivery,
  facts: EventFacts<Kind, Fact>,
): EventSignal<Kind, Fact> => {
  const topic = parseArn(delivery.topicArn);
  return eventSignal(
    {
      source: '',
      detailType: '',
      account: topic?.account ?? null,
      region: topic?.region ?? delivery.region,
      time: parseTime(delivery.sentAt),
      resources: [],
      delivery,
    },
    facts,
  );
};
