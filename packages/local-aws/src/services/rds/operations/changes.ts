import type * as Sdk from '@aws-sdk/client-rds';
import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Changes } from '../model/changes.ts';
import type { Clusters } from '../model/clusters.ts';
import { along, type Database, type Databases, isAurora, servesAt } from '../model/databases.ts';
import type { Engine } from '../model/engine.ts';
import { type Storage, tenthMore } from '../model/storage.ts';
import type { Asked } from './asked.ts';
import { iopsOf, type Shapes } from './shapes.ts';

const { storage: limits } = rdsParameters;
const hourMs = 3_600_000;

const combination = (message: string) => new AwsError('InvalidParameterCombination', message);
const state = (message: string) => new AwsError('InvalidDBInstanceState', message);

const tagsOf = (tags: readonly Sdk.Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** A name: letters, digits and single hyphens, a letter first. */
const identifier = /^[a-z](?:-?[a-z0-9]){0,62}$/i;
const invalid = (parameter: string): string =>
  `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, ` +
  'and hyphens; and must not end with a hyphen or contain two consecutive hyphens.';

/** A new instance's name. */
const newName = (databases: Databases, id = ''): string => {
  if (!identifier.test(id)) throw new AwsError('InvalidParameterValue', invalid('DBInstanceIdentifier'));
  if (databases.find('instance', id)) throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
  return id;
};

/** What changes databases. Where no page gives AWS's words, they are assumed. */
export const changeOperations = (
  world: World,
  databases: Databases,
  {
    asked,
    shapes,
    engine,
    storage,
    clusters,
    changes,
  }: {
    asked: Asked;
    shapes: Shapes;
    engine: Engine;
    storage: Storage;
    clusters: Clusters;
    changes: Changes;
  },
): Service['operations'] => {
  const { clock } = world;
  const letters = ['a', 'b', 'c'] as const;
  const zoneOf = (name: string | undefined) => letters.find((letter) => name === `${world.region}${letter}`);
  const total = () => databases.of('instance').reduce((sum, one) => sum + (isAurora(one) ? 0 : one.allocated.now), 0);
  const quota = (more: number): void => {
    if (total() + more > limits.quota)
      throw new AwsError('StorageQuotaExceeded', 'The request would cause you to exceed your quota for DB storage.');
  };
  const invalidSize = ({ engine: name, storageType }: Pick<Database, 'engine' | 'storageType'>, size: number) =>
    new AwsError('InvalidParameterValue', `Invalid storage size for engine name ${name} and storage type ${storageType}: ${size}`);

  /** The size that a change of the storage comes to: at least a tenth more, as ModifyDBInstance documents it. */
  const newSize = (database: Database, size: number, iops: number | undefined): number => {
    const { allocated, storageType } = database;
    if (isAurora(database)) throw combination('AllocatedStorage cannot be modified for a DB instance in an Aurora cluster.');
    // https://github.com/hashicorp/terraform-provider-aws/issues/12493
    const blocked = storage.blocked(database);
    if (blocked?.until !== undefined) {
      const hours = Math.ceil((blocked.until - clock.now()) / hourMs);
      throw combination(`You can't currently modify the storage of this DB instance. Try again after approximately ${hours} hours.`);
    }
    if (blocked)
      throw combination(
        "You can't currently modify the storage of this DB instance because the previous storage change is being optimized.",
      );
    if (size < allocated.now) throw invalidSize(database, size);
    const grown = Math.max(size, tenthMore(allocated.now));
    if (grown > limits.most) throw invalidSize(database, grown);
    // https://github.com/hashicorp/terraform-provider-aws/issues/33512, https://github.com/crossplane-contrib/provider-aws/issues/1630
    const chosen = storageType.startsWith('io') || (storageType === 'gp3' && allocated.now >= limits.gp3.from);
    if (chosen && iops === undefined)
      throw combination(
        'You must specify both the storage size and iops when modifying the storage size or iops on a DB instance that has iops.',
      );
    quota(grown - allocated.now);
    return grown;
  };

  const modify = (input: Sdk.ModifyDBInstanceCommandInput): { DBInstance: Sdk.DBInstance } => {
    const database = asked.one('instance', input.DBInstanceIdentifier);
    const { AllocatedStorage, MaxAllocatedStorage, Iops, DBInstanceClass, MultiAZ, ApplyImmediately = false } = input;
    if (!['available', 'storage-full', 'storage-optimization', 'incompatible-parameters'].includes(database.status.now))
      throw state(`Database instance is not in available state.`);
    if (Iops !== undefined && database.storageType === 'gp3' && database.allocated.now < limits.gp3.from)
      throw combination(
        `You can't specify IOPS or storage throughput for engine ${database.engine} and a storage size less than ${limits.gp3.from}.`,
      );
    if (Iops !== undefined && AllocatedStorage === undefined && Iops !== iopsOf(database))
      throw combination(
        'You must specify both the storage size and iops when modifying the storage size or iops on a DB instance that has iops.',
      );
    const isSame = AllocatedStorage === undefined || AllocatedStorage === database.allocated.now;
    const size = isSame ? undefined : newSize(database, AllocatedStorage, Iops);
    if (MaxAllocatedStorage !== undefined) {
      const current = size ?? database.allocated.now;
      if (MaxAllocatedStorage < current) throw combination('Max storage size must be greater than storage size');
      if (MaxAllocatedStorage !== current && MaxAllocatedStorage < tenthMore(current))
        throw combination('The maximum allocated storage must be increased by at least 10 percent.');
      // The same as what is allocated turns autoscaling off: USER_PIOPS.Autoscaling.
      database.maxAllocated = MaxAllocatedStorage === current ? undefined : MaxAllocatedStorage;
      storage.watch(database);
    }
    if (input.PreferredMaintenanceWindow !== undefined) database.maintenanceWindow = input.PreferredMaintenanceWindow;
    if (input.DeletionProtection !== undefined) database.protected = input.DeletionProtection;
    if (input.BackupRetentionPeriod === 0 && databases.below(database).length > 0)
      throw state(`Automated backups of DB instance ${database.id} can't be disabled while it has read replicas.`);
    if (input.BackupRetentionPeriod !== undefined) database.backupDays = input.BackupRetentionPeriod;
    if (input.DBParameterGroupName !== undefined && input.DBParameterGroupName !== database.parameters.group) {
      database.parameters = { ...database.parameters, group: input.DBParameterGroupName, status: 'pending-reboot' };
      databases.announce(database, '0011', input.DBParameterGroupName);
    }
    const pending: Sdk.PendingModifiedValues = {
      ...(size === undefined ? {} : { AllocatedStorage: size }),
      ...(DBInstanceClass === undefined || DBInstanceClass === database.class ? {} : { DBInstanceClass }),
      ...(MultiAZ === undefined || MultiAZ === database.multiAz ? {} : { MultiAZ }),
    };
    changes.modify(database, pending, ApplyImmediately);
    return { DBInstance: shapes.instance(database) };
  };

  const reboot = ({ DBInstanceIdentifier, ForceFailover = false }: Sdk.RebootDBInstanceCommandInput) => {
    const found = asked.one('instance', DBInstanceIdentifier);
    // An instance whose parameters don't let it start is rebooted once they are corrected.
    if (!['available', 'incompatible-parameters'].includes(found.status.now))
      throw state(`Database instance: ${found.id} is not in available state.`);
    if (ForceFailover && !found.multiAz)
      throw combination('ForceFailover cannot be specified since the instance is not configured for MultiAZ.');
    engine.reboot(found, ForceFailover);
    return { DBInstance: shapes.instance(found) };
  };

  const failOver = ({ DBClusterIdentifier, TargetDBInstanceIdentifier }: Sdk.FailoverDBClusterCommandInput) => {
    const cluster = asked.one('cluster', DBClusterIdentifier);
    if (cluster.status.now !== 'available')
      throw new AwsError('InvalidDBClusterStateFault', `DB cluster ${cluster.id} is not in available state.`);
    const target = TargetDBInstanceIdentifier === undefined ? undefined : asked.one('instance', TargetDBInstanceIdentifier);
    if (target && target.cluster !== cluster.id) throw state(`DB instance ${target.id} is not a member of the DB cluster ${cluster.id}.`);
    if (target?.writer.now) throw state(`DB instance ${target.id} is already the writer of the DB cluster ${cluster.id}.`);
    if (target && (target.status.now !== 'available' || !servesAt(target, clock.now())))
      throw state(`DB instance ${target.id} is not in available state.`);
    const chosen = target ?? clusters.bestReader(cluster);
    if (!chosen)
      throw new AwsError('InvalidDBClusterStateFault', `DB cluster ${cluster.id} has no DB instance that it could fail over to.`);
    clusters.failOver(cluster, chosen);
    return { DBCluster: shapes.cluster(cluster) };
  };

  const create = (input: Sdk.CreateDBInstanceCommandInput) => {
    const id = newName(databases, input.DBInstanceIdentifier);
    const { DBInstanceClass, Engine: engineName, DBClusterIdentifier, AllocatedStorage, MaxAllocatedStorage } = input;
    if (!DBInstanceClass)
      throw new AwsError('InvalidParameterValue', 'The parameter DBInstanceClass must be provided and must not be blank.');
    if (!engineName) throw new AwsError('InvalidParameterValue', 'The parameter Engine must be provided and must not be blank.');
    const cluster = DBClusterIdentifier === undefined ? undefined : asked.one('cluster', DBClusterIdentifier);
    if (cluster && cluster.engine !== engineName)
      throw combination(
        `The engine name requested for your DB instance (${engineName}) doesn't match the engine name of your DB cluster (${cluster.engine}).`,
      );
    if (cluster && !['available', 'creating'].includes(cluster.status.now))
      throw new AwsError('InvalidDBClusterStateFault', `DB cluster ${cluster.id} is not in available state.`);
    if (!cluster && AllocatedStorage === undefined)
      throw new AwsError('InvalidParameterValue', `Invalid storage size for engine name ${engineName} and storage type gp3: null`);
    if (MaxAllocatedStorage !== undefined && MaxAllocatedStorage <= (AllocatedStorage ?? 0))
      throw combination('Max storage size must be greater than storage size');
    if (!cluster) quota(AllocatedStorage ?? 0);
    const zone = zoneOf(input.AvailabilityZone);
    const created = changes.create(
      {
        id,
        kind: 'instance',
        engine: engineName,
        class: DBInstanceClass,
        tags: tagsOf(input.Tags),
        multiAz: input.MultiAZ ?? false,
        used: 1,
        protected: input.DeletionProtection ?? false,
        public: input.PubliclyAccessible ?? false,
        backupDays: input.BackupRetentionPeriod ?? 1,
        ...(cluster ? { cluster: cluster.id } : {}),
        ...(zone === undefined ? {} : { zone }),
        ...(AllocatedStorage === undefined ? {} : { allocated: AllocatedStorage }),
        ...(MaxAllocatedStorage === undefined ? {} : { maxAllocated: MaxAllocatedStorage }),
        ...(input.DBParameterGroupName === undefined ? {} : { parameterGroup: input.DBParameterGroupName }),
        ...(input.StorageType === undefined ? {} : { storageType: input.StorageType }),
        ...(input.PreferredMaintenanceWindow === undefined ? {} : { maintenanceWindow: input.PreferredMaintenanceWindow }),
      },
      cluster,
    );
    return { DBInstance: shapes.instance(created) };
  };

  const createReplica = (input: Sdk.CreateDBInstanceReadReplicaCommandInput) => {
    const id = newName(databases, input.DBInstanceIdentifier);
    const source = asked.one('instance', input.SourceDBInstanceIdentifier);
    if (isAurora(source)) throw state(`The source ${source.id} is in an Aurora DB cluster.`);
    if (!['available', 'storage-optimization'].includes(source.status.now))
      throw state(`DB instance ${source.id} is not in available state.`);
    if (source.backupDays === 0)
      throw state(
        'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
      );
    if (databases.below(source).length >= rdsParameters.mostReplicas)
      throw state(`DB instance ${source.id} already has ${rdsParameters.mostReplicas} read replicas.`);
    quota(source.allocated.now);
    const zone = zoneOf(input.AvailabilityZone);
    const created = changes.create(
      {
        id,
        kind: 'instance',
        engine: source.engine,
        class: input.DBInstanceClass ?? source.class,
        storageType: source.storageType,
        source: source.id,
        allocated: source.allocated.now,
        used: along(source.used.now, clock.now()),
        parameterGroup: input.DBParameterGroupName ?? source.parameters.group,
        public: input.PubliclyAccessible ?? false,
        protected: input.DeletionProtection ?? false,
        tags: tagsOf(input.Tags),
        multiAz: input.MultiAZ ?? false,
        ...(zone === undefined ? {} : { zone }),
      },
      undefined,
    );
    return { DBInstance: shapes.instance(created) };
  };

  const promote = ({ DBInstanceIdentifier }: Sdk.PromoteReadReplicaCommandInput) => {
    const found = asked.one('instance', DBInstanceIdentifier);
    if (found.source === undefined) throw state('DB Instance is not a read replica.');
    if (found.status.now !== 'available') throw state(`DB instance ${found.id} is not in available state.`);
    changes.promote(found);
    return { DBInstance: shapes.instance(found) };
  };

  const createCluster = (input: Sdk.CreateDBClusterCommandInput) => {
    const { DBClusterIdentifier: id = '', Engine: engineName } = input;
    if (!identifier.test(id)) throw new AwsError('InvalidParameterValue', invalid('DBClusterIdentifier'));
    if (databases.find('cluster', id)) throw new AwsError('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
    if (!engineName) throw new AwsError('InvalidParameterValue', 'The parameter Engine must be provided and must not be blank.');
    const created = changes.createCluster({
      ...{ id, kind: 'cluster', engine: engineName, tags: tagsOf(input.Tags), protected: input.DeletionProtection ?? false },
      ...(input.PreferredMaintenanceWindow === undefined ? {} : { maintenanceWindow: input.PreferredMaintenanceWindow }),
    });
    return { DBCluster: shapes.cluster(created) };
  };

  const removeCluster = (input: Sdk.DeleteDBClusterCommandInput) => {
    const found = asked.one('cluster', input.DBClusterIdentifier);
    const state = (message: string) => new AwsError('InvalidDBClusterStateFault', message);
    if (found.status.now === 'deleting') throw state(`DB cluster ${found.id} is already being deleted.`);
    if (found.protected) throw combination('Cannot delete protected Cluster, please disable deletion protection and try again.');
    if (databases.below(found).some(({ status }) => status.now !== 'deleting'))
      throw state('Cluster cannot be deleted, it still contains DB instances in non-deleting state.');
    if (!input.SkipFinalSnapshot && input.FinalDBSnapshotIdentifier === undefined)
      throw combination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
    changes.removeCluster(found);
    return { DBCluster: shapes.cluster(found) };
  };

  const remove = (input: Sdk.DeleteDBInstanceCommandInput) => {
    const found = asked.one('instance', input.DBInstanceIdentifier);
    const { SkipFinalSnapshot = false, FinalDBSnapshotIdentifier } = input;
    if (found.status.now === 'deleting') throw state(`Instance ${found.id} is already being deleted.`);
    if (['creating', 'modifying', 'rebooting'].includes(found.status.now))
      throw state(`Instance ${found.id} is currently ${found.status.now} - it cannot be deleted at this time.`);
    if (found.protected) throw combination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
    if (found.source !== undefined && FinalDBSnapshotIdentifier !== undefined)
      throw combination('FinalDBSnapshotIdentifier can not be specified when deleting a read replica.');
    const keeps = found.cluster === undefined && found.source === undefined;
    if (keeps && !SkipFinalSnapshot && FinalDBSnapshotIdentifier === undefined)
      throw combination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
    if (SkipFinalSnapshot && FinalDBSnapshotIdentifier !== undefined)
      throw combination('FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.');
    changes.remove(found);
    return { DBInstance: shapes.instance(found) };
  };

  return {
    ModifyDBInstance: operation<Sdk.ModifyDBInstanceCommandInput, Sdk.ModifyDBInstanceCommandOutput>(
      () => sdk.rds().ModifyDBInstance$,
      modify,
    ),
    RebootDBInstance: operation<Sdk.RebootDBInstanceCommandInput, Sdk.RebootDBInstanceCommandOutput>(
      () => sdk.rds().RebootDBInstance$,
      reboot,
    ),
    FailoverDBCluster: operation<Sdk.FailoverDBClusterCommandInput, Sdk.FailoverDBClusterCommandOutput>(
      () => sdk.rds().FailoverDBCluster$,
      failOver,
    ),
    CreateDBInstance: operation<Sdk.CreateDBInstanceCommandInput, Sdk.CreateDBInstanceCommandOutput>(
      () => sdk.rds().CreateDBInstance$,
      create,
    ),
    CreateDBInstanceReadReplica: operation<Sdk.CreateDBInstanceReadReplicaCommandInput, Sdk.CreateDBInstanceReadReplicaCommandOutput>(
      () => sdk.rds().CreateDBInstanceReadReplica$,
      createReplica,
    ),
    PromoteReadReplica: operation<Sdk.PromoteReadReplicaCommandInput, Sdk.PromoteReadReplicaCommandOutput>(
      () => sdk.rds().PromoteReadReplica$,
      promote,
    ),
    CreateDBCluster: operation<Sdk.CreateDBClusterCommandInput, Sdk.CreateDBClusterCommandOutput>(
      () => sdk.rds().CreateDBCluster$,
      createCluster,
    ),
    DeleteDBCluster: operation<Sdk.DeleteDBClusterCommandInput, Sdk.DeleteDBClusterCommandOutput>(
      () => sdk.rds().DeleteDBCluster$,
      removeCluster,
    ),
    DeleteDBInstance: operation<Sdk.DeleteDBInstanceCommandInput, Sdk.DeleteDBInstanceCommandOutput>(
      () => sdk.rds().DeleteDBInstance$,
      remove,
    ),
  };
};
