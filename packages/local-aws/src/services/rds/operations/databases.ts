import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Databases } from '../model/databases.ts';
import type { Asked } from './asked.ts';
import { paginate } from './pages.ts';
import type { Shapes } from './shapes.ts';

type Out<Output> = Omit<Output, '$metadata'>;

const arnTypes = { instance: 'db', cluster: 'cluster', 'parameter-group': 'pg' } as const;
const hour = 3_600_000;
/** Events are kept for 14 days. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
const kept = 14 * 24 * hour;

/** Instances and clusters, as they are described. */
export const databaseOperations = (
  world: World,
  { events, of, writerOf, below }: Databases,
  asked: Asked,
  { instance, cluster, endpoints }: Shapes,
): Service['operations'] => {
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
        SourceArn: world.arn('rds', `${arnTypes[kind]}:${id}`),
      })),
      ...next,
    };
  };

  return {
    DescribeDBInstances: operation<Sdk.DescribeDBInstancesCommandInput, Sdk.DescribeDBInstancesCommandOutput>(
      () => sdk.rds().DescribeDBInstances$,
      (input) => {
        const found = asked.all('instance', input.DBInstanceIdentifier, input.Filters);
        const { page, next } = paginate(found, input);
        return { DBInstances: page.map(instance), ...next };
      },
    ),
    DescribeDBClusters: operation<Sdk.DescribeDBClustersCommandInput, Sdk.DescribeDBClustersCommandOutput>(
      () => sdk.rds().DescribeDBClusters$,
      (input) => {
        const { page, next } = paginate(asked.all('cluster', input.DBClusterIdentifier, input.Filters), input);
        return { DBClusters: page.map(cluster), ...next };
      },
    ),
    DescribeDBClusterEndpoints: operation<Sdk.DescribeDBClusterEndpointsCommandInput, Sdk.DescribeDBClusterEndpointsCommandOutput>(
      () => sdk.rds().DescribeDBClusterEndpoints$,
      (input) => {
        const clusters =
          input.DBClusterIdentifier === undefined ? of('cluster') : asked.all('cluster', input.DBClusterIdentifier, undefined);
        const rows = clusters.flatMap((one) => {
          const { writer, reader } = endpoints(one);
          const available = (is: boolean) => (is ? 'available' : 'inactive');
          return [
            {
              DBClusterIdentifier: one.id,
              Endpoint: writer,
              EndpointType: 'WRITER',
              Status: available(writerOf(one) !== undefined),
            },
            { DBClusterIdentifier: one.id, Endpoint: reader, EndpointType: 'READER', Status: available(below(one).length > 1) },
          ];
        });
        const { page, next } = paginate(rows, input);
        return { DBClusterEndpoints: page, ...next };
      },
    ),
    DescribeDBParameterGroups: operation<Sdk.DescribeDBParameterGroupsCommandInput, Sdk.DescribeDBParameterGroupsCommandOutput>(
      () => sdk.rds().DescribeDBParameterGroups$,
      (input) => {
        const used = new Map(of('instance').map(({ parameters, engine }) => [parameters.group, engine]));
        const { DBParameterGroupName: name } = input;
        if (name !== undefined && !used.has(name))
          throw new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, 404);
        const rows = [...used].flatMap(([group, engine]) => {
          if (name !== undefined && group !== name) return [];
          const arn = world.arn('rds', `pg:${group}`);
          return [{ DBParameterGroupName: group, DBParameterGroupFamily: `${engine}17`, Description: group, DBParameterGroupArn: arn }];
        });
        const { page, next } = paginate(rows, input);
        return { DBParameterGroups: page, ...next };
      },
    ),
    DescribePendingMaintenanceActions: operation<
      Sdk.DescribePendingMaintenanceActionsCommandInput,
      Sdk.DescribePendingMaintenanceActionsCommandOutput
    >(
      () => sdk.rds().DescribePendingMaintenanceActions$,
      (input) => {
        const rows = of('instance').flatMap(({ id, maintenanceAt }) => {
          const ResourceIdentifier = world.arn('rds', `db:${id}`);
          if (maintenanceAt === undefined || (input.ResourceIdentifier !== undefined && input.ResourceIdentifier !== ResourceIdentifier))
            return [];
          const CurrentApplyDate = new Date(maintenanceAt);
          const detail = { Action: 'system-update', Description: 'New Operating System update is available', CurrentApplyDate };
          return [{ ResourceIdentifier, PendingMaintenanceActionDetails: [detail] }];
        });
        const { page, next } = paginate(rows, input);
        return { PendingMaintenanceActions: page, ...next };
      },
    ),
    DescribeEvents: operation<Sdk.DescribeEventsCommandInput, Sdk.DescribeEventsCommandOutput>(
      () => sdk.rds().DescribeEvents$,
      describeEvents,
    ),
  };
};
