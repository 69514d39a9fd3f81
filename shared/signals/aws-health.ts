import * as z from 'zod';
import { accountOf, parseArn, regionOf } from '../model/arn.ts';
import { excerpt, Malformed } from '../model/malformed.ts';
import type { Resource } from '../model/resource.ts';
import { wellFormed } from '../model/resource-id.ts';
import type { Signal } from '../model/signal.ts';
import { parseTime } from '../model/time.ts';
import { entityOf } from './health-entity.ts';
import { anything, type Envelope, eventSignal, once, read, type SignalModule } from './module.ts';

const schema = once(() =>
  z.object({
    eventArn: anything,
    service: z.string(),
    eventTypeCode: z.string(),
    eventTypeCategory: z.string(),
    eventScopeCode: z.string().nullish(),
    eventRegion: anything,
    statusCode: z.string().nullish(),
    startTime: anything,
    endTime: anything,
    communicationId: anything,
    affectedAccount: anything,
    availabilityZone: anything,
    page: anything,
    totalPages: anything,
    affectedEntities: z.array(z.object({ entityValue: z.string(), status: z.string().nullish() })).nullish(),
  }),
);

type Told = z.output<ReturnType<typeof schema>>;
type Entity = NonNullable<Told['affectedEntities']>[number];
type Reading = { fact: string; doubt?: string };

const mostEntities = 1000;

/** Words in an event type's code that put the host itself at fault. docs.aws.amazon.com/health/latest/ug/ */
const hardware = /HARDWARE|HOST_(?:FAIL|IMPAIR|DEGRAD)|UNDERLYING_HOST|INSTANCE_(?:IMPAIR|DEGRAD|UNREACHABLE|FAIL)|SYSTEM_(?:IMPAIR|FAIL)/;
/** Changes after which the instance is off its host, or has been rebooted on it. */
const leaves = /RETIREMENT|REBOOT|SYSTEM_MAINTENANCE|POWER_MAINTENANCE|INSTANCE_STOP/;
/** An event type that says that nothing will happen any more. */
const over = /_(?:CANCELL?ED|COMPLETED?|RESOLVED)$/;

const readEc2 = (code: string, category: string): Reading => {
  if (category === 'scheduledChange') {
    if (/DEDICATED_HOST/.test(code)) return { fact: 'dedicated-host' };
    if (/NETWORK/.test(code)) return { fact: 'network-maintenance' };
    return { fact: leaves.test(code) ? 'instance-retiring' : 'other-ec2-change' };
  }
  if (/VOLUME|EBS/.test(code)) return { fact: 'volume-impaired' };
  if (/DEDICATED_HOST/.test(code)) return { fact: 'hardware-issue', doubt: 'a person places instances on dedicated hosts' };
  if (/STORE|DRIVE/.test(code)) return { fact: 'hardware-issue', doubt: 'moving it to another host loses the data on its instance store' };
  if (/NETWORK/.test(code)) return { fact: 'hardware-issue', doubt: 'the host need not be the cause of a network problem' };
  return hardware.test(code)
    ? { fact: 'hardware-issue' }
    : { fact: 'hardware-issue', doubt: `${excerpt(code)} does not say that the host is the cause` };
};

/** Services whose planned changes are served; an issue of theirs may be one of a whole zone. */
const served = new Set(['EC2', 'EBS']);

/** A recovery or a maintenance that AWS says went wrong: of all that it only informs about, this leaves something broken behind. */
const failedAttempt = (code: string): boolean => {
  const at = code.search(/RECOVERY|MAINTENANCE/);
  return at >= 0 && /_FAIL(?:ED|URE)?(?:_|$)/.test(code.slice(at));
};

const statusSays = (status: string | null | undefined): string | null => {
  return status === 'RESOLVED' || status === 'UNIMPAIRED' ? 'it is over for this resource' : null;
};

/** Why the event as a whole calls for nothing. */
const eventQuiet = ({ eventTypeCategory: category, eventTypeCode: code, statusCode, service }: Told): string | null => {
  if (category === 'accountNotification' && !failedAttempt(code))
    return 'the AWS Health event is an account notification for information only';
  if (statusCode === 'closed') return 'AWS Health has closed the event';
  if (over.test(code)) return 'AWS Health says that it is over or cancelled';
  if (category === 'scheduledChange' && !served.has(service)) return `selfheal doesn't serve planned changes of ${excerpt(service)}`;
  return null;
};

/** The place that an event is about: the one zone that it names, else the region. */
const placeOf = (zones: readonly string[], region: string | null): Resource | null => {
  const [zone] = zones;
  if (zone !== undefined && zones.every((other) => other === zone)) return { type: 'zone', id: zone };
  return region === null ? null : { type: 'region', id: region };
};

/** What an event says of one resource, or of none (`null`: it names neither a zone nor anything else). */
const readingOf = ({ service, eventTypeCode: code, eventTypeCategory: category }: Told, resource: Resource | null): Reading => {
  const planned = category === 'scheduledChange';
  const ofCompute = service === 'EC2' || service === 'EBS';
  if (!planned && ofCompute && (resource === null || resource.type === 'zone') && category !== 'accountNotification')
    return { fact: 'zone-impaired' };
  if (service === 'EBS' || resource?.type === 'volume') return { fact: 'volume-impaired' };
  if (resource?.type === 'database') return { fact: 'database-impaired' };
  const ofAHost = resource?.type === 'instance' || resource?.id.startsWith('h-');
  if (service === 'EC2' && category === 'accountNotification' && ofAHost)
    return { fact: 'hardware-issue', doubt: 'AWS has tried to repair it, and failed' };
  if (service === 'EC2' && (planned || ofAHost)) return readEc2(code, category);
  return { fact: planned ? 'planned' : 'other-issue' };
};

