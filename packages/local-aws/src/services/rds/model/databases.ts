import type * as Sdk from '@aws-sdk/client-rds';
import type { Cancel } from '../../../core/clock.ts';
import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { Timeline } from '../../ec2/model/timeline.ts';
import { type EventNumber, wordsOf } from './events.ts';

/** A database as a world has it. Times in milliseconds since the epoch, storage in GiB. */
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
  /** The instance that a read replica replicates from. */
  source?: string;
  pending?: Sdk.PendingModifiedValues;
  /** `ddd:hh24:mi-ddd:hh24:mi`, in UTC. */
  maintenanceWindow?: string;
  multiAz?: boolean;
  /** The letter of its zone. */
  zone?: 'a' | 'b' | 'c';
  class?: string;
  parameterGroup?: string;
  storageType?: string;
  allocated?: number;
  used?: number;
  /** Up to where storage autoscaling goes; none where it is left out. */
  maxAllocated?: number;
  protected?: boolean;
  public?: boolean;
  /** For how many days backups are kept; 0 for none. */
  backupDays?: number;
  tags?: Readonly<Record<string, string>>;
};

/** A quantity from a moment on, which grows or shrinks by so much a minute down to `floor`. */
export type Course = { at: number; value: number; perMinute: number; floor: number };
export const along = ({ at, value, perMinute, floor }: Course, time: number): number =>
  Math.max(floor, value + (perMinute * (time - at)) / 60_000);
/** How far a replica is behind, in seconds; `unreadable` publishes nothing, `stopped` replicates nothing. */
export type Lag = Course & { state: 'replicating' | 'unreadable' | 'stopped' };

export type Database = {
  readonly id: string;
  readonly kind: 'instance' | 'cluster';
  readonly createdAt: number;
  readonly engine: string;
  readonly cluster: string | undefined;
  readonly tags: Map<string, string>;
  readonly status: Timeline<string>;
  /** Whether the engine answers, whatever the status says. */
  readonly up: Timeline<boolean>;
  readonly writer: Timeline<boolean>;
  /** Open connections of clients while it is up. */
  readonly connections: Timeline<number>;
  readonly allocated: Timeline<number>;
  readonly used: Timeline<Course>;
  /** What is asked of an instance, or of a cluster's writer, in percent of an instance's CPU. */
  readonly load: Timeline<number>;
  /** What is read from a cluster's readers or from an instance's replicas together. */
  readonly readLoad: Timeline<number>;
  /** What is read from an instance itself by clients that know of no replicas. */
  readonly ownReads: Timeline<number>;
  readonly lag: Timeline<Lag>;
  source: string | undefined;
  pending: Sdk.PendingModifiedValues | undefined;
  maintenanceWindow: string;
  multiAz: boolean;
  class: string;
  storageType: string;
  maxAllocated: number | undefined;
  protected: boolean;
  public: boolean;
  backupDays: number;
  /** The index of the zone that it runs in; a failover of a Multi-AZ instance changes it. */
  zone: number;
  /** When its storage last changed. */
  resizedAt: number | undefined;
  /** Grows with every restart: what was wrong before it is over. */
  boots: number;
  /** What has been taken from under its engine, by each fault: only their ends, or another zone, bring it back. */
  readonly lost: Set<object>;
  parameters: { group: string; status: string; bad: boolean };
  /** Announced, and not carried out yet. */
  maintenanceAt: number | undefined;
  deletedAt: number | undefined;
};
export type DatabaseEvent = { at: number; id: string; kind: Database['kind'] | 'parameter-group'; message: string; categories: string[] };

/** The engine works in these: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html. */
const working: ReadonlySet<string | undefined> = new Set(['available', 'modifying', 'storage-optimization', 'backing-up', 'storage-full']);

/** Whether clients have an answer from it at a time. */
export const servesAt = ({ status, up, deletedAt }: Database, at: number): boolean =>
  up.at(at) === true && working.has(status.at(at)) && (deletedAt === undefined || at < deletedAt);
export const isAurora = ({ engine }: Pick<Database, 'engine'>): boolean => engine.startsWith('aurora');
export const zoneLetters = ['a', 'b', 'c'] as const;

