import * as z from 'zod';
import { accountOf, parseArn, regionOf } from '../model/arn.ts';
import { excerpt, MalformedEventError } from '../model/malformed.ts';
import { once } from '../model/once.ts';
import type { Resource } from '../model/resource.ts';
import { isValidResourceId, typesOfResource } from '../model/resources/index.ts';
import { parseTime } from '../model/time.ts';
import { entityOf } from './health-entity.ts';
import { anything, defineSignal, type Envelope, eventSignal, read } from './module.ts';

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

type ParsedDetail = z.output<ReturnType<typeof schema>>;
type Entity = NonNullable<ParsedDetail['affectedEntities']>[number];
const facts = [
  'dedicated-host',
  'network-maintenance',
  'instance-retiring',
  'other-ec2-change',
  'volume-impaired',
  'hardware-issue',
  'zone-impaired',
  'database-impaired',
  'planned',
  'other-issue',
] as const;
type Reading = { fact: (typeof facts)[number]; escalateReason?: string };

const maxEntities = 1000;

/** Event type codes that blame the host. https://docs.aws.amazon.com/health/latest/ug/ */
const hardware = /HARDWARE|HOST_(?:FAIL|IMPAIR|DEGRAD)|UNDERLYING_HOST|INSTANCE_(?:IMPAIR|DEGRAD|UNREACHABLE|FAIL)|SYSTEM_(?:IMPAIR|FAIL)/;
/** Scheduled changes that move the instance off its host or reboot it there. */
const hostChanges = /RETIREMENT|REBOOT|SYSTEM_MAINTENANCE|POWER_MAINTENANCE|INSTANCE_STOP/;
/** Event type codes that mean that nothing more will happen. */
const overCodes = /_(?:CANCELL?ED|COMPLETED?|RESOLVED)$/;

const readEc2 = (code: string, category: string): Reading => {
  if (category === 'scheduledChange') {
    if (/DEDICATED_HOST/.test(code)) return { fact: 'dedicated-host' };
    if (/NETWORK/.test(code)) return { fact: 'network-maintenance' };
    return { fact: hostChanges.test(code) ? 'instance-retiring' : 'other-ec2-change' };
  }
  if (/VOLUME|EBS/.test(code)) return { fact: 'volume-impaired' };
  if (/DEDICATED_HOST/.test(code)) return { fact: 'hardware-issue', escalateReason: 'a person places instances on dedicated hosts' };
  if (/STORE|DRIVE/.test(code))
    return { fact: 'hardware-issue', escalateReason: 'moving it to another host loses the data on its instance store' };
  if (/NETWORK/.test(code)) return { fact: 'hardware-issue', escalateReason: 'the host need not be the cause of a network problem' };
  return hardware.test(code)
    ? { fact: 'hardware-issue' }
    : { fact: 'hardware-issue', escalateReason: `${excerpt(code)} does not say that the host is the cause` };
};

/** Services whose planned changes are handled; their issues may affect a whole zone. */
const handledServices = new Set(['EC2', 'EBS']);

/** A recovery or maintenance that AWS reports as failed. Of all purely informational events, only this one leaves something broken. */
const failedAttempt = (code: string): boolean => {
  const at = code.search(/RECOVERY|MAINTENANCE/);
  return at >= 0 && /_FAIL(?:ED|URE)?(?:_|$)/.test(code.slice(at));
};

const statusSays = (status: string | null | undefined): string | null => {
  return status === 'RESOLVED' || status === 'UNIMPAIRED' ? 'it is over for this resource' : null;
};

/** Why the event as a whole needs no action; null if it may. */
const eventQuiet = ({ eventTypeCategory: category, eventTypeCode: code, statusCode, service }: ParsedDetail): string | null => {
  if (category === 'accountNotification' && !failedAttempt(code))
    return 'the AWS Health event is an account notification for information only';
  if (statusCode === 'closed') return 'AWS Health has closed the event';
  if (overCodes.test(code)) return 'AWS Health says that it is over or cancelled';
  if (category === 'scheduledChange' && !handledServices.has(service))
    return `selfheal doesn't serve planned changes of ${excerpt(service)}`;
  return null;
};

/** The place that an event is about: the only zone that it names, else the region. */
const placeOf = (zones: readonly string[], region: string | null): Resource | null => {
  const [zone] = zones;
  if (zone !== undefined && zones.every((other) => other === zone)) return { type: 'zone', id: zone };
  return region === null ? null : { type: 'region', id: region };
};

/** What an event says about one resource; `null` if it names neither a zone nor anything else. */
const readingOf = ({ service, eventTypeCode: code, eventTypeCategory: category }: ParsedDetail, resource: Resource | null): Reading => {
  const planned = category === 'scheduledChange';
  const ofCompute = service === 'EC2' || service === 'EBS';
  if (!planned && ofCompute && (resource === null || typesOfResource[resource.type].place) && category !== 'accountNotification')
    return { fact: 'zone-impaired' };
  if (service === 'EBS') return { fact: 'volume-impaired' };
  const { impaired, machine } = resource ? typesOfResource[resource.type] : {};
  if (impaired) return { fact: impaired };
  const ofAHost = machine || resource?.id.startsWith('h-');
  if (service === 'EC2' && category === 'accountNotification' && ofAHost)
    return { fact: 'hardware-issue', escalateReason: 'AWS has tried to repair it, and failed' };
  if (service === 'EC2' && (planned || ofAHost)) return readEc2(code, category);
  return { fact: planned ? 'planned' : 'other-issue' };
};