/** Health tells of other accounts and regions than its own: one that is named and can't be read must not be taken for the delivery's. */
const placeDoubt = ({ eventRegion, affectedAccount }: Told): string | null => {
  const named = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (named(eventRegion) && regionOf(eventRegion) === null) return 'it names no readable region';
  return named(affectedAccount) && accountOf(affectedAccount) === null ? 'it names no readable account' : null;
};

/** AWS may act from the beginning of a scheduled change on. */
const isoOf = (time: unknown): string | null => {
  const at = parseTime(time);
  return at === null ? null : new Date(at).toISOString();
};

/** Entities as they are listed; where none are, the resources of the envelope, which is where events of old have them. */
const entitiesOf = ({ affectedEntities }: Told, envelope: Envelope): readonly Entity[] => {
  const listed = affectedEntities ?? [];
  if (listed.length > mostEntities) throw new Malformed('detail.affectedEntities', `more than ${mostEntities}`);
  return listed.length > 0 ? listed : envelope.resources.map((entityValue) => ({ entityValue }));
};

const categories = new Set(['issue', 'scheduledChange', 'accountNotification']);

/** What speaks against acting on whatever the event is about. */
const doubtOf = (told: Told): string | null => {
  const { eventTypeCategory: category, statusCode } = told;
  if (category === 'investigation') return 'AWS is still investigating';
  if (!categories.has(category)) return 'its category is unknown';
  if (statusCode !== null && statusCode !== undefined && statusCode !== 'open' && statusCode !== 'upcoming')
    return `its status ${excerpt(statusCode)} is unknown`;
  return placeDoubt(told);
};

const decode = (detail: unknown, envelope: Envelope): Array<Signal | Malformed> => {
  const told = read(schema, detail, 'detail');
  const entities = entitiesOf(told, envelope);
  const arn = parseArn(told.eventArn);
  // `region` of the envelope is where the event was delivered, not where it happens.
  const region = typeof told.eventRegion === 'string' ? regionOf(told.eventRegion) : (arn?.region ?? envelope.region);
  const quiet = eventQuiet(told);
  const doubts = doubtOf(told);
  const evidence = {
    service: told.service,
    eventTypeCode: told.eventTypeCode,
    category: told.eventTypeCategory,
    statusCode: told.statusCode,
    startTime: told.startTime,
    deadline: told.eventTypeCategory === 'scheduledChange' ? isoOf(told.startTime) : null,
    endTime: told.endTime,
    eventArn: told.eventArn,
    communicationId: told.communicationId,
    page: told.page,
    totalPages: told.totalPages,
    what: `AWS Health ${told.eventTypeCode}`,
  };
  const signal = (resource: Resource | null, status: string | null | undefined, zones: readonly string[] = []): Signal => {
    const { fact, doubt } = readingOf(told, resource);
    return eventSignal(envelope, {
      kind: 'aws-health',
      fact,
      subject: fact === 'zone-impaired' ? placeOf(zones, region) : resource,
      quiet: quiet ?? statusSays(status),
      doubt: doubt ?? doubts,
      at: parseTime(told.startTime) ?? envelope.time,
      account: accountOf(told.affectedAccount) ?? envelope.account,
      region,
      // What an issue was about is told of a closed one, too.
      evidence: { ...evidence, fact, entityStatus: status },
    });
  };

  const zones: Entity[] = [];
  const nothing: Entity[] = [];
  const found: Array<Signal | Malformed> = [];
  for (const entity of entities) {
    const resource = entityOf(entity.entityValue, told.service);
    if (resource instanceof Malformed) found.push(resource);
    else if (resource === null) nothing.push(entity);
    else if (resource.type === 'zone') zones.push({ ...entity, entityValue: resource.id });
    else found.push(signal(resource, entity.status));
  }
  // The zone of an event that names nothing else is what it is about; otherwise it is where the thing happens to be.
  if (found.length === 0 && zones.length === 0 && typeof told.availabilityZone === 'string') {
    const zone = told.availabilityZone.trim();
    if (wellFormed({ type: 'zone', id: zone })) zones.push({ entityValue: zone, status: nothing[0]?.status });
  }
  // A place is one thing, however often it is named; and it is over when all that is named is.
  const ids = zones.map(({ entityValue }) => entityValue);
  const [zone] = ids;
  const statusOf = (some: readonly Entity[]) => some.find(({ status }) => statusSays(status) === null)?.status ?? some[0]?.status;
  if (zone !== undefined) found.unshift(signal({ type: 'zone', id: zone }, statusOf(zones), ids));
  else if (found.length === 0) found.push(signal(null, statusOf(nothing)));
  return found;
};

/** docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
export const awsHealth: SignalModule = {
  kind: 'aws-health',
  events: { source: 'aws.health', detailTypes: ['AWS Health Event'], decode },
};