export const createDatabases = (world: World) => {
  const { clock } = world;
  const random = world.random.fork('rds');
  const databases = new Map<string, Database>();
  /** All there have ever been: metrics answer for those that are deleted, too. */
  const ever: Database[] = [];
  const events: DatabaseEvent[] = [];
  /** An instance and a cluster may have one name, in any case. */
  const keyOf = (kind: Database['kind'], id: string) => `${kind}/${id.toLowerCase()}`;
  const find = (kind: Database['kind'], id: string): Database | undefined => databases.get(keyOf(kind, id));
  const of = (kind: Database['kind']): Database[] => [...databases.values()].filter((database) => database.kind === kind);
  const belongs =
    ({ id, kind }: Database) =>
    (other: Database): boolean =>
      kind === 'cluster' ? other.cluster === id : other.source === id;

  const note = ({ id, kind }: Pick<DatabaseEvent, 'id' | 'kind'>, message: string, categories: string[]): void => {
    events.push({ at: clock.now(), id, kind, message, categories });
  };

  const place = ({
    id,
    kind,
    status = 'available',
    createdAt = clock.now(),
    cluster,
    engine = kind === 'cluster' || cluster !== undefined ? 'aurora-postgresql' : 'postgres',
    writer = false,
    maintenanceWindow = rdsParameters.maintenanceWindow,
    multiAz = true,
    zone = 'a',
    tags = {},
    ...rest
  }: PlacedDatabase): Database => {
    const key = keyOf(kind, id);
    const present = databases.get(key);
    if (present) return present;
    const since = Math.min(createdAt, clock.now());
    const { connections, storage } = rdsParameters;
    const still = (value: number): Course => ({ at: since, value, perMinute: 0, floor: 0 });
    const base = engine.startsWith('aurora') ? rdsParameters.lag.aurora : rdsParameters.lag.replica;
    const database: Database = {
      id: id.toLowerCase(),
      kind,
      createdAt,
      engine,
      cluster: cluster?.toLowerCase(),
      tags: new Map(Object.entries(tags)),
      status: new Timeline(since, status),
      up: new Timeline(since, status !== 'creating'),
      writer: new Timeline(since, writer),
      connections: new Timeline<number>(since, connections.idle),
      allocated: new Timeline<number>(since, rest.allocated ?? storage.allocated),
      used: new Timeline(since, still(rest.used ?? Math.min(storage.used, (rest.allocated ?? storage.allocated) * 0.5))),
      load: new Timeline(since, 0),
      readLoad: new Timeline(since, 0),
      ownReads: new Timeline(since, 0),
      lag: new Timeline<Lag>(since, { ...still(base), floor: base, state: 'replicating' }),
      source: rest.source?.toLowerCase(),
      pending: rest.pending,
      maintenanceWindow,
      multiAz: kind === 'instance' && cluster === undefined && multiAz,
      class: rest.class ?? 'db.r7g.large',
      storageType: rest.storageType ?? 'gp3',
      maxAllocated: rest.maxAllocated,
      protected: rest.protected ?? false,
      public: rest.public ?? false,
      // "Created with backups disabled": CreateDBInstanceReadReplica.
      backupDays: rest.backupDays ?? (rest.source === undefined ? 7 : 0),
      zone: zoneLetters.indexOf(zone),
      resizedAt: undefined,
      boots: 0,
      lost: new Set(),
      parameters: { group: rest.parameterGroup ?? `default.${engine}17`, status: 'in-sync', bad: false },
      maintenanceAt: undefined,
      deletedAt: undefined,
    };
    databases.set(key, database);
    ever.push(database);
    return database;
  };

  return {
    events: events as readonly DatabaseEvent[],
    ever: ever as readonly Database[],
    of,
    find,
    place,
    /** Throws a RangeError for one that doesn't exist. */
    known: (kind: Database['kind'], id: string): Database => {
      const found = find(kind, id);
      if (!found) throw new RangeError(`There is no database ${kind} ${id}`);
      return found;
    },
    /** A cluster's members, or an instance's read replicas. */
    below: (database: Database): Database[] => of('instance').filter(belongs(database)),
    /** The same at a time that has passed. */
    belowAt: (database: Database, at: number): Database[] =>
      ever.filter((one) => belongs(database)(one) && one.createdAt <= at && (one.deletedAt === undefined || at < one.deletedAt)),
    writerOf: (cluster: Database): Database | undefined => of('instance').find((one) => one.cluster === cluster.id && one.writer.now),
    clusterOf: ({ cluster }: Database): Database | undefined => (cluster === undefined ? undefined : find('cluster', cluster)),
    remove: (database: Database): void => {
      database.deletedAt = clock.now();
      databases.delete(keyOf(database.kind, database.id));
    },

    change: (kind: Database['kind'], id: string, status: string, event: Pick<DatabaseEvent, 'message' | 'categories'>): void => {
      const found = find(kind, id);
      if (!found) throw new RangeError(`There is no database ${kind} ${id}`);
      found.status.set(clock.now(), status);
      note(found, event.message, event.categories);
    },

    /** Whether an event has ever been told of it. */
    has: ({ id, kind }: Database, number: EventNumber): boolean =>
      events.some((one) => one.id === id && one.kind === kind && one.message === wordsOf(number, '').message),

    /** Notes an event, and sends it. */
    announce: (database: Database, number: EventNumber, name = ''): void => {
      const { message: Message, categories: EventCategories } = wordsOf(number, name);
      note(database, Message, EventCategories);
      const isInstance = database.kind === 'instance';
      const arn = world.arn('rds', `${isInstance ? 'db' : 'cluster'}:${database.id}`);
      world.putEvent({
        source: 'aws.rds',
        detailType: isInstance ? 'RDS DB Instance Event' : 'RDS DB Cluster Event',
        resources: [arn],
        detail: {
          EventCategories,
          SourceType: isInstance ? 'DB_INSTANCE' : 'CLUSTER',
          SourceArn: arn,
          Date: new Date(clock.now()).toISOString(),
          Message,
          SourceIdentifier: database.id,
          EventID: `RDS-EVENT-${number}`,
        },
      });
    },

    /** Notes an event of a parameter group. Nobody is sent it here. */
    tellOfGroup: (id: string, number: EventNumber, name: string): void => {
      const { message, categories } = wordsOf(number, name);
      note({ id, kind: 'parameter-group' }, message, categories);
    },

    after: ({ least, most }: { least: number; most: number }, run: () => void): Cancel =>
      clock.after(Math.round(random.between(least, most) * 1000), run),
  };
};
export type Databases = ReturnType<typeof createDatabases>;
