import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Database, Databases } from '../model/databases.ts';
import { paginate } from './pages.ts';
import { tagList } from './tags.ts';

type Out<Output> = Omit<Output, '$metadata'>;

const hour = 3_600_000;
/** Events are kept for 14 days. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const kept = 14 * 24 * hour;

export const databaseOperations = (world: World, { events, of, find, reboot }: Databases): Service['operations'] => {
  const zones = [`${world.region}a`, `${world.region}b`] as const;

  /** Names are stored in lower case, and found in any. */
  const asked = (kind: Database['kind'], id: string | undefined, filters: readonly Sdk.Filter[] | undefined, filter: string) => {
    const names = (filters ?? []).flatMap(({ Name, Values = [] }) => {
      if (Name !== filter) throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${String(Name).slice(0, 100)}`);
      return Values;
    });
    if (id === undefined) return of(kind).filter((database) => names.length === 0 || names.includes(database.id));
    const found = find(kind, id);
    if (found) return [found];
    if (kind === 'instance') throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
    throw new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
  };

  const instance = ({ id, status, createdAt, engine, cluster, pending, ...rest }: Database): Sdk.DBInstance => ({
    DBInstanceIdentifier: id,
    DBInstanceArn: world.arn('rds', `db:${id}`),
    DBInstanceClass: 'db.r7g.large',
    DBInstanceStatus: status.now,
    Engine: engine,
    EngineVersion: '17.4',
    AllocatedStorage: 100,
    InstanceCreateTime: new Date(createdAt),
    AvailabilityZone: zones[rest.zone],
    MultiAZ: cluster === undefined && rest.multiAz,
    PreferredMaintenanceWindow: rest.maintenanceWindow,
    StorageType: 'gp3',
    ...(cluster === undefined ? {} : { DBClusterIdentifier: cluster }),
    PendingModifiedValues: pending ?? {},
    TagList: tagList(rest.tags),
  });

  const cluster = ({ id, status, createdAt, engine, maintenanceWindow, tags }: Database): Sdk.DBCluster => ({
    DBClusterIdentifier: id,
    DBClusterArn: world.arn('rds', `cluster:${id}`),
    Status: status.now,
    Engine: engine,
    EngineVersion: '17.4',
    ClusterCreateTime: new Date(createdAt),
    AvailabilityZones: [...zones],
    MultiAZ: true,
    PreferredMaintenanceWindow: maintenanceWindow,
    TagList: tagList(tags),
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
    RebootDBInstance: operation<Sdk.RebootDBInstanceCommandInput, Sdk.RebootDBInstanceCommandOutput>(
      () => sdk.rds().RebootDBInstance$,
      ({ DBInstanceIdentifier, ForceFailover = false }) => {
        const [found] = asked('instance', DBInstanceIdentifier, undefined, '');
        if (!found) throw new AwsError('MissingParameter', 'The request must contain the parameter DBInstanceIdentifier.');
        if (found.status.now !== 'available')
          throw new AwsError('InvalidDBInstanceState', `Database instance: ${found.id} is not in available state.`);
        if (ForceFailover && !(found.multiAz && found.cluster === undefined))
          throw new AwsError(
            'InvalidParameterCombination',
            'ForceFailover cannot be specified since the instance is not configured for MultiAZ.',
          );
        reboot(found, ForceFailover);
        return { DBInstance: instance(found) };
      },
    ),
    DescribeEvents: operation<Sdk.DescribeEventsCommandInput, Sdk.DescribeEventsCommandOutput>(
      () => sdk.rds().DescribeEvents$,
      describeEvents,
    ),
  };
};
