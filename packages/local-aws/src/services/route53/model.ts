import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { route53Parameters } from '../../core/model-parameters.ts';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';

/** A record set as Route 53 keeps it: a whole name in lower case. */
export type RecordSet = ResourceRecordSet & { Name: string; Type: string };

/** A change to the records of a zone, as it is written. */
export type RecordChange = { action: 'CREATE' | 'DELETE' | 'UPSERT'; set: RecordSet };

export type Zone = {
  readonly id: string;
  /** With its dot. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment: string;
  readonly isPrivate: boolean;
  readonly nameServers: readonly string[];
  /** What the zone has, and what its name servers have by now. */
  records: ReadonlyMap<string, RecordSet>;
  served: ReadonlyMap<string, RecordSet>;
  /** When its name servers have all that has been changed so far. */
  inSyncAt: number;
  /** The name servers that the parent zone names: its own where the delegation is right. */
  delegatedTo: readonly string[];
  tags: ReadonlyMap<string, string>;
};

export type Change = { readonly id: string; readonly submittedAt: number; readonly inSyncAt: number; readonly comment: string | undefined };

/** Name servers of somebody else's. */
const elsewhere = ['ns1.elsewhere.example', 'ns2.elsewhere.example'];

/** As Route 53 keeps a name: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html */
export const wholeName = (name: string): string => `${name.toLowerCase().replace(/\.$/, '').replaceAll('*', '\\052')}.`;

const keyOf = ({ Name, Type, SetIdentifier = '' }: RecordSet): string => `${Name} ${Type} ${SetIdentifier}`;

const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** Names are in the order of their labels from the right, as Route 53 lists them. */
export const listingOrder = (name: string): string => name.split('.').reverse().join('\u0001');

const values = ({ TTL, ResourceRecords, AliasTarget }: RecordSet): string =>
  JSON.stringify([TTL, (ResourceRecords ?? []).map(({ Value }) => Value).toSorted(), AliasTarget]);

