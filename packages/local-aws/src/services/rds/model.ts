import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../core/world.ts';

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

export type Database = Required<Omit<PlacedDatabase, 'cluster' | 'pending'>> & Pick<PlacedDatabase, 'cluster' | 'pending'>;
export type DatabaseEvent = { at: number; id: string; kind: Database['kind']; message: string; categories: string[] };

export const createDatabases = ({ clock }: World) => {
  const databases = new Map<string, Database>();
  const events: DatabaseEvent[] = [];
  /** An instance and a cluster may have one name, in any case. */
  const keyOf = (kind: Database['kind'], id: string) => `${kind}/${id.toLowerCase()}`;
  const find = (kind: Database['kind'], id: string): Database | undefined => databases.get(keyOf(kind, id));

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
      ...rest
    }: PlacedDatabase): void => {
      const key = keyOf(kind, id);
      if (!databases.has(key)) databases.set(key, { ...rest, id: id.toLowerCase(), kind, status, createdAt, engine, writer });
    },
    change: (kind: Database['kind'], id: string, status: string, event: Pick<DatabaseEvent, 'message' | 'categories'>): void => {
      const found = find(kind, id);
      if (!found) throw new RangeError(`There is no database ${kind} ${id}`);
      found.status = status;
      events.push({ ...event, at: clock.now(), id: found.id, kind: found.kind });
    },
  };
};
export type Databases = ReturnType<typeof createDatabases>;
