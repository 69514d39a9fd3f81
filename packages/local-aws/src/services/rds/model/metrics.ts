import { rdsParameters } from '../../../core/model-parameters.ts';
import type { SamplesSource, ServedMetric } from '../../../core/service-interfaces.ts';
import { type Database, type Databases, isAurora, servesAt } from './databases.ts';
import { isReplicaAt, lagAt, readersAt } from './replication.ts';
import { isFullAt, usedAt } from './storage.ts';

const gib = 1024 ** 3;
const msInASecond = 1000;

type Metric = (database: Database, at: number, databases: Databases) => number | undefined;

const readingOf = (database: Database, at: number, databases: Databases): number => {
  const { find } = databases;
  const above = database.cluster === undefined ? find('instance', database.source ?? '') : find('cluster', database.cluster);
  const share = (asked: number, readers: readonly Database[]) =>
    readers.length === 0 ? 0 : readers.includes(database) ? asked / readers.length : 0;
  const from = (above && share(above.readLoad.at(at) ?? 0, readersAt(databases, above, at))) ?? 0;
  // Where there is no reader, whoever takes writes is read from.
  const isLead = !isReplicaAt(database, at);
  const lead = isLead ? (database.cluster === undefined ? database : above) : undefined;
  const own = lead && readersAt(databases, lead, at).length === 0 ? (lead.readLoad.at(at) ?? 0) : 0;
  const writes = isLead && database.cluster !== undefined ? (above?.load.at(at) ?? 0) : 0;
  return from + own + writes;
};

/** Percent of its CPU that is asked of it, be it more than there is. */
const askedOf: (...of: Parameters<Metric>) => number = (database, at, databases) => {
  const { cpu, connections } = rdsParameters;
  const clients = (cpu.busy - cpu.idle) * ((database.connections.at(at) ?? 0) / connections.most);
  return cpu.idle + clients + (database.load.at(at) ?? 0) + (database.ownReads.at(at) ?? 0) + readingOf(database, at, databases);
};

/** What waits behind what: twice as long at half of the CPU, as in a queue with one server. How it goes on when saturated is assumed. */
const latencyOf: (...of: Parameters<Metric>) => number = (...of) => {
  const asked = askedOf(...of) / 100;
  return rdsParameters.latency * (asked < 0.95 ? 1 / (1 - asked) : 20 * (asked / 0.95));
};

/**
 * Every minute, while an instance is up. Lag of Aurora's readers in milliseconds, of read replicas in seconds.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
 */
const metrics: Readonly<Record<string, Metric>> = {
  CPUUtilization: (...of) => Math.min(100, askedOf(...of)),
  ReadIOPS: (...of) => rdsParameters.readIops * Math.min(100, askedOf(...of)),
  ReadLatency: (...of) => latencyOf(...of),
  WriteLatency: (database, at, databases) => (isReplicaAt(database, at) ? undefined : latencyOf(database, at, databases)),
  /** Sessions that work or wait. */
  DBLoad: (...of) => (rdsParameters.vcpus * askedOf(...of)) / 100,
  DatabaseConnections: ({ connections }, at) => connections.at(at) ?? 0,
  FreeableMemory: ({ connections }, at) => {
    const { free, least, perConnection } = rdsParameters.memory;
    return Math.max(least, free - (connections.at(at) ?? 0) * perConnection);
  },
  /** What does not fit into memory; that it is so is assumed. */
  SwapUsage: ({ connections }, at) => {
    const { free, least, perConnection } = rdsParameters.memory;
    return Math.max(0, (connections.at(at) ?? 0) * perConnection - (free - least));
  },
  /** Reads that wait or are done at a time: as many as come in a second, for as long as each takes. */
  DiskQueueDepth: (...of) => rdsParameters.readIops * Math.min(100, askedOf(...of)) * latencyOf(...of),
  FreeStorageSpace: (database, at) => (isAurora(database) ? undefined : ((database.allocated.at(at) ?? 0) - usedAt(database, at)) * gib),
  WriteIOPS: (database, at) => {
    if (isAurora(database)) return undefined;
    if (isFullAt(database, at)) return 0;
    // What is asked of it reads and writes alike; what is read from it besides writes nothing.
    return rdsParameters.writeIops + rdsParameters.readIops * Math.min(100, database.load.at(at) ?? 0);
  },
  ReplicaLag: (database, at) => (isAurora(database) || !isReplicaAt(database, at) ? undefined : lagAt(database, at)),
  AuroraReplicaLag: (database, at) => {
    const lag = isAurora(database) && isReplicaAt(database, at) ? lagAt(database, at) : undefined;
    return lag === undefined ? undefined : lag * msInASecond;
  },
  AuroraReplicaLagMaximum: (database, at, databases) => lagOfReaders(database, at, databases, Math.max),
  AuroraReplicaLagMinimum: (database, at, databases) => lagOfReaders(database, at, databases, Math.min),
};

