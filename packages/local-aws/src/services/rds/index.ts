import type { RdsFaults, SamplesSource, ServedMetric } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createChanges } from './model/changes.ts';
import { createClusters } from './model/clusters.ts';
import { createDatabases, type PlacedDatabase, servesAt, zoneLetters } from './model/databases.ts';
import { createEngine } from './model/engine.ts';
import { listRdsMetrics, rdsMetrics } from './model/metrics.ts';
import { createReplication, lagAt } from './model/replication.ts';
import { createStorage, usedAt } from './model/storage.ts';
import { createAsked } from './operations/asked.ts';
import { changeOperations } from './operations/changes.ts';
import { databaseOperations } from './operations/databases.ts';
import { createDescribed } from './operations/described.ts';
import { createShapes } from './operations/shapes.ts';
import { tagOperations } from './operations/tags.ts';

/** A database as it truly is now, for whoever watches the world. */
export type DatabaseView = {
  readonly id: string;
  readonly status: string;
  /** Whether clients have an answer; of a cluster: whether its writer answers. */
  readonly serves: boolean;
  /** Who takes writes, of a cluster. */
  readonly writer: string | undefined;
  readonly zone: string;
  /** Seconds; undefined where it can't be read. */
  readonly lag: number | undefined;
  /** GiB. */
  readonly allocated: number;
  readonly used: number;
  /** Whether it has ever been full. */
  readonly filled: boolean;
  /** The instance that it replicates from. */
  readonly source: string | undefined;
  readonly public: boolean;
  /** How many readers or read replicas it has, those that are being made too. */
  readonly readers: number;
  readonly tags: ReadonlyMap<string, string>;
};

export type Rds = {
  service: Service;
  /** Namespace `AWS/RDS`: by instance, by cluster, and by cluster and role. */
  metrics: SamplesSource;
  listMetrics(): Iterable<ServedMetric>;
  /** Puts what belongs to databases there. */
  placed: ReturnType<typeof createDescribed>['place'];
  /** Puts a database there; the same name again changes nothing. */
  place(placed: PlacedDatabase): void;
  get(kind: PlacedDatabase['kind'], id: string): DatabaseView | undefined;
  /** It is in another state from now on, and an event says why. Throws a RangeError for one that doesn't exist. */
  change(kind: PlacedDatabase['kind'], id: string, status: string, event: { message: string; categories: string[] }): void;
  faults: RdsFaults;
};

/**
 * Databases of RDS: instances with their storage, replicas and zones, Aurora's clusters with a writer and readers, what belongs to them, and
 * their events of the last 14 days.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html
 */
export const createRds = (world: World): Rds => {
  const databases = createDatabases(world);
  const described = createDescribed(world);
  const storage = createStorage(world, databases);
  const replication = createReplication(world, databases);
  const engine = createEngine(world, databases, replication);
  const clusters = createClusters(world, databases, engine, replication);
  const changes = createChanges(world, databases, { engine, storage, clusters, replication });
  const asked = createAsked(world, databases);
  const shapes = createShapes(world, databases);
  return {
    placed: described.place,
    place: (placed) => void databases.place(placed),
    get: (kind, id) => {
      const found = databases.find(kind, id);
      if (!found) return undefined;
      const now = world.clock.now();
      const writer = kind === 'cluster' ? databases.writerOf(found) : undefined;
      return {
        id: found.id,
        status: found.status.now,
        serves: kind === 'instance' ? servesAt(found, now) : writer !== undefined && servesAt(writer, now),
        writer: writer?.id,
        zone: `${world.region}${zoneLetters[(writer ?? found).zone]}`,
        lag: lagAt(found, now),
        allocated: found.allocated.now,
        used: usedAt(found, now),
        filled: databases.has(found, '0007'),
        source: found.source,
        public: found.public,
        readers: databases.below(found).length - (writer ? 1 : 0),
        tags: found.tags,
      };
    },
    change: databases.change,
    metrics: rdsMetrics(databases),
    listMetrics: () => listRdsMetrics(databases, world.clock.now()),
    faults: {
      exhaustConnections: engine.exhaustConnections,
      breakParameters: engine.breakParameters,
      maintain: engine.maintain,
      fillStorage: storage.fill,
      loseWriter: clusters.lose,
      lagReplica: replication.fall,
      load: clusters.load,
    },
    service: {
      signingName: 'rds',
      protocols: ['query'],
      xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
      operations: {
        ...described.operations,
        ...databaseOperations(world, databases, asked, shapes),
        ...changeOperations(world, databases, { asked, shapes, engine, storage, clusters, changes }),
        ...tagOperations(world, databases),
      },
    },
  };
};
