import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { readDatabaseState } from '../aws/states.ts';
import { readerName } from '../model/cluster-readers.ts';
import type { Incident } from '../model/incident.ts';
import type { ReplicasFacts } from '../model/instance-replicas.ts';
import { asksForReaders, readLately } from './cluster-readers.ts';
import type { LookPolicy, TreatedLook } from './resource-kind.ts';

/** Whether an incident is about load that a replica may take, and the policy names the instance. */
export const asksForReplicas = (
  incident: Pick<Incident, 'failure' | 'evidence'>,
  policy: Pick<LookPolicy, 'readers'>,
  id: string,
): boolean => asksForReaders(incident, policy) && policy.readers?.instances.includes(id) === true;

/** The zone with the fewest, of those that the subnet group has subnets in; null where RDS doesn't tell. */
const zoneFor = ({ DBSubnetGroup, AvailabilityZone }: DBInstance, replicas: readonly DBInstance[]): string | null => {
  const zones = (DBSubnetGroup?.Subnets ?? []).flatMap(({ SubnetAvailabilityZone, SubnetStatus }) =>
    SubnetStatus === 'Active' ? (SubnetAvailabilityZone?.Name ?? []) : [],
  );
  const taken = [AvailabilityZone, ...replicas.map((one) => one.AvailabilityZone)];
  const has = (zone: string) => taken.filter((one) => one === zone).length;
  return [...new Set(zones)].sort().sort((a, b) => has(a) - has(b))[0] ?? null;
};

/**
 * Reads what is asked of an instance, which replicas it has and how busy they are, and what another would be like.
 * @throws whatever the SDK throws
 */
export const describeReplicas = async (
  clients: Parameters<TreatedLook>[0],
  found: DBInstance,
  id: string,
  incident: string,
  now: number,
): Promise<ReplicasFacts> => {
  const own = readerName(id, incident);
  const { ReadReplicaDBInstanceIdentifiers: listed = [], ReadReplicaDBClusterIdentifiers: clusters = [] } = found;
  // One in another region is named by its ARN.
  const here = listed.filter((one) => !one.startsWith('arn:'));
  const { DBInstances = [] } = await clients
    .of(RDSClient)
    // A name that there is none of is no error in a filter; an instance has fewer replicas than a page.
    .send(new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-instance-id', Values: [...new Set([...here, own])] }] }));
  const replicas = DBInstances.filter((one) => one.ReadReplicaSourceDBInstanceIdentifier === id);
  const names = [...new Set([...here, ...replicas.flatMap(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? [])])];
  const of = (metric: string, name = id) => ({
    namespace: 'AWS/RDS',
    metric,
    statistic: 'Average',
    dimensions: { DBInstanceIdentifier: name },
  });
  const [cpu = null, reads = null, writes = null, connections = null, ...cpus] = await readLately(
    clients,
    [
      ...['CPUUtilization', 'ReadIOPS', 'WriteIOPS', 'DatabaseConnections'].map((metric) => of(metric)),
      ...names.map((name) => of('CPUUtilization', name)),
    ],
    now,
  );
  const stateOf = (name: string) => {
    const replica = replicas.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === name);
    return replica ? readDatabaseState(replica.DBInstanceStatus) : null;
  };
  return {
    engine: found.Engine ?? 'unknown',
    source: found.ReadReplicaSourceDBInstanceIdentifier ?? found.ReadReplicaSourceDBClusterIdentifier ?? null,
    backupDays: found.BackupRetentionPeriod ?? null,
    class: found.DBInstanceClass ?? null,
    public: found.PubliclyAccessible ?? null,
    zone: zoneFor(found, replicas),
    own: { id: own, madeBy: incident, state: stateOf(own) },
    // One that is listed and not described is in an unknown state.
    others: names.map((name, i) => ({ id: name, state: stateOf(name) ?? 'unknown', cpu: cpus[i] ?? null })),
    count: names.length + (listed.length - here.length) + clusters.length,
    load: { cpu, reads, writes, connections },
  };
};
