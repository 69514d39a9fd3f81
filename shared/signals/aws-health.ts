import * as z from 'zod';
import type { Resource, ResourceType } from '../failures/verdict.ts';
import { accountOf, parseArn, regionOf, resourceOf, wellFormed } from './form.ts';
import { excerpt, Malformed } from './malformed.ts';
import { anything, type Envelope, eventSignal, once, read, type SignalModule } from './module.ts';
import type { Signal } from './signal.ts';
import { parseTime } from './time.ts';

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
  if (/DEDICATED_HOST/.test(code)) return { fact: 'hardware-issue', doubt: 'what runs on a dedicated host is placed by a person' };
  if (/STORE|DRIVE/.test(code)) return { fact: 'hardware-issue', doubt: 'leaving the host loses the data on its instance store' };
  if (/NETWORK/.test(code)) return { fact: 'hardware-issue', doubt: 'a network problem need not be the host' };
  return hardware.test(code)
    ? { fact: 'hardware-issue' }
    : { fact: 'hardware-issue', doubt: `${excerpt(code)} does not say that the host is at fault` };
};

const entityTypes: ReadonlyArray<readonly [RegExp, ResourceType]> = [
  [/^i-/i, 'instance'],
  [/^vol-/i, 'volume'],
];

/** The resource that an entity is, where it is one that is served; its id must then have the right form. */
const entityOf = (value: string, service: string): Resource | null => {
  const arn = parseArn(value);
  const id = (arn === null ? value : (arn.resource.split(/[/:]/).at(-1) ?? '')).trim();
  const type = entityTypes.find(([prefix]) => prefix.test(id))?.[1] ?? (service === 'RDS' ? 'database' : undefined);
  return type === undefined ? null : resourceOf(type, id, 'detail.affectedEntities.entityValue');
};

const statusSays = (status: string | null | undefined): string | null => {
  return status === 'RESOLVED' || status === 'UNIMPAIRED' ? 'it is over for this resource' : null;
};

/** Why the event as a whole calls for nothing. */
const eventQuiet = ({ eventTypeCategory: category, eventTypeCode: code, statusCode, service }: Told): string | null => {
  if (category === 'accountNotification') return 'AWS Health only informs about the account';
  if (statusCode === 'closed') return 'AWS Health has closed the event';
  if (over.test(code)) return 'AWS Health says that it is over, or will not happen';
  if (category === 'scheduledChange' && !served.has(service)) return `selfheal doesn't serve planned changes of ${excerpt(service)}`;
  return null;
};

const served = new Set(['EC2', 'EBS']);

const placeOf = (told: Told, region: string | null): Resource | null => {
  const zones = [told.availabilityZone, ...(told.affectedEntities ?? []).map(({ entityValue }) => entityValue)]
    .filter((value): value is string => typeof value === 'string')
    .map((value) => ({ type: 'zone' as const, id: value.trim() }))
    .filter(wellFormed);
  const [zone] = zones;
  if (zone !== undefined && zones.every(({ id }) => id === zone.id)) return zone;
  return region === null ? null : { type: 'region', id: region };
};

const readingOf = (told: Told, resource: Resource | null): Reading => {
  const { service, eventTypeCode: code, eventTypeCategory: category } = told;
  // An issue that names no resource of ours is one of a place, not of a thing.
  const ofAPlace =
    category !== 'scheduledChange' && (resource === null || told.eventScopeCode === 'PUBLIC' || /OPERATIONAL_ISSUE|API_ISSUE/.test(code));
  if (ofAPlace) return { fact: 'zone-impaired' };
  if (service === 'EBS' || resource?.type === 'volume') return { fact: 'volume-impaired' };
  if (resource?.type === 'database') return { fact: 'database-impaired' };
  if (service === 'EC2') return readEc2(code, category);
  return { fact: category === 'scheduledChange' ? 'planned' : 'zone-impaired' };
};

/** Health tells of other accounts and regions than its own: one that is named and can't be read must not be taken for the delivery's. */
const placeDoubt = ({ eventRegion, affectedAccount }: Told): string | null => {
  const named = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (named(eventRegion) && regionOf(eventRegion) === null) return 'the region that it names is none that can be read';
  return named(affectedAccount) && accountOf(affectedAccount) === null ? 'the account that it names is none that can be read' : null;
};

/** AWS may act from the beginning of a scheduled change on. */
const isoOf = (time: unknown): string | null => {
  const at = parseTime(time);
  return at === null ? null : new Date(at).toISOString();
};

const decode = (detail: unknown, envelope: Envelope): Signal[] => {
  const told = read(schema, detail, 'detail');
  // Events of old name the resources only on their envelope.
  const entities: Entity[] = told.affectedEntities ?? envelope.resources.map((entityValue) => ({ entityValue }));
  if (entities.length > mostEntities) throw new Malformed('detail.affectedEntities', `more than ${mostEntities}`);
  const arn = parseArn(told.eventArn);
  // `region` of the envelope is where the event was delivered, not where it happens.
  const region = typeof told.eventRegion === 'string' ? regionOf(told.eventRegion) : (arn?.region ?? envelope.region);
  const quiet = eventQuiet(told);
  const unknown = ['issue', 'scheduledChange', 'investigation'].includes(told.eventTypeCategory)
    ? undefined
    : 'its category is not one that is known';
  const undecided =
    told.statusCode === null || told.statusCode === undefined || ['open', 'upcoming'].includes(told.statusCode)
      ? undefined
      : `its status ${excerpt(told.statusCode)} is not one that is known`;
  const signal = (resource: Resource | null, status: string | null | undefined): Signal => {
    const { fact, doubt } = readingOf(told, resource);
    const category = told.eventTypeCategory === 'investigation' ? 'AWS is still investigating' : undefined;
    return eventSignal(envelope, {
      kind: 'aws-health',
      fact,
      subject: fact === 'zone-impaired' ? placeOf(told, region) : resource,
      quiet: quiet ?? statusSays(status),
      doubt: doubt ?? unknown ?? undecided ?? category ?? placeDoubt(told),
      at: parseTime(told.startTime) ?? envelope.time,
      account: accountOf(told.affectedAccount) ?? envelope.account,
      region,
      evidence: {
        eventTypeCode: told.eventTypeCode,
        category: told.eventTypeCategory,
        statusCode: told.statusCode,
        entityStatus: status,
        startTime: told.startTime,
        deadline: told.eventTypeCategory === 'scheduledChange' ? isoOf(told.startTime) : null,
        endTime: told.endTime,
        eventArn: told.eventArn,
        communicationId: told.communicationId,
        page: told.page,
        totalPages: told.totalPages,
        what: `AWS Health ${told.eventTypeCode}`,
      },
    });
  };
  const placeOnly = entities.length === 0 || readingOf(told, null).fact === 'zone-impaired' ? signal(null, null) : null;
  const found = entities.map(({ entityValue, status }) => ({ resource: entityOf(entityValue, told.service), status }));
  const signals = found.map(({ resource, status }) => signal(resource, status));
  // An issue of a place is one thing, however many resources it lists.
  if (placeOnly !== null && signals.every((other) => 'fact' in other && other.fact === 'zone-impaired')) {
    const resolved = signals.length > 0 && signals.every((other) => other.quiet !== null);
    return resolved ? signals.slice(0, 1) : [placeOnly];
  }
  return signals;
};

/** docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
export const awsHealth: SignalModule = {
  kind: 'aws-health',
  events: { source: 'aws.health', detailTypes: ['AWS Health Event'], decode },
};
