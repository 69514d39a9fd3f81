import type * as Sdk from '@aws-sdk/client-rds';
import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { Timeline } from '../../ec2/model/timeline.ts';

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
  /** `ddd:hh24:mi-ddd:hh24:mi`, in UTC. */
  maintenanceWindow?: string;
  multiAz?: boolean;
  tags?: Readonly<Record<string, string>>;
};

export type Database = Required<Omit<PlacedDatabase, 'cluster' | 'pending' | 'status' | 'tags'>> &
  Pick<PlacedDatabase, 'cluster' | 'pending'> & {
    status: Timeline<string>;
    /** Open connections of clients while it is up. */
    connections: Timeline<number>;
    tags: Map<string, string>;
    /** The index of the zone that it runs in; a failover changes it. */
    zone: 0 | 1;
    /** Grows with every restart: what was wrong before it is over. */
    boots: number;
  };
export type DatabaseEvent = { at: number; id: string; kind: Database['kind']; message: string; categories: string[] };

export const createDatabases = (world: World) => {
  const { clock } = world;
  const random = world.random.fork('rds');
  const databases = new Map<string, Database>();
  const events: DatabaseEvent[] = [];
  /** An instance and a cluster may have one name, in any case. */
  const keyOf = (kind: Database['kind'], id: string) => `${kind}/${id.toLowerCase()}`;
  const find = (kind: Database['kind'], id: string): Database | undefined => databases.get(keyOf(kind, id));

  const note = ({ id, kind }: Database, message: string, categories: string[]): void => {
    events.push({ at: clock.now(), id, kind, message, categories });
  };

  /** Notes an event of an instance, and sends it. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html */
  const announce = (database: Database, EventID: string, Message: string, EventCategories: string[]): void => {
    note(database, Message, EventCategories);
    const arn = world.arn('rds', `db:${database.id}`);
    world.putEvent({
      source: 'aws.rds',
      detailType: 'RDS DB Instance Event',
      resources: [arn],
      detail: {
        EventCategories,
        SourceType: 'DB_INSTANCE',
        SourceArn: arn,
        Date: new Date(clock.now()).toISOString(),
        Message,
        SourceIdentifier: database.id,
        EventID,
      },
    });
  };

  const after = ({ least, most }: { least: number; most: number }, run: () => void) =>
    clock.after(Math.round(random.between(least, most) * 1000), run);

  /** Whether an instance's status is still the one that a later stage goes on from. */
  const is = (database: Database, status: string) => database.status.now === status;

  return {
    events: events as readonly DatabaseEvent[],
    of: (kind: Database['kind']): Database[] => [...databases.values()].filter((database) => database.kind === kind),
    find,
    place: ({
      id,
      kind,
      status = 'available',
      createdAt = clock.now(),
      engine = 'postgres',
      writer = false,
      maintenanceWindow = rdsParameters.maintenanceWindow,
      multiAz = true,
      tags = {},
      ...rest
    }: PlacedDatabase): void => {
      const key = keyOf(kind, id);
      if (databases.has(key)) return;
      const since = Math.min(createdAt, clock.now());
      databases.set(key, {
        ...rest,
        id: id.toLowerCase(),
        kind,
        createdAt,
        engine,
        writer,
        maintenanceWindow,
        multiAz,
        status: new Timeline(since, status),
        connections: new Timeline(since, rdsParameters.connections.idle),
        tags: new Map(Object.entries(tags)),
        zone: 0,
        boots: 0,
      });
    },
    change: (kind: Database['kind'], id: string, status: string, event: Pick<DatabaseEvent, 'message' | 'categories'>): void => {
      const found = find(kind, id);
      if (!found) throw new RangeError(`There is no database ${kind} ${id}`);
      found.status.set(clock.now(), status);
      note(found, event.message, event.categories);
    },

    /**
     * Restarts the engine of an instance that is available. All connections end, and pending changes are applied, as "some parameter
     * changes … are applied on the next call to RebootDBInstance".
     * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
     */
    reboot: (database: Database, failover: boolean): void => {
      database.status.set(clock.now(), 'rebooting');
      after(rdsParameters.reboot.shutdown, () => {
        if (!is(database, 'rebooting')) return;
        database.boots++;
        database.connections.set(clock.now(), 0);
        announce(database, 'RDS-EVENT-0004', 'DB instance shutdown', ['availability']);
        after(rdsParameters.reboot.restart, () => {
          if (!is(database, 'rebooting')) return;
          if (failover) database.zone = database.zone === 0 ? 1 : 0;
          delete database.pending;
          database.connections.set(clock.now(), rdsParameters.connections.idle);
          database.status.set(clock.now(), 'available');
          announce(database, 'RDS-EVENT-0006', 'DB instance restarted', ['availability']);
        });
      });
    },

    /** Clients leak connections until none is left; a restart ends that. Returns what ends it. */
    exhaustConnections: (id: string): (() => void) => {
      const database = find('instance', id);
      if (!database) throw new RangeError(`There is no database instance ${id}`);
      const { boots } = database;
      const set = (connections: number) => {
        if (database.boots === boots) database.connections.set(clock.now(), connections);
      };
      set(rdsParameters.connections.most);
      return () => set(rdsParameters.connections.idle);
    },
  };
};
export type Databases = ReturnType<typeof createDatabases>;
