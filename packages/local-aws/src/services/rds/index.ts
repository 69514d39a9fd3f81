import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import { createDescribed } from './operations/described.ts';
import { paginate } from './operations/pages.ts';

type Out<Output> = Omit<Output, '$metadata'>;

/** A database as a world has it. Times in milliseconds since the epoch. */
export type PlacedDatabase = {
  id: string;
  kind: 'instance' | 'cluster';
  /** `available`, `storage-full`, `failed`, `stopped` … */
  status?: string;
  createdAt?: number;
  engine?: string;
  /** An instance's cluster; a cluster's members are those that name it. */
  cluster?: string;
  /** The member of a cluster that takes writes. */
  writer?: boolean;
  pending?: Sdk.PendingModifiedValues;
};

type Database = Required<Omit<PlacedDatabase, 'cluster' | 'pending'>> & Pick<PlacedDatabase, 'cluster' | 'pending'>;
type Event = { at: number; id: string; kind: Database['kind']; message: string; categories: string[] };

export type Rds = {
  service: Service;
  /** Puts what belongs to databases there. */
  placed: ReturnType<typeof createDescribed>['place'];
  /** Puts a database there; the same name again changes nothing. */
  place(placed: PlacedDatabase): void;
  /** It is in another state from now on, and an event says why. Throws a RangeError for one that doesn't exist. */
  change(kind: PlacedDatabase['kind'], id: string, status: string, event: { message: string; categories: string[] }): void;
};

const hour = 3_600_000;
/** Events are kept for 14 days. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const kept = 14 * 24 * hour;

/**
 * Databases of RDS as they are described: instances, clusters, what belongs to them, and their events of the last 14 days.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html
 */
export const createRds = (world: World): Rds => {
  const databases = new Map<string, Database>();
  const events: Event[] = [];
  const described = createDescribed(world);
  const zones = [`${world.region}a`, `${world.region}b`] as const;

  const of = (kind: Database['kind']) => [...databases.values()].filter((database) => database.kind === kind);
  /** An instance and a cluster may have one name. */
  const keyOf = (kind: Database['kind'], id: string) => `${kind}/${id.toLowerCase()}`;
  /** Names are stored in lower case, and found in any. */
  const asked = (kind: Database['kind'], id: string | undefined, filters: readonly Sdk.Filter[] | undefined, filter: string) => {
    const names = (filters ?? []).flatMap(({ Name, Values = [] }) => {
      if (Name !== filter) throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${String(Name).slice(0, 100)}`);
      return Values;
    });
    if (id === undefined) return of(kind).filter((database) => names.length === 0 || names.includes(database.id));
    const found = databases.get(keyOf(kind, id));
    if (found) return [found];
    if (kind === 'instance') throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
    throw new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
  };

  const instance = ({ id, status, createdAt, engine, cluster, pending }: Database): Sdk.DBInstance => ({
    DBInstanceIdentifier: id,
    DBInstanceArn: world.arn('rds', `db:${id}`),
    DBInstanceClass: 'db.r7g.large',
    DBInstanceStatus: status,
    Engine: engine,
    EngineVersion: '17.4',
    AllocatedStorage: 100,
    InstanceCreateTime: new Date(createdAt),
    AvailabilityZone: zones[0],
    MultiAZ: cluster === undefined,
    StorageType: 'gp3',
    ...(cluster === undefined ? {} : { DBClusterIdentifier: cluster }),
    PendingModifiedValues: pending ?? {},
  });

  const cluster = ({ id, status, createdAt, engine }: Database): Sdk.DBCluster => ({
    DBClusterIdentifier: id,
    DBClusterArn: world.arn('rds', `cluster:${id}`),
    Status: status,
    Engine: engine,
    EngineVersion: '17.4',
    ClusterCreateTime: new Date(createdAt),
    AvailabilityZones: [...zones],
    MultiAZ: true,
    DBClusterMembers: of('instance')
      .filter((member) => member.cluster === id)
      .map((member) => ({
        DBInstanceIdentifier: member.id,
        IsClusterWriter: member.writer,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: 1,
      })),
  });

  const describeEvents = (input: Sdk.DescribeEventsCommandInput): Out<Sdk.DescribeEventsCommandOutput> => {
    const { SourceIdentifier, SourceType, Duration = 60, StartTime, EndTime, EventCategories = [] } = input;
    if (SourceIdentifier !== undefined && SourceType === undefined)
      throw new AwsError('InvalidParameterCombination', 'A source type must be given with a source identifier.');
    const now = world.clock.now();
    const from = Math.max(StartTime?.getTime() ?? now - Duration * 60_000, now - kept);
    const to = EndTime?.getTime() ?? now;
    const found = events.filter(
      ({ at, id, kind, categories }) =>
        at >= from &&
        at <= to &&
        (SourceType === undefined || SourceType === `db-${kind}`) &&
        (SourceIdentifier === undefined || SourceIdentifier.toLowerCase() === id) &&
        (EventCategories.length === 0 || categories.some((category) => EventCategories.includes(category))),
    );
    const { page, next } = paginate(found, input);
    return {
      Events: page.map(({ at, id, kind, message, categories }) => ({
        SourceIdentifier: id,
        SourceType: `db-${kind}` as Sdk.SourceType,
        Message: message,
        EventCategories: categories,
        Date: new Date(at),
        SourceArn: world.arn('rds', `${kind === 'instance' ? 'db' : 'cluster'}:${id}`),
      })),
      ...next,
    };
  };

  return {
    placed: described.place,
    place: ({ id, kind, status = 'available', createdAt = world.clock.now(), engine = 'postgres', writer = false, ...rest }) => {
      const key = keyOf(kind, id);
      if (!databases.has(key)) databases.set(key, { ...rest, id: id.toLowerCase(), kind, status, createdAt, engine, writer });
    },
    change: (kind, id, status, event) => {
      const found = databases.get(keyOf(kind, id));
      if (!found) throw new RangeError(`There is no database ${kind} ${id}`);
      found.status = status;
      events.push({ ...event, at: world.clock.now(), id: found.id, kind: found.kind });
    },
    service: {
      signingName: 'rds',
      protocols: ['query'],
      xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
      operations: {
        ...described.operations,
        DescribeDBInstances: operation<Sdk.DescribeDBInstancesCommandInput, Sdk.DescribeDBInstancesCommandOutput>(
          () => sdk.rds().DescribeDBInstances$,
          (input) => {
            const { page, next } = paginate(asked('instance', input.DBInstanceIdentifier, input.Filters, 'db-instance-id'), input);
            return { DBInstances: page.map(instance), ...next };
          },
        ),
        DescribeDBClusters: operation<Sdk.DescribeDBClustersCommandInput, Sdk.DescribeDBClustersCommandOutput>(
          () => sdk.rds().DescribeDBClusters$,
          (input) => {
            const { page, next } = paginate(asked('cluster', input.DBClusterIdentifier, input.Filters, 'db-cluster-id'), input);
            return { DBClusters: page.map(cluster), ...next };
          },
        ),
        DescribeEvents: operation<Sdk.DescribeEventsCommandInput, Sdk.DescribeEventsCommandOutput>(
          () => sdk.rds().DescribeEvents$,
          describeEvents,
        ),
      },
    },
  };
};