/** Of those whose lag can be read, told by the writer. */
const lagOfReaders = (database: Database, at: number, databases: Databases, chosen: (...lags: number[]) => number): number | undefined => {
  const cluster = databases.clusterOf(database);
  if (!cluster || !isAurora(database) || isReplicaAt(database, at)) return undefined;
  const lags = readersAt(databases, cluster, at).flatMap((reader) => lagAt(reader, at) ?? []);
  return lags.length === 0 ? undefined : chosen(...lags) * msInASecond;
};

/** By instance; by cluster, of all its members; by cluster and Role, of its writer or its readers. */
export const rdsMetrics =
  (databases: Databases): SamplesSource =>
  (metric, { DBInstanceIdentifier, DBClusterIdentifier, Role, ...others }, end) => {
    const at = end - 1;
    const of = metrics[metric];
    if (!of || Object.keys(others).length > 0 || (DBInstanceIdentifier !== undefined) === (DBClusterIdentifier !== undefined)) return [];
    const role = Role === undefined ? undefined : Role === 'READER';
    if (role !== undefined && (DBClusterIdentifier === undefined || !['READER', 'WRITER'].includes(Role ?? ''))) return [];
    const named = (id: string | undefined, name: string) => id === undefined || id === name.toLowerCase();
    const chosen = databases.ever.filter(
      (one) =>
        one.kind === 'instance' &&
        (DBInstanceIdentifier !== undefined
          ? named(one.id, DBInstanceIdentifier)
          : one.cluster !== undefined && named(one.cluster, DBClusterIdentifier ?? '')) &&
        (role === undefined || isReplicaAt(one, at) === role) &&
        servesAt(one, at),
    );
    return chosen.flatMap((one) => of(one, at, databases) ?? []);
  };

/** What there has been data for. */
export function* listRdsMetrics({ ever }: Databases, now: number): Iterable<ServedMetric> {
  const namespace = 'AWS/RDS';
  for (const database of ever) {
    if (database.kind !== 'instance') continue;
    const { id: DBInstanceIdentifier, cluster, writer, status, deletedAt } = database;
    const latest = deletedAt ?? (servesAt(database, now) ? now : (status.since(now) ?? now));
    const names = Object.keys(metrics).filter((name) => {
      if (name === 'ReplicaLag') return database.source !== undefined;
      if (name === 'FreeStorageSpace' || name === 'WriteIOPS') return !isAurora(database);
      if (!name.startsWith('AuroraReplicaLag')) return true;
      return isAurora(database) && (name === 'AuroraReplicaLag') === !writer.now;
    });
    for (const name of names) {
      yield { namespace, name, dimensions: { DBInstanceIdentifier }, latest };
      if (cluster === undefined) continue;
      const Role = writer.now ? 'WRITER' : 'READER';
      yield { namespace, name, dimensions: { DBClusterIdentifier: cluster }, latest };
      yield { namespace, name, dimensions: { DBClusterIdentifier: cluster, Role }, latest };
    }
  }
}
