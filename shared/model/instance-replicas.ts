import type { OwnReader, Reader } from './cluster-readers.ts';

/**
 * The engines whose instances get a replica, and how many of them one instance may have in its region by AWS's word: the pages "Working with
 * read replicas" for each of them in https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/.
 */
const maxByEngine: Readonly<Record<string, number>> = { mariadb: 15, mysql: 15, postgres: 15 };

/** How many replicas an instance of this engine may have; null if selfheal makes none of it. */
export const maxReplicas = (engine: string): number | null => (Object.hasOwn(maxByEngine, engine) ? (maxByEngine[engine] ?? null) : null);

/** What decides about a read replica of an instance. Null is what RDS or its metrics don't tell. */
export type ReplicasFacts = {
  engine: string;
  /** What the instance itself replicates. */
  source: string | null;
  /** For how many days its backups are kept; without any RDS makes no replica. */
  backupDays: number | null;
  class: string | null;
  public: boolean | null;
  /** The zone of its subnet group that has the fewest of the instance and its replicas. */
  zone: string | null;
  own: OwnReader;
  /** Its replicas in this region, those that are being made or deleted too. */
  others: Reader[];
  /** How many replicas RDS lists, wherever they are and whoever made them. */
  count: number;
  /** On average over the last minutes: percent of CPU, reads and writes of its storage in a second, open connections. */
  load: { cpu: number | null; reads: number | null; writes: number | null; connections: number | null };
};

/**
 * Replicas are for "read-heavy database workloads" (USER_ReadRepl in the User Guide); from which share of reads on a load is one is assumed.
 * What is read from memory counts as none: ReadIOPS are of the storage (rds-metrics in the User Guide).
 */
const readShareFrom = 0.8;

/** Whether what is asked of an instance is mostly read from it; null if that can't be read. */
export const isReadHeavy = ({ load: { reads, writes } }: Pick<ReplicasFacts, 'load'>): boolean | null =>
  reads === null || writes === null ? null : reads > 0 && reads / (reads + writes) >= readShareFrom;
