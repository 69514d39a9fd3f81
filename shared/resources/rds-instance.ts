import { type DBInstance, DescribeDBInstancesCommand, RDSClient, type SourceType } from '@aws-sdk/client-rds';
import { readDatabaseState } from '../aws/states.ts';
import { grownTo, iopsToName, type StorageFacts, storageApartMs } from '../model/database-storage.ts';
import { clockTime, hourMs } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import { describeReplica } from '../model/replica.ts';
import { tagMap } from '../model/tags.ts';
import { databaseCauses } from './database-causes.ts';
import { pendingOf } from './database-pending.ts';
import { DescribeLagError } from './describe-lag.ts';
import { asksForReplicas, describeReplicas } from './instance-replicas.ts';
import { readRdsEvents } from './rds-events.ts';
import { describeReplicaOf, isAboutLag, lagPermissions } from './replica.ts';
import type { LookPolicy, ResourceKind, TreatedLook } from './resource-kind.ts';

/** RDS's API also returns instances of Aurora, Neptune and DocumentDB. */
const namespaces = new Set(['AWS/RDS', 'AWS/DocDB', 'AWS/Neptune']);

/** Whether the alarm's dimension means a database of this kind; RDS's own events say it themselves. */
export const isDatabase = (
  { kind, evidence }: Parameters<ResourceKind['is']>[0],
  source: string,
  dimension: string,
  other: string,
): boolean => {
  if (kind === 'rds') return evidence.source === source;
  if (evidence.service === 'RDS') return true;
  const dimensions = evidence.dimensions ?? '';
  // A rule of the policy may give the same dimensions to metrics of a team's own.
  if (dimensions.includes(`${dimension}=`)) return true;
  return namespaces.has(evidence.namespace ?? '') && !dimensions.includes(`${other}=`);
};

/** The latest RDS event of the last hour; null if there is none. */
export const lastEvent = async (rds: RDSClient, SourceIdentifier: string, SourceType: SourceType): Promise<string | null> => {
  const [last] = await readRdsEvents(rds, SourceIdentifier, SourceType, hourMs);
  return last ? `last event at ${clockTime(last.at)}: ${last.message}` : null;
};

/** A change of the storage begins or is finished, by a person or by RDS: RDS-EVENT-0018, 0017, 0217 and 0218. */
const aboutStorage = /modification to allocated storage/i;

/** The storage of an instance, where the policy lets it grow. */
const storageOf = async (
  rds: RDSClient,
  found: DBInstance,
  id: string,
  limits: LookPolicy['databases']['storage'],
): Promise<{ storage?: StorageFacts }> => {
  if (!limits || found.DBClusterIdentifier !== undefined) return {};
  const { AllocatedStorage: allocated, PendingModifiedValues: pending = {} } = found;
  if (allocated === undefined) throw new DescribeLagError(`RDS didn't say how much storage ${id} has`);
  const last = (await readRdsEvents(rds, id, 'db-instance', storageApartMs)).find(({ message }) => aboutStorage.test(message));
  const { StorageType: type = 'unknown', Engine: engine = 'unknown', Iops: iops } = found;
  const { AllocatedStorage: wanted, ...others } = pending;
  return {
    storage: {
      allocated,
      next: grownTo(allocated, limits),
      wanted: wanted ?? null,
      growsTo: found.MaxAllocatedStorage ?? null,
      others: Object.entries(others).flatMap(([key, value]) => (value === undefined ? [] : [key])),
      changedAt: last?.at ?? null,
      iops: iopsToName({ type, engine, allocated, iops }),
    },
  };
};

/**
 * Reads what decides about an action on an instance; null if RDS has none with that name.
 * @throws whatever the SDK throws
 */
export const describeDatabase: TreatedLook = async (clients, { incident, now, policy }) => {
  const { id: named } = incident.resource;
  const rds = clients.of(RDSClient);
  try {
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: named }));
    const [found] = DBInstances ?? [];
    // RDS reports a missing instance with an error. An empty result is not an answer.
    if (!found) throw new DescribeLagError(`RDS returned an empty result for ${named}`);
    // RDS ignores the case of names, and leases don't.
    const id = found.DBInstanceIdentifier ?? named;
    return {
      database: {
        id,
        state: readDatabaseState(found.DBInstanceStatus),
        availabilityZone: found.AvailabilityZone ?? 'unknown',
        multiAz: found.MultiAZ === true,
        cluster: found.DBClusterIdentifier ?? null,
        pending: pendingOf(found),
        maintenanceWindow: found.PreferredMaintenanceWindow ?? null,
        ...(await storageOf(rds, found, id, policy.databases.storage)),
        ...(asksForReplicas(incident, policy, id) ? { replicas: await describeReplicas(clients, found, id, incident.key, now) } : {}),
        ...(incident.failure === 'replica-behind' ? { replica: await describeReplicaOf(clients, found, now) } : {}),
        tags: tagMap(found.TagList),
      },
    };
  } catch (error) {
    if (isNamed(error, 'DBInstanceNotFound', 'DBInstanceNotFoundFault')) return { database: null };
    throw error;
  }
};

/** An RDS instance. RDS has no time of its state; its events of the last hour may. */
export const rdsInstance: ResourceKind = {
  id: 'rds-instance',
  types: ['database'],
  noun: 'database instance',
  permissions: ['rds:DescribeDBInstances', 'rds:DescribeEvents', ...lagPermissions],
  notFound: ['DBInstanceNotFound'],
  is: (subject) => isDatabase(subject, 'db-instance', 'DBInstanceIdentifier', 'DBClusterIdentifier'),
  trailName: ({ resource }) => resource.id,
  causes: databaseCauses,
  observe: async (clients, subject, part, now) => {
    const { id } = subject.resource;
    const rds = clients.of(RDSClient);
    const [{ DBInstances }, event] = await Promise.all([
      rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })),
      part('its events', () => lastEvent(rds, id, 'db-instance')),
    ]);
    const found = DBInstances?.[0];
    if (!found) return null;
    const { Engine, EngineVersion, DBInstanceClass, AllocatedStorage, MultiAZ, AvailabilityZone, DBClusterIdentifier } = found;
    const replica = isAboutLag(subject) ? await part('its lag', () => describeReplicaOf(clients, found, now)) : null;
    const pending = pendingOf(found);
    const facts = [
      replica ? describeReplica(replica) : '',
      event ?? '',
      `${Engine} ${EngineVersion} on ${DBInstanceClass}, ${AllocatedStorage} GiB`,
      DBClusterIdentifier ? `member of cluster ${DBClusterIdentifier}` : MultiAZ ? 'Multi-AZ' : `in ${AvailabilityZone} alone`,
      pending.length > 0 ? `pending changes: ${pending.join(', ')}` : '',
    ];
    return {
      state: found.DBInstanceStatus ?? 'unknown',
      since: null,
      createdAt: found.InstanceCreateTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
