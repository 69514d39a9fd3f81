import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createZones, type RecordSet, wholeName } from './model.ts';
import { zoneOperations } from './operations.ts';

/** A hosted zone that a world has without anybody having created it. */
export type PlacedZone = {
  name: string;
  id?: string | undefined;
  /** Names with their types and values; a name may be relative to the zone's. */
  records?: readonly { name: string; type: string; value: string | readonly string[]; ttl?: number | undefined }[];
};

export type Route53 = {
  service: Service;
  /** Puts a zone there, or more records into the one with this id, as if they had been there for long; its id. */
  place(placed: PlacedZone): string;
  /** What stands under a name in a zone; undefined where there is no such zone. */
  records(zone: string, name: string): RecordSet[] | undefined;
  /** The id of the zone whose name servers the internet asks for a name; undefined where it asks none. */
  answering(name: string): string | undefined;
  /** What a resolver on the internet is told of a name; undefined where nobody answers for it. */
  resolve(name: string, type: string): string[] | undefined;
  /** Faults; each throws a RangeError for what doesn't exist. A zone is meant by its id or its name. */
  deleteRecord(zone: string, name: string, type: string): void;
  misdelegate(zone: string): () => void;
};

/** Route 53: hosted zones, their records, and who on the internet sees them. https://docs.aws.amazon.com/Route53/latest/APIReference/ */
export const createRoute53 = (world: World): Route53 => {
  const model = createZones(world);

  const place = ({ name, id, records = [] }: PlacedZone): string => {
    const known = id === undefined ? undefined : model.zones.get(id);
    const zone = known ?? model.create({ name, callerReference: `placed-${model.zones.size}`, ...(id === undefined ? {} : { id }) });
    const sets = records.map(({ name: own, type, value, ttl = 300 }): RecordSet => {
      const whole = wholeName(own);
      const Name = whole === zone.name || whole.endsWith(`.${zone.name}`) ? whole : `${whole}${zone.name}`;
      return { Name, Type: type, TTL: ttl, ResourceRecords: [value].flat().map((one) => ({ Value: one })) } as RecordSet;
    });
    if (sets.length > 0)
      model.change(
        zone,
        sets.map((set) => ({ action: 'UPSERT', set })),
      );
    zone.served = zone.records;
    return zone.id;
  };

  return {
    place,
    records: (zone, name) => {
      const { records } = model.zones.get(zone) ?? {};
      return records && [...records.values()].filter(({ Name }) => Name === wholeName(name));
    },
    answering: model.answering,
    resolve: model.resolve,
    deleteRecord: model.deleteRecord,
    misdelegate: model.misdelegate,
    service: {
      signingName: 'route53',
      protocols: ['rest-xml'],
      xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
      missingParameter: 'InvalidInput',
      operations: zoneOperations(world, model),
    },
  };
};
