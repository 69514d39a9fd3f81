import type { MetricSource, RdsFaults, ServedMetric } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createDatabases, type PlacedDatabase } from './model/databases.ts';
import { listRdsMetrics, rdsMetrics } from './model/metrics.ts';
import { databaseOperations } from './operations/databases.ts';
import { createDescribed } from './operations/described.ts';
import { tagOperations } from './operations/tags.ts';

export type Rds = {
  service: Service;
  /** Namespace `AWS/RDS`: DatabaseConnections and CPUUtilization of single instances. */
  metrics: MetricSource;
  listMetrics(): Iterable<ServedMetric>;
  /** Puts what belongs to databases there. */
  placed: ReturnType<typeof createDescribed>['place'];
  /** Puts a database there; the same name again changes nothing. */
  place(placed: PlacedDatabase): void;
  /** It is in another state from now on, and an event says why. Throws a RangeError for one that doesn't exist. */
  change(kind: PlacedDatabase['kind'], id: string, status: string, event: { message: string; categories: string[] }): void;
  faults: RdsFaults;
};

/**
 * Databases of RDS as they are described: instances, clusters, what belongs to them, and their events of the last 14 days. Instances can be
 * rebooted and tagged.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html
 */
export const createRds = (world: World): Rds => {
  const databases = createDatabases(world);
  const described = createDescribed(world);
  return {
    placed: described.place,
    place: databases.place,
    change: databases.change,
    metrics: rdsMetrics(databases),
    listMetrics: () => listRdsMetrics(databases, world.clock.now()),
    faults: { 'exhaust-connections': databases.exhaustConnections },
    service: {
      signingName: 'rds',
      protocols: ['query'],
      xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
      operations: { ...described.operations, ...databaseOperations(world, databases), ...tagOperations(world, databases) },
    },
  };
};