/** AWS Health also reports on other accounts and regions: one that is named but unreadable must not be replaced by the delivery's. */
const placeDoubt = ({ eventRegion, affectedAccount }: ParsedDetail): string | null => {
  const named = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (named(eventRegion) && regionOf(eventRegion) === null) return 'it names no readable region';
  return named(affectedAccount) && accountOf(affectedAccount) === null ? 'it names no readable account' : null;
};

/** AWS may act as soon as a scheduled change begins. */
const isoOf = (time: unknown): string | null => {
  const at = parseTime(time);
  return at === null ? null : new Date(at).toISOString();
};

/** The listed entities; without any, the resources of the envelope, where old events have them. */
const entitiesOf = ({ affectedEntities }: ParsedDetail, envelope: Envelope): readonly Entity[] => {
  const listed = affectedEntities ?? [];
  if (listed.length > maxEntities) throw new MalformedEventError('detail.affectedEntities', `more than ${maxEntities}`);
  return listed.length > 0 ? listed : envelope.resources.map((entityValue) => ({ entityValue }));
};

const categories = new Set(['issue', 'scheduledChange', 'accountNotification']);

/** Why no action may follow, whatever the event is about. */
const escalateReasonOf = (parsed: ParsedDetail): string | null => {
  const { eventTypeCategory: category, statusCode } = parsed;
  if (category === 'investigation') return 'AWS is still investigating';
  if (!categories.has(category)) return 'its category is unknown';
  if (statusCode !== null && statusCode !== undefined && statusCode !== 'open' && statusCode !== 'upcoming')
    return `its status ${excerpt(statusCode)} is unknown`;
  return placeDoubt(parsed);
};

const decode = (detail: unknown, envelope: Envelope) => {
  const parsed = read(schema, detail, 'detail');
  const entities = entitiesOf(parsed, envelope);
  const arn = parseArn(parsed.eventArn);
  // The envelope's `region` is where the event was delivered, not where it happened.
  const region = typeof parsed.eventRegion === 'string' ? regionOf(parsed.eventRegion) : (arn?.region ?? envelope.region);
  const quiet = eventQuiet(parsed);
  const doubts = escalateReasonOf(parsed);
  const evidence = {
    service: parsed.service,
    eventTypeCode: parsed.eventTypeCode,
    category: parsed.eventTypeCategory,
    statusCode: parsed.statusCode,
    startTime: parsed.startTime,
    deadline: parsed.eventTypeCategory === 'scheduledChange' ? isoOf(parsed.startTime) : null,
    endTime: parsed.endTime,
    eventArn: parsed.eventArn,
    communicationId: parsed.communicationId,
    page: parsed.page,
    totalPages: parsed.totalPages,
    what: `AWS Health ${parsed.eventTypeCode}`,
  };
  const signal = (resource: Resource | null, status: string | null | undefined, zones: readonly string[] = []) => {
    const { fact, escalateReason } = readingOf(parsed, resource);
    return eventSignal(envelope, {
      kind: 'aws-health',
      fact,
      subject: fact === 'zone-impaired' ? placeOf(zones, region) : resource,
      quiet: quiet ?? statusSays(status),
      escalateReason: escalateReason ?? doubts,
      at: parseTime(parsed.startTime) ?? envelope.time,
      account: accountOf(parsed.affectedAccount) ?? envelope.account,
      region,
      // A closed issue also says what it was about.
      evidence: { ...evidence, fact, entityStatus: status },
    });
  };

  const zones: Entity[] = [];
  const nothing: Entity[] = [];
  const found: Array<ReturnType<typeof signal> | MalformedEventError> = [];
  for (const entity of entities) {
    const resource = entityOf(entity.entityValue, parsed.service);
    if (resource instanceof MalformedEventError) found.push(resource);
    else if (resource === null) nothing.push(entity);
    else if (typesOfResource[resource.type].place) zones.push({ ...entity, entityValue: resource.id });
    else found.push(signal(resource, entity.status));
  }
  // The zone is the subject only if the event names nothing else.
  if (found.length === 0 && zones.length === 0 && typeof parsed.availabilityZone === 'string') {
    const zone = parsed.availabilityZone.trim();
    if (isValidResourceId({ type: 'zone', id: zone })) zones.push({ entityValue: zone, status: nothing[0]?.status });
  }
  // A place is one resource however often it is named, and it is over when all its entries are.
  const ids = zones.map(({ entityValue }) => entityValue);
  const [zone] = ids;
  const statusOf = (some: readonly Entity[]) => some.find(({ status }) => statusSays(status) === null)?.status ?? some[0]?.status;
  if (zone !== undefined) found.unshift(signal({ type: 'zone', id: zone }, statusOf(zones), ids));
  else if (found.length === 0) found.push(signal(null, statusOf(nothing)));
  return found;
};

/** https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
export const awsHealth = defineSignal({
  kind: 'aws-health',
  facts,
  events: { source: 'aws.health', detailTypes: ['AWS Health Event'], decode },
});
