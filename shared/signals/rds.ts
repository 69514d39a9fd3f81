import * as z from 'zod';
import { parseArn, resourceOf } from './form.ts';
import {
  anything,
  type Delivery,
  type Envelope,
  eventSignal,
  type Fields,
  messageSignal,
  once,
  read,
  type SignalModule,
} from './module.ts';
import type { Signal } from './signal.ts';
import { parseTime } from './time.ts';

/**
 * Events that say that the database is in trouble, whatever their category: errors on restart, failovers that failed, storage that is
 * full, replication that broke, and restarts. docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
const trouble = new Set([
  // Filed under "failure", which a subscription's message doesn't say.
  ...['0031', '0035', '0036', '0165', '0188', '0223', '0224', '0254', '0278', '0306', '0315', '0353', '0354', '0355', '0418'],
  ...['0004', '0006', '0022', '0221', '0222', '0330', '0331', '0419'],
  ...['0034', '0069', '0084'],
  ...['0007', '0089', '0227'],
  ...['0045', '0057', '0403', '0404'],
]);
/** Filed under "failure", but RDS itself says that nothing is wrong or that it will try again. */
const harmless = new Set(['0219', '0220', '0237', '0420']);

const isTrouble = (id: string, categories: readonly string[]): boolean => {
  if (harmless.has(id)) return false;
  return trouble.has(id) || categories.some((category) => category === 'failure' || category === 'low storage');
};

const eventId = (value: unknown): string => (typeof value === 'string' ? (/RDS-EVENT-(\d{4})/.exec(value)?.[1] ?? '') : '');

const factsOf = (id: string, categories: readonly string[], source: unknown, field: string, message: unknown) => {
  const failed = isTrouble(id, categories);
  return {
    kind: 'rds',
    fact: failed ? 'failed' : 'activity',
    subject: resourceOf('database', source, field),
    quiet: failed ? null : 'the database is being operated as usual',
    evidence: { eventId: `RDS-EVENT-${id}`, categories: categories.join(', '), message, what: `RDS-EVENT-${id}: ${String(message ?? '')}` },
  };
};

const schema = once(() =>
  z.object({
    EventID: anything,
    EventCategories: z.array(z.string()).nullish(),
    SourceIdentifier: anything,
    SourceArn: anything,
    Message: anything,
    Date: anything,
  }),
);

const fromEvent = (detail: unknown, envelope: Envelope): Signal[] => {
  const told = read(schema, detail, 'detail');
  const name =
    told.SourceIdentifier ??
    parseArn(told.SourceArn ?? envelope.resources[0])
      ?.resource.split(':')
      .at(-1);
  const facts = factsOf(eventId(told.EventID), told.EventCategories ?? [], name, 'detail.SourceIdentifier', told.Message);
  return [eventSignal(envelope, { ...facts, at: parseTime(told.Date) ?? envelope.time })];
};

/** What an RDS event subscription publishes to SNS. It carries no account and no region of its own. */
const fromMessage = (body: Fields, delivery: Delivery): Signal[] => {
  const arn = parseArn(body['Source ARN']);
  const categories = Array.isArray(body['Event Categories'])
    ? body['Event Categories'].filter((category): category is string => typeof category === 'string')
    : [];
  const facts = factsOf(eventId(body['Event ID']), categories, body['Source ID'], 'Source ID', body['Event Message']);
  return [
    messageSignal(delivery, {
      ...facts,
      at: parseTime(body['Event Time']) ?? parseTime(delivery.sentAt),
      account: arn?.account ?? null,
      ...(arn === null ? {} : { region: arn.region }),
    }),
  ];
};

/** Events of database instances and clusters, by EventBridge and by RDS's own subscriptions. */
export const rds: SignalModule = {
  kind: 'rds',
  events: { source: 'aws.rds', detailTypes: ['RDS DB Instance Event', 'RDS DB Cluster Event'], decode: fromEvent },
  message: {
    recognises: (body) => 'Event ID' in body && (body['Event Source'] === 'db-instance' || body['Event Source'] === 'db-cluster'),
    decode: fromMessage,
  },
};