/** Hosted zones and what is in them. Changes reach the name servers one after the other. */
export const createZones = (world: World) => {
  const { clock } = world;
  const random = world.random.fork('route53');
  const zones = new Map<string, Zone>();
  const changes = new Map<string, Change>();
  const { inSync } = route53Parameters;

  const submit = (inSyncAt: number, comment: string | undefined): Change => {
    const change = { id: `C0${random.hex(18).toUpperCase()}`, submittedAt: clock.now(), inSyncAt, comment };
    changes.set(change.id, change);
    return change;
  };

  const expect = (id: string): Zone => {
    const zone = zones.get(id.replace(/^\/?hostedzone\//, ''));
    if (!zone) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id.slice(0, 100)}`, 404);
    return zone;
  };

  /** A zone by its id, or the oldest one by its name: for faults. */
  const find = (idOrName: string): Zone => {
    const zone = zones.get(idOrName) ?? [...zones.values()].find(({ name }) => name === wholeName(idOrName));
    if (!zone) throw new RangeError(`There is no hosted zone ${idOrName}`);
    return zone;
  };

  /** What speaks against a change, in the words of Route 53's errors as public issues show them. */
  const objection = (zone: Zone, records: ReadonlyMap<string, RecordSet>, { action, set }: RecordChange): string | undefined => {
    const { Name, Type } = set;
    const kind = `resource record set [name='${Name}', type='${Type}']`;
    const present = records.get(keyOf(set));
    if (!isWithin(Name, zone.name)) return `RRSet with DNS name ${Name} is not permitted in zone ${zone.name}`;
    if (action === 'DELETE') {
      if (!present) return `Tried to delete ${kind} but it was not found`;
      if (values(present) !== values(set)) return `Tried to delete ${kind} but the values provided do not match the current values`;
      if (Name === zone.name && Type === 'SOA') return 'A HostedZone must contain exactly one SOA record.';
      if (Name === zone.name && Type === 'NS') return 'A HostedZone must contain at least one NS record for the zone itself.';
      return undefined;
    }
    if (action === 'CREATE' && present) return `Tried to create ${kind} but it already exists`;
    if (Type === 'CNAME' && Name === zone.name)
      return `RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${zone.name}`;
    const other = [...records.values()].find((one) => one.Name === Name && one.Type !== Type && [one.Type, Type].includes('CNAME'));
    return other
      ? `RRSet of type ${Type} with DNS name ${Name} is not permitted because a conflicting RRSet of type ${other.Type} with the same DNS name already exists in zone ${zone.name}`
      : undefined;
  };

  /** All of a batch or nothing of it; throws `InvalidChangeBatch` with every objection. */
  const change = (zone: Zone, batch: readonly RecordChange[], comment?: string): Change => {
    const records = new Map(zone.records);
    const objections: string[] = [];
    for (const one of batch) {
      const problem = objection(zone, records, one);
      if (problem !== undefined) objections.push(problem);
      else if (one.action === 'DELETE') records.delete(keyOf(one.set));
      else records.set(keyOf(one.set), one.set);
    }
    if (objections.length > 0) throw new AwsError('InvalidChangeBatch', `[${objections.join(', ')}]`);
    zone.records = records;
    zone.inSyncAt = Math.max(zone.inSyncAt, clock.now() + Math.round(random.between(inSync.least, inSync.most) * 1000));
    clock.at(zone.inSyncAt, () => {
      zone.served = records;
    });
    return submit(zone.inSyncAt, comment);
  };

  const create = (asked: { name: string; callerReference: string; comment?: string; isPrivate?: boolean; id?: string }): Zone => {
    const { callerReference, comment = '', isPrivate = false, id = `Z0${random.hex(18).toUpperCase()}` } = asked;
    const name = wholeName(asked.name);
    const tlds = ['com', 'net', 'org', 'co.uk'];
    const nameServers = tlds.map((tld, i) => `ns-${i * 512 + random.int(512)}.awsdns-${String(random.int(64)).padStart(2, '0')}.${tld}`);
    const soa = `${nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
    const own: RecordSet[] = [
      { Name: name, Type: 'NS', TTL: 172_800, ResourceRecords: nameServers.map((one) => ({ Value: `${one}.` })) },
      { Name: name, Type: 'SOA', TTL: 900, ResourceRecords: [{ Value: soa }] },
    ];
    const records = new Map(own.map((set) => [keyOf(set), set]));
    // A second zone of the same name is the wrong one, as long as nobody changes the delegation.
    const delegated = ![...zones.values()].some((zone) => zone.name === name && !zone.isPrivate);
    const zone: Zone = {
      id,
      name,
      callerReference,
      comment,
      isPrivate,
      nameServers,
      records,
      served: records,
      inSyncAt: clock.now(),
      delegatedTo: delegated ? nameServers : elsewhere,
      tags: new Map(),
    };
    zones.set(id, zone);
    return zone;
  };

  const isDelegated = ({ delegatedTo, nameServers, isPrivate }: Zone): boolean => !isPrivate && delegatedTo === nameServers;

  /** The public zone with the longest name that a name lies in; of several of that name the one that the parent knows. */
  const nearestTo = (name: string): Zone | undefined =>
    [...zones.values()]
      .filter((zone) => !zone.isPrivate && isWithin(name, zone.name))
      .toSorted((a, b) => b.name.length - a.name.length || Number(isDelegated(b)) - Number(isDelegated(a)))[0];

  /** What a zone's name servers answer; the values as they stand in its records, [] where there are none. */
  const answer = ({ served }: Zone, asked: string, type: string): string[] => {
    const name = wholeName(asked);
    const of = (one: string) => served.get(keyOf({ Name: one, Type: type } as RecordSet));
    const found = of(name) ?? of(name.replace(/^[^.]+/, '\\052'));
    return (found?.ResourceRecords ?? []).map(({ Value = '' }) => Value);
  };

  return {
    zones,
    changes,
    expect,
    find,
    submit,
    change,
    create,
    answer,

    answering: (name: string): string | undefined => {
      const nearest = nearestTo(wholeName(name));
      return nearest && isDelegated(nearest) ? nearest.id : undefined;
    },

    /** What a resolver on the internet is told: the values of a name's records of a type. Undefined where nobody answers for the name. */
    resolve: (asked: string, type: string): string[] | undefined => {
      const name = wholeName(asked);
      const nearest = nearestTo(name);
      if (!nearest) return undefined;
      // The parent answers for the delegation itself.
      if (type === 'NS' && nearest.name === name) return nearest.delegatedTo.map((one) => `${one}.`);
      return isDelegated(nearest) ? answer(nearest, name, type) : undefined;
    },

    /** Somebody takes a record away. Throws a RangeError for one that there isn't. */
    deleteRecord: (idOrName: string, name: string, type: string): void => {
      const zone = find(idOrName);
      const set = zone.records.get(keyOf({ Name: wholeName(name), Type: type } as RecordSet));
      if (!set) throw new RangeError(`There is no record ${name} ${type} in ${zone.name}`);
      change(zone, [{ action: 'DELETE', set }]);
    },

    /** The parent zone names other name servers; returns what mends that. */
    misdelegate: (idOrName: string): (() => void) => {
      const zone = find(idOrName);
      zone.delegatedTo = elsewhere;
      return () => {
        zone.delegatedTo = zone.nameServers;
      };
    },
  };
};

export type Zones = ReturnType<typeof createZones>;
