import type * as Sdk from '@aws-sdk/client-route-53';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import { type Change, listingOrder, type RecordChange, type RecordSet, wholeName, type Zone, type Zones } from './model.ts';

type Out<Output> = Omit<Output, '$metadata'>;

const invalid = (message: string) => new AwsError('InvalidInput', message);

const mostItems = { zones: 100, records: 300 } as const;
const mostChanges = 1000;

/** What comes from a row on, and the row behind it. */
const pageOf = <Row>(rows: readonly Row[], from: number, asked: number | undefined, most: number) => {
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 1)) throw invalid(`Invalid value for MaxItems: ${asked}`);
  const size = Math.min(asked ?? most, most);
  return { rows: rows.slice(from, from + size), next: rows[from + size], size };
};

const wireZone = (zone: Zone): Sdk.HostedZone => ({
  Id: `/hostedzone/${zone.id}`,
  Name: zone.name,
  CallerReference: zone.callerReference,
  Config: { PrivateZone: zone.isPrivate, ...(zone.comment === '' ? {} : { Comment: zone.comment }) },
  ResourceRecordSetCount: zone.records.size,
});

const delegationSet = ({ nameServers }: Zone): Sdk.DelegationSet => ({ NameServers: [...nameServers] });

/** What each change of a batch must say, before it is held against the zone. */
const checkedChange = ({ Action, ResourceRecordSet: set }: Sdk.Change): RecordChange => {
  const { Name = '', Type = '', TTL, ResourceRecords, AliasTarget, SetIdentifier } = set ?? ({} as Partial<Sdk.ResourceRecordSet>);
  const where = `in Change with [Action=${Action}, Name=${Name}, Type=${Type}, SetIdentifier=${SetIdentifier ?? 'null'}]`;
  if (Action !== 'CREATE' && Action !== 'DELETE' && Action !== 'UPSERT') throw invalid(`Invalid request: Invalid Action ${where}`);
  if (Name === '' || Type === '') throw invalid(`Invalid request: Missing field 'Name' or 'Type' ${where}`);
  const hasRecords = TTL !== undefined && (ResourceRecords ?? []).length > 0;
  if (hasRecords === (AliasTarget !== undefined))
    throw invalid(
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${hasRecords ? 'more than one' : 'none'} ${where}`,
    );
  return { action: Action, set: { ...set, Name: wholeName(Name), Type } as RecordSet };
};

export const zoneOperations = (world: World, model: Zones): Service['operations'] => {
  const { clock } = world;

  const wireChange = ({ id, submittedAt, inSyncAt, comment }: Change): Sdk.ChangeInfo => ({
    Id: `/change/${id}`,
    Status: inSyncAt <= clock.now() ? 'INSYNC' : 'PENDING',
    SubmittedAt: new Date(submittedAt),
    ...(comment === undefined ? {} : { Comment: comment }),
  });

  const createZone = (input: Sdk.CreateHostedZoneCommandInput): Out<Sdk.CreateHostedZoneCommandOutput> => {
    const { Name = '', CallerReference = '', HostedZoneConfig } = input;
    if (!/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){1,9}\.?$/i.test(Name))
      throw new AwsError('InvalidDomainName', `${Name.slice(0, 255)} is not a domain name`);
    if ([...model.zones.values()].some(({ callerReference }) => callerReference === CallerReference))
      throw new AwsError('HostedZoneAlreadyExists', `A hosted zone has already been created with the specified caller reference.`, 409);
    const zone = model.create({
      name: Name,
      callerReference: CallerReference,
      comment: HostedZoneConfig?.Comment ?? '',
      isPrivate: input.VPC !== undefined,
    });
    const Location = `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`;
    return {
      HostedZone: wireZone(zone),
      ChangeInfo: wireChange(model.submit(clock.now(), undefined)),
      DelegationSet: delegationSet(zone),
      Location,
    };
  };

  const listZones = ({ Marker, MaxItems }: Sdk.ListHostedZonesCommandInput): Out<Sdk.ListHostedZonesCommandOutput> => {
    const all = [...model.zones.values()];
    const from = Marker === undefined ? 0 : all.findIndex(({ id }) => id === Marker);
    if (from < 0) throw invalid(`The marker ${Marker?.slice(0, 100)} is not valid`);
    const { rows, next, size } = pageOf(all, from, MaxItems, mostItems.zones);
    return {
      HostedZones: rows.map(wireZone),
      IsTruncated: next !== undefined,
      MaxItems: size,
      Marker,
      ...(next === undefined ? {} : { NextMarker: next.id }),
    };
  };

  const listZonesByName = (input: Sdk.ListHostedZonesByNameCommandInput): Out<Sdk.ListHostedZonesByNameCommandOutput> => {
    const { DNSName, HostedZoneId, MaxItems } = input;
    if (HostedZoneId !== undefined && DNSName === undefined) throw invalid('A hosted zone id needs a DNS name.');
    const orderOf = ({ name, id }: { name: string; id: string }) => `${listingOrder(name)}\u0000${id}`;
    const all = [...model.zones.values()].toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const start = DNSName === undefined ? '' : orderOf({ name: wholeName(DNSName), id: HostedZoneId ?? '' });
    const from = all.findIndex((zone) => orderOf(zone) >= start);
    const { rows, next, size } = pageOf(all, from < 0 ? all.length : from, MaxItems, mostItems.zones);
    return {
      HostedZones: rows.map(wireZone),
      IsTruncated: next !== undefined,
      MaxItems: size,
      ...(DNSName === undefined ? {} : { DNSName }),
      ...(HostedZoneId === undefined ? {} : { HostedZoneId }),
      ...(next === undefined ? {} : { NextDNSName: next.name, NextHostedZoneId: next.id }),
    };
  };

  const listRecords = (input: Sdk.ListResourceRecordSetsCommandInput): Out<Sdk.ListResourceRecordSetsCommandOutput> => {
    const { HostedZoneId = '', StartRecordName, StartRecordType, StartRecordIdentifier, MaxItems } = input;
    const zone = model.expect(HostedZoneId);
    if (StartRecordType !== undefined && StartRecordName === undefined) throw invalid('The type of the first record needs its name.');
    const orderOf = (name: string, type: string, identifier = '') => `${listingOrder(name)}\u0000${type}\u0000${identifier}`;
    const of = ({ Name, Type, SetIdentifier }: RecordSet) => orderOf(Name, Type, SetIdentifier);
    const all = [...zone.records.values()].toSorted((a, b) => (of(a) < of(b) ? -1 : 1));
    const start = StartRecordName === undefined ? '' : orderOf(wholeName(StartRecordName), StartRecordType ?? '', StartRecordIdentifier);
    const from = all.findIndex((set) => of(set) >= start);
    const { rows, next, size } = pageOf(all, from < 0 ? all.length : from, MaxItems, mostItems.records);
    return {
      ResourceRecordSets: rows,
      IsTruncated: next !== undefined,
      MaxItems: size,
      ...(next === undefined ? {} : { NextRecordName: next.Name, NextRecordType: next.Type }),
      ...(next?.SetIdentifier === undefined ? {} : { NextRecordIdentifier: next.SetIdentifier }),
    };
  };

  const changeRecords = ({
    HostedZoneId = '',
    ChangeBatch,
  }: Sdk.ChangeResourceRecordSetsCommandInput): Out<Sdk.ChangeResourceRecordSetsCommandOutput> => {
    const zone = model.expect(HostedZoneId);
    const changes = ChangeBatch?.Changes ?? [];
    if (changes.length === 0) throw invalid('Invalid request: Expected at least one change.');
    if (changes.length > mostChanges) throw new AwsError('InvalidChangeBatch', `[Number of records limit of ${mostChanges} exceeded.]`);
    return { ChangeInfo: wireChange(model.change(zone, changes.map(checkedChange), ChangeBatch?.Comment)) };
  };

  const taggedZone = (type: string | undefined, id = ''): Zone => {
    if (type !== 'hostedzone') throw invalid(`The local AWS has no resources of type ${String(type).slice(0, 50)}`);
    return model.expect(id);
  };

  return {
    CreateHostedZone: operation<Sdk.CreateHostedZoneCommandInput, Sdk.CreateHostedZoneCommandOutput>(
      () => sdk.route53().CreateHostedZone$,
      createZone,
    ),
    ListHostedZones: operation<Sdk.ListHostedZonesCommandInput, Sdk.ListHostedZonesCommandOutput>(
      () => sdk.route53().ListHostedZones$,
      listZones,
    ),
    ListHostedZonesByName: operation<Sdk.ListHostedZonesByNameCommandInput, Sdk.ListHostedZonesByNameCommandOutput>(
      () => sdk.route53().ListHostedZonesByName$,
      listZonesByName,
    ),
    GetHostedZone: operation<Sdk.GetHostedZoneCommandInput, Sdk.GetHostedZoneCommandOutput>(
      () => sdk.route53().GetHostedZone$,
      ({ Id = '' }) => {
        const zone = model.expect(Id);
        return { HostedZone: wireZone(zone), ...(zone.isPrivate ? {} : { DelegationSet: delegationSet(zone) }) };
      },
    ),
    ListResourceRecordSets: operation<Sdk.ListResourceRecordSetsCommandInput, Sdk.ListResourceRecordSetsCommandOutput>(
      () => sdk.route53().ListResourceRecordSets$,
      listRecords,
    ),
    ChangeResourceRecordSets: operation<Sdk.ChangeResourceRecordSetsCommandInput, Sdk.ChangeResourceRecordSetsCommandOutput>(
      () => sdk.route53().ChangeResourceRecordSets$,
      changeRecords,
    ),
    GetChange: operation<Sdk.GetChangeCommandInput, Sdk.GetChangeCommandOutput>(
      () => sdk.route53().GetChange$,
      ({ Id = '' }) => {
        const change = model.changes.get(Id.replace(/^\/?change\//, ''));
        if (!change) throw new AwsError('NoSuchChange', `Could not find resource with ID: ${Id.slice(0, 100)}`, 404);
        return { ChangeInfo: wireChange(change) };
      },
    ),
    /** What a name server of the zone answers, whether the zone is delegated to it or not. */
    TestDNSAnswer: operation<Sdk.TestDNSAnswerCommandInput, Sdk.TestDNSAnswerCommandOutput>(
      () => sdk.route53().TestDNSAnswer$,
      ({ HostedZoneId = '', RecordName = '', RecordType = 'A' }) => {
        const zone = model.expect(HostedZoneId);
        const RecordData = model.answer(zone, RecordName, RecordType);
        const isKnown = [...zone.served.values()].some(({ Name }) => Name === wholeName(RecordName));
        return {
          Nameserver: zone.nameServers[0] as string,
          RecordName: wholeName(RecordName),
          RecordType,
          RecordData,
          ResponseCode: isKnown || RecordData.length > 0 ? 'NOERROR' : 'NXDOMAIN',
          Protocol: 'UDP',
        };
      },
    ),
    ListTagsForResource: operation<Sdk.ListTagsForResourceCommandInput, Sdk.ListTagsForResourceCommandOutput>(
      () => sdk.route53().ListTagsForResource$,
      ({ ResourceType, ResourceId }) => {
        const { id, tags } = taggedZone(ResourceType, ResourceId);
        return { ResourceTagSet: { ResourceType: 'hostedzone', ResourceId: id, Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) } };
      },
    ),
    ChangeTagsForResource: operation<Sdk.ChangeTagsForResourceCommandInput, Sdk.ChangeTagsForResourceCommandOutput>(
      () => sdk.route53().ChangeTagsForResource$,
      ({ ResourceType, ResourceId, AddTags = [], RemoveTagKeys = [] }) => {
        const zone = taggedZone(ResourceType, ResourceId);
        const tags = new Map(zone.tags);
        for (const { Key = '', Value = '' } of AddTags) tags.set(Key, Value);
        for (const key of RemoveTagKeys) tags.delete(key);
        zone.tags = tags;
        return {};
      },
    ),
  };
};
