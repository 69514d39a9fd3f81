import * as z from 'zod';
import { accountOf, parseArn, partitionOf, regionOf } from '../model/arn.ts';
import { excerpt, Malformed } from '../model/malformed.ts';
import type { Resource } from '../model/resource.ts';
import type { EventSignal, Signal } from '../model/signal.ts';
import { parseTime } from '../model/time.ts';

/** What is known of how a message came: it fills the gaps that the message itself leaves. */
export type Delivery = { topicArn: string | null; sentAt: unknown; region: string | null };

/** The outside of an EventBridge event, read tolerantly. docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export type Envelope = {
  source: string;
  detailType: string;
  account: string | null;
  region: string | null;
  /** Milliseconds since the epoch, or null where there is none that can be read. */
  time: number | null;
  resources: readonly string[];
  delivery: Delivery;
};

export type Fields = Record<string, unknown>;

/** A field that may be there or not, and is looked at later: a schema asks only for what is needed. */
export const anything = z.unknown().optional();

/**
 * One kind of event: which events are its own, and what they say. An event about several things says of each by itself what it is, or what
 * is wrong with it.
 */
export type SignalModule = {
  kind: string;
  /** EventBridge events, by source and detail-type. */
  events?: { source: string; detailTypes: readonly string[]; decode(detail: unknown, envelope: Envelope): Array<Signal | Malformed> };
  /** Messages that come without an EventBridge envelope, such as what CloudWatch publishes to SNS. */
  message?: { recognises(body: Fields): boolean; decode(body: Fields, delivery: Delivery): Array<Signal | Malformed> };
};

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is made when it is first asked for. An event is of one kind, and the schemas of all others need never be. */
export const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/**
 * Checks a part of an event against its schema.
 * @throws {Malformed} naming the first field that is wrong
 */
export const read = <S extends z.ZodType>(schema: () => S, value: unknown, where: string): z.output<S> => {
  const result = schema().safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Malformed([where, ...(issue?.path ?? [])].filter((part) => part !== '').join('.'), issue?.message ?? 'invalid');
};

/** Parses a JSON text that rides inside an event; null where it isn't JSON, or is no object. */
export const embedded = (text: unknown): Fields | null => {
  if (typeof text !== 'string') return null;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
};

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

/** Evidence as a verdict carries it: empty values left out, each one cut to its bound. */
export const evidenceOf = (facts: Record<string, unknown>): Record<string, string> => {
  const evidence: Record<string, string> = {};
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === undefined || value === '') continue;
    const text =
      typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : excerpt(value);
    evidence[key.slice(0, limits.key)] = text.slice(0, limits.value);
  }
  return evidence;
};

/** The time of an event that may lead to something: without one, two episodes couldn't be told apart. */
export const requireTime = (time: number | null, field: string): number => {
  if (time === null) throw new Malformed(field, 'no readable time');
  return time;
};

type EventFacts = {
  kind: string;
  fact: string;
  subject?: Resource | null;
  quiet?: string | null;
  doubt?: string | null;
  evidence?: Record<string, unknown>;
  at?: number | null;
  account?: string | null;
  region?: string | null;
};

/** A signal out of an EventBridge event. What the facts leave open comes from the envelope, then from the ARN of its first resource. */
export const eventSignal = (envelope: Envelope, facts: EventFacts): EventSignal => {
  const arn = parseArn(envelope.resources[0]);
  const region = facts.region !== undefined ? facts.region : (envelope.region ?? arn?.region ?? null);
  const quiet = facts.quiet ?? null;
  const at = facts.at ?? envelope.time;
  return {
    kind: facts.kind,
    fact: facts.fact,
    subject: facts.subject ?? null,
    quiet,
    doubt: facts.doubt ?? null,
    at: quiet === null ? requireTime(at, 'time') : (at ?? 0),
    account: facts.account ?? envelope.account ?? arn?.account ?? null,
    region,
    partition: region === null ? (arn?.partition ?? 'aws') : partitionOf(region),
    evidence: evidenceOf(facts.evidence ?? {}),
  };
};

/** A signal out of a message that SNS carried without an EventBridge envelope. */
export const messageSignal = (delivery: Delivery, facts: EventFacts): EventSignal => {
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
