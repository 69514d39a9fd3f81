import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type DescribeDBInstancesCommandOutput,
  RDSClient,
} from '@aws-sdk/client-rds';
import { readDatabaseState } from '../aws/states.ts';
import type { ClusterMembers } from '../model/cluster-members.ts';
import { minuteMs } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import { tagMap } from '../model/tags.ts';
import { asksForReaders, describeReaders } from './cluster-readers.ts';
import { DescribeLagError } from './describe-lag.ts';
import { isDatabase, lastEvent } from './rds-instance.ts';
import { type MetricValues, readMetrics } from './read-metrics.ts';
import type { ResourceKind, TreatedLook } from './resource-kind.ts';

/** What the look at the members of a cluster needs beyond RDS: whether they are alive, and how far behind. It takes no resource. */
export const memberPermissions = ['cloudwatch:GetMetricData'] as const;

/** How far back metrics are read, and how old the newest may be of what is up: they come by the minute, and up to two later. In minutes. */
const lookBack = 15;
const freshest = 3;

/** How far behind a reader has been in the last minutes, in milliseconds: by Aurora in these, by a Multi-AZ cluster in seconds. */
const lagOf = (inMs: MetricValues, inSeconds: MetricValues, now: number): number | null => {
  const fresh = (values: MetricValues) => [...values].flatMap(([at, value]) => (at > now - freshest * minuteMs ? [value] : []));
  const all = [...fresh(inMs), ...fresh(inSeconds).map((value) => value * 1000)];
  // -1: nothing is replicated.
  return all.length === 0 || all.some((lag) => lag < 0) ? null : Math.max(...all);
};

const membersOf = async (
  clients: Parameters<TreatedLook>[0],
  { DBClusterMembers = [] }: DBCluster,
  instances: readonly DBInstance[],
  now: number,
): Promise<ClusterMembers> => {
  const ids = DBClusterMembers.flatMap(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? []);
  const of = (id: string, metric: string) => ({
    namespace: 'AWS/RDS',
    metric,
    statistic: 'Maximum',
    dimensions: { DBInstanceIdentifier: id },
  });
  const queries = ids.flatMap((id) => [of(id, 'CPUUtilization'), of(id, 'AuroraReplicaLag'), of(id, 'ReplicaLag')]);
  const values = ids.length === 0 ? [] : await readMetrics(clients, queries, now - lookBack * minuteMs, now);
  const none: MetricValues = new Map();
  const seen = ids.map((id, i) => {
    const found = instances.find((one) => one.DBInstanceIdentifier === id);
    const [alive = none, ms = none, seconds = none] = values.slice(3 * i, 3 * i + 3);
    const last = Math.max(now - lookBack * minuteMs, ...[...alive.keys()].map((at) => at + minuteMs));
    return {
      member: { id, state: readDatabaseState(found?.DBInstanceStatus), availabilityZone: found?.AvailabilityZone ?? 'unknown' },
      isWriter: DBClusterMembers[i]?.IsClusterWriter === true,
      silentSince: now - last < 2 * minuteMs ? null : last,
      lag: lagOf(ms, seconds, now),
    };
  });
  const writer = seen.find(({ isWriter }) => isWriter);
  return {
    writer: writer ? { ...writer.member, silentSince: writer.silentSince } : null,
    readers: seen.flatMap(({ member, isWriter, lag }) => (isWriter ? [] : [{ ...member, lag }])),
    heard: seen.some(({ silentSince }) => silentSince === null),
  };
};

/**
 * Reads what decides about a failover of a cluster, or about another reader; null if RDS has none with that name.
 * @throws whatever the SDK throws
 */
export const describeCluster = async (
  clients: Parameters<TreatedLook>[0],
  { incident, now, policy }: Parameters<TreatedLook>[1],
  id: string = incident.resource.id,
): ReturnType<TreatedLook> => {
  const rds = clients.of(RDSClient);
  try {
    const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
    const [found] = DBClusters ?? [];
    if (!found) throw new DescribeLagError(`RDS returned an empty result for ${id}`);
    const instances: DBInstance[] = [];
    let Marker: string | undefined;
    do {
      const page: DescribeDBInstancesCommandOutput = await rds.send(
        new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [id] }], Marker }),
      );
      instances.push(...(page.DBInstances ?? []));
      ({ Marker } = page);
    } while (Marker);
    const members = await membersOf(clients, found, instances, now);
    return {
      database: {
        id: found.DBClusterIdentifier ?? id,
        state: readDatabaseState(found.Status),
        availabilityZone: members.writer?.availabilityZone ?? 'unknown',
        cluster: null,
        pending: [],
        maintenanceWindow: found.PreferredMaintenanceWindow ?? null,
        members,
        ...(asksForReaders(incident, policy) ? { reading: await describeReaders(clients, found, instances, incident.key, now) } : {}),
        tags: tagMap(found.TagList),
      },
    };
  } catch (error) {
    if (isNamed(error, 'DBClusterNotFoundFault')) return { database: null };
    throw error;
  }
};

/** A database cluster: Aurora, or a Multi-AZ deployment with two readers. */
export const rdsCluster: ResourceKind = {
  id: 'rds-cluster',
  types: ['database'],
  noun: 'database cluster',
  permissions: ['rds:DescribeDBClusters', 'rds:DescribeEvents'],
  notFound: ['DBClusterNotFound'],
  is: (subject) => isDatabase(subject, 'db-cluster', 'DBClusterIdentifier', 'DBInstanceIdentifier'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const [{ DBClusters }, event] = await Promise.all([
      rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id })),
      part('its events', () => lastEvent(rds, id, 'db-cluster')),
    ]);
    const found = DBClusters?.[0];
    if (!found) return null;
    const { Engine, EngineVersion, DBClusterMembers = [] } = found;
    const writer = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
    const members = `${DBClusterMembers.length} members${writer === undefined ? ', no writer' : `, writer ${writer}`}`;
    return {
      state: found.Status ?? 'unknown',
      since: null,
      createdAt: found.ClusterCreateTime?.getTime() ?? null,
      changed: null,
      facts: [...(event ? [event] : []), members, `${Engine} ${EngineVersion}`],
    };
  },
};
