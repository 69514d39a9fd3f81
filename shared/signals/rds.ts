import * as z from 'zod';
import { parseArn } from '../model/arn.ts';
import { once } from '../model/once.ts';
import type { Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-id.ts';
import { isValidResourceId } from '../model/resources/index.ts';
import { parseTime } from '../model/time.ts';
import { anything, type Delivery, defineSignal, type Envelope, eventSignal, type Fields, messageSignal, read } from './module.ts';

/**
 * Events that mean trouble, whatever their category: errors on restart, failed failovers, full storage, broken replication, restarts.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
export const trouble: ReadonlySet<string> = new Set([
  // In the category "failure", which a subscription's message lacks.
  ...['0031', '0035', '0036', '0165', '0188', '0223', '0224', '0254', '0278', '0306', '0315', '0353', '0354', '0355', '0418'],
  ...['0004', '0006', '0022', '0221', '0222', '0330', '0331', '0419'],
  ...['0034', '0069', '0084', '0187', '0202'],
  ...['0007', '0089', '0227'],
  ...['0045', '0057', '0403', '0404'],
]);
/** In the category "failure", although RDS says that nothing is wrong or that it will retry. */
export const harmless: ReadonlySet<string> = new Set(['0219', '0220', '0237', '0420']);

/**
 * Documented in any other category. A subscription's message has no categories: an event there that is in neither list is reported, since
 * unknown is not benign.
 */
const routine = new Set([
  ...['0001', '0002', '0003', '0005', '0009', '0010', '0011', '0012', '0013', '0014', '0015', '0016', '0017', '0018', '0019', '0020'],
  ...['0021', '0023', '0024', '0025', '0026', '0027', '0028', '0029', '0030', '0032', '0033', '0038', '0040', '0041', '0042', '0043'],
  ...['0044', '0046', '0047', '0048', '0049', '0050', '0051', '0052', '0053', '0054', '0055', '0056', '0059', '0060', '0061', '0062'],
  ...['0063', '0064', '0065', '0066', '0067', '0068', '0070', '0071', '0072', '0073', '0074', '0075', '0078', '0086', '0087', '0088'],
  ...['0090', '0091', '0092', '0154', '0155', '0157', '0158', '0159', '0160', '0161', '0166', '0167', '0168', '0169', '0170', '0171'],
  ...['0172', '0179', '0180', '0181', '0182', '0183', '0184', '0185', '0186', '0189', '0190', '0191', '0192', '0193', '0194', '0196'],
  ...['0197', '0203', '0204', '0205', '0206', '0207', '0208', '0213', '0214', '0215', '0217', '0218', '0225', '0230', '0231', '0244'],
  ...['0246', '0247', '0248', '0250', '0251', '0253', '0259', '0260'],
]);

/** `categories` is null if the message has none. */
const isTrouble = (id: string, categories: readonly string[] | null): boolean => {
  if (harmless.has(id)) return false;
  if (trouble.has(id)) return true;
  if (categories === null) return !routine.has(id);
  return categories.some((category) => category === 'failure' || category === 'low storage');
};

/** Instances and clusters have names of a known form; snapshots, proxies and deployments don't. */
const subjectOf = (source: unknown, field: string, ofADatabase: boolean): Resource => {
  if (ofADatabase || typeof source !== 'string' || isValidResourceId({ type: 'database', id: source.trim() }))
    return resourceOf('database', source, field);
  return resourceOf('service', source, field);
};

const eventId = (value: unknown): string => (typeof value === 'string' ? (/RDS-EVENT-(\d{4})/.exec(value)?.[1] ?? '') : '');

/** The source type as subscriptions name it: `db-instance` for `RDS DB Instance Event`. */
const sourceOf = (detailType: string): string =>
  detailType
    .replace(/^RDS (.*) Event$/, '$1')
    .toLowerCase()
    .replaceAll(' ', '-');

const failureOf = (id: string, source: string) =>
  source === 'db-instance'
    ? ('instance-failed' as const)
    : source === 'db-cluster' && id === '0069'
      ? ('failover-failed' as const)
      : ('failed' as const);

const factsOf = (id: string, categories: readonly string[] | null, subject: Resource, source: string, message: unknown) => {
  const failed = isTrouble(id, categories);
  return {
    kind: 'rds' as const,
    fact: !failed ? ('activity' as const) : failureOf(id, source),
    subject,
    quiet: failed ? null : 'normal operation of the database',
    evidence: {
      eventId: `RDS-EVENT-${id}`,
      source,
      categories: categories?.join(', '),
      message,
      what: `RDS-EVENT-${id}: ${String(message ?? '')}`,
    },
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

const fromEvent = (detail: unknown, envelope: Envelope) => {
  const parsed = read(schema, detail, 'detail');
  const name =
    parsed.SourceIdentifier ??
    parseArn(parsed.SourceArn ?? envelope.resources[0])
      ?.resource.split(':')
      .at(-1);
  const subject = subjectOf(name, 'detail.SourceIdentifier', ofDatabases.has(envelope.detailType));
  const facts = factsOf(eventId(parsed.EventID), parsed.EventCategories ?? [], subject, sourceOf(envelope.detailType), parsed.Message);
  return [eventSignal(envelope, { ...facts, at: parseTime(parsed.Date) ?? envelope.time })];
};

/** Decodes what an RDS event subscription publishes to SNS. It has no account or region of its own. */
const fromMessage = (body: Fields, delivery: Delivery) => {
  const arn = parseArn(body['Source ARN']);
  const categories = Array.isArray(body['Event Categories'])
    ? body['Event Categories'].filter((category): category is string => typeof category === 'string')
    : null;
  const subject = subjectOf(body['Source ID'], 'Source ID', ofDatabases.has(String(body['Event Source'])));
  const facts = factsOf(eventId(body['Event ID']), categories, subject, String(body['Event Source']), body['Event Message']);
  return [
    messageSignal(delivery, {
      ...facts,
      at: parseTime(body['Event Time']) ?? parseTime(delivery.sentAt),
      account: arn?.account ?? null,
      ...(arn === null ? {} : { region: arn.region }),
    }),
  ];
};

const ofDatabases: ReadonlySet<string> = new Set(['RDS DB Instance Event', 'RDS DB Cluster Event', 'db-instance', 'db-cluster']);

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html; the last one: assumed. */
const detailTypes = [
  'RDS DB Instance Event',
  'RDS DB Cluster Event',
  'RDS DB Proxy Event',
  'RDS DB Snapshot Event',
  'RDS DB Cluster Snapshot Event',
  'RDS DB Parameter Group Event',
  'RDS DB Security Group Event',
  'RDS Blue Green Deployment Event',
  'RDS Custom Engine Version Event',
];

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Event.html */
const sources = new Set([
  'db-instance',
  'db-cluster',
  'db-proxy',
  'db-snapshot',
  'db-cluster-snapshot',
  'db-parameter-group',
  'db-security-group',
  'blue-green-deployment',
  'custom-engine-version',
]);

/** Events of databases and related resources, from EventBridge and from RDS's own subscriptions. */
export const rds = defineSignal({
  kind: 'rds',
  facts: ['instance-failed', 'failover-failed', 'failed', 'activity'],
  events: { source: 'aws.rds', detailTypes, decode: fromEvent },
  message: {
    recognises: (body) => 'Event ID' in body && typeof body['Event Source'] === 'string' && sources.has(body['Event Source']),
    decode: fromMessage,
  },
});
