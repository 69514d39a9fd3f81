import type * as Sdk from '@aws-sdk/client-rds';
import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { type Database, type Databases, isAurora, zoneLetters } from '../model/databases.ts';
import { tagList } from './tags.ts';

const { gp3 } = rdsParameters.storage;

const versionOf = (engine: string): string =>
  engine === 'mysql' ? '8.4.5' : engine === 'aurora-mysql' ? '8.0.mysql_aurora.3.08.2' : '17.4';

/** IOPS as they are told: those below 400 GiB of gp3 are told, too, although they can't be chosen. */
export const iopsOf = ({ storageType, allocated }: Pick<Database, 'storageType' | 'allocated'>): number | undefined => {
  if (storageType === 'gp3') return allocated.now >= gp3.from ? gp3.iops : gp3.below;
  return storageType.startsWith('io') ? gp3.below : undefined;
};

/** Databases in the shape in which calls tell of them. */
export const createShapes = (world: World, { below }: Databases) => {
  const account = 'c9akciq32rgh';
  const host = (name: string, kind = '') => `${name}.${kind}${account}.${world.region}.rds.amazonaws.com`;
  const zoneName = (zone: number) => `${world.region}${zoneLetters[zone]}`;
  const port = (engine: string) => (engine.includes('mysql') ? 3306 : 5432);
  /** The names stay where they are: a failover changes whom they lead to. */
  const endpoints = ({ id }: Database) => ({ writer: host(id, 'cluster-'), reader: host(id, 'cluster-ro-') });
  const lagOf = ({ lag, status }: Database): string =>
    lag.now.state === 'stopped' || status.now !== 'available' ? 'error' : 'replicating';

  /** "Details of the error if there is an error": DBInstanceStatusInfo. In words that are assumed. */
  const whyNot = ({ lag }: Database): Pick<Sdk.DBInstanceStatusInfo, 'Message'> =>
    lag.now.state === 'stopped' ? { Message: 'Replication has been stopped by an error of the SQL thread' } : {};

  const instance = (database: Database): Sdk.DBInstance => {
    const { id, engine, cluster, source, multiAz, zone, status } = database;
    const iops = isAurora(database) ? undefined : iopsOf(database);
    const replicas = below(database).filter((one) => one.status.now !== 'deleting');
    const replication = source === undefined ? undefined : lagOf(database);
    return {
      DBInstanceIdentifier: id,
      DBInstanceArn: world.arn('rds', `db:${id}`),
      DBInstanceClass: database.class,
      DBInstanceStatus: status.now,
      Engine: engine,
      EngineVersion: versionOf(engine),
      // Aurora's storage is the cluster's.
      AllocatedStorage: isAurora(database) ? 1 : database.allocated.now,
      ...(iops === undefined ? {} : { Iops: iops }),
      ...(database.maxAllocated === undefined ? {} : { MaxAllocatedStorage: database.maxAllocated }),
      InstanceCreateTime: new Date(database.createdAt),
      AvailabilityZone: zoneName(zone),
      MultiAZ: multiAz,
      ...(multiAz ? { SecondaryAvailabilityZone: zoneName(zone === 0 ? 1 : 0) } : {}),
      ...(status.now === 'creating' ? {} : { Endpoint: { Address: host(id), Port: port(engine) } }),
      PreferredMaintenanceWindow: database.maintenanceWindow,
      BackupRetentionPeriod: database.backupDays,
      PubliclyAccessible: database.public,
      DBSubnetGroup: {
        DBSubnetGroupName: 'default',
        SubnetGroupStatus: 'Complete',
        Subnets: zoneLetters.map((_, i) => ({ SubnetAvailabilityZone: { Name: zoneName(i) }, SubnetStatus: 'Active' })),
      },
      // It is at most five minutes old: USER_PIT.
      ...(cluster === undefined ? { LatestRestorableTime: new Date(world.clock.now() - 5 * 60_000) } : {}),
      StorageType: isAurora(database) ? 'aurora' : database.storageType,
      DBParameterGroups: [{ DBParameterGroupName: database.parameters.group, ParameterApplyStatus: database.parameters.status }],
      DeletionProtection: database.protected,
      ...(cluster === undefined ? {} : { DBClusterIdentifier: cluster, PromotionTier: 1 }),
      ...(source === undefined ? {} : { ReadReplicaSourceDBInstanceIdentifier: source }),
      ReadReplicaDBInstanceIdentifiers: replicas.map((one) => one.id),
      ...(replication === undefined
        ? {}
        : {
            StatusInfos: [
              { StatusType: 'read replication', Normal: replication === 'replicating', Status: replication, ...whyNot(database) },
            ],
          }),
      PendingModifiedValues: database.pending ?? {},
      TagList: tagList(database.tags),
    };
  };

  const cluster = (database: Database): Sdk.DBCluster => {
    const { id, engine } = database;
    const members = below(database);
    return {
      DBClusterIdentifier: id,
      DBClusterArn: world.arn('rds', `cluster:${id}`),
      Status: database.status.now,
      Engine: engine,
      EngineVersion: versionOf(engine),
      ClusterCreateTime: new Date(database.createdAt),
      AvailabilityZones: zoneLetters.map((_, zone) => zoneName(zone)),
      MultiAZ: new Set(members.map(({ zone }) => zone)).size > 1,
      Endpoint: endpoints(database).writer,
      ReaderEndpoint: endpoints(database).reader,
      Port: port(engine),
      PreferredMaintenanceWindow: database.maintenanceWindow,
      DeletionProtection: database.protected,
      TagList: tagList(database.tags),
      DBClusterMembers: members.map((member) => ({
        DBInstanceIdentifier: member.id,
        IsClusterWriter: member.writer.now,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: 1,
      })),
    };
  };

  return { instance, cluster, endpoints };
};
export type Shapes = ReturnType<typeof createShapes>;
