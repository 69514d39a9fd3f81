import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { paginate } from './pages.ts';

/** Times in milliseconds since the epoch. */
export type PlacedSnapshot = { id: string; of: 'instance' | 'cluster'; database: string; createdAt: number; status?: string };
export type PlacedProxy = { name: string; createdAt: number; updatedAt?: number; status?: Sdk.DBProxyStatus };
/** `tasks` are told with their states, such as `CREATING_READ_REPLICA_OF_SOURCE: FAILED`. */
export type PlacedDeployment = {
  id: string;
  name: string;
  database: string;
  createdAt: number;
  status?: string;
  details?: string;
  tasks?: Readonly<Record<string, string>>;
};

type Out<Output> = Omit<Output, '$metadata'>;

/** What belongs to databases, as it is described: snapshots, proxies and blue/green deployments that a world has been given. */
export const createDescribed = (world: World) => {
  const snapshots = new Map<string, PlacedSnapshot>();
  const proxies = new Map<string, PlacedProxy>();
  const deployments = new Map<string, PlacedDeployment>();

  /** All, or the one that is named; throws what AWS says where there is none. */
  const asked = <Row>(
    rows: readonly Row[],
    id: string | undefined,
    idOf: (row: Row) => string,
    missing: (id: string) => AwsError,
  ): Row[] => {
    const found = rows.filter((row) => id === undefined || idOf(row) === id.toLowerCase());
    if (id !== undefined && found.length === 0) throw missing(id.slice(0, 100));
    return [...found];
  };
  const noFilters = (filters: readonly Sdk.Filter[] | undefined): void => {
    const [filter] = filters ?? [];
    if (filter) throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${String(filter.Name).slice(0, 100)}`);
  };
  const snapshotsOf = (of: PlacedSnapshot['of'], database: string | undefined): PlacedSnapshot[] =>
    [...snapshots.values()].filter((one) => one.of === of && (database === undefined || one.database === database.toLowerCase()));
  /** Those that RDS makes by itself have a colon in their names. */
  const made = (id: string): string => (id.includes(':') ? 'automated' : 'manual');
  const progress = (status: string): number => (status === 'creating' ? 40 : 100);

  const describeSnapshots = (input: Sdk.DescribeDBSnapshotsCommandInput): Out<Sdk.DescribeDBSnapshotsCommandOutput> => {
    noFilters(input.Filters);
    const missing = (id: string) => new AwsError('DBSnapshotNotFound', `DBSnapshot ${id} not found.`, 404);
    const rows = asked(snapshotsOf('instance', input.DBInstanceIdentifier), input.DBSnapshotIdentifier, ({ id }) => id, missing);
    const { page, next } = paginate(rows, input);
    return {
      DBSnapshots: page.map(({ id, database, createdAt, status = 'available' }) => ({
        DBSnapshotIdentifier: id,
        DBSnapshotArn: world.arn('rds', `snapshot:${id}`),
        DBInstanceIdentifier: database,
        SnapshotCreateTime: new Date(createdAt),
        SnapshotType: made(id),
        Status: status,
        PercentProgress: progress(status),
        AllocatedStorage: 100,
        Engine: 'postgres',
        EngineVersion: '17.4',
      })),
      ...next,
    };
  };

  const describeClusterSnapshots = (
    input: Sdk.DescribeDBClusterSnapshotsCommandInput,
  ): Out<Sdk.DescribeDBClusterSnapshotsCommandOutput> => {
    noFilters(input.Filters);
    const missing = (id: string) => new AwsError('DBClusterSnapshotNotFoundFault', `DBClusterSnapshot ${id} not found.`, 404);
    const rows = asked(snapshotsOf('cluster', input.DBClusterIdentifier), input.DBClusterSnapshotIdentifier, ({ id }) => id, missing);
    const { page, next } = paginate(rows, input);
    return {
      DBClusterSnapshots: page.map(({ id, database, createdAt, status = 'available' }) => ({
        DBClusterSnapshotIdentifier: id,
        DBClusterSnapshotArn: world.arn('rds', `cluster-snapshot:${id}`),
        DBClusterIdentifier: database,
        SnapshotCreateTime: new Date(createdAt),
        SnapshotType: made(id),
        Status: status,
        PercentProgress: progress(status),
        Engine: 'aurora-postgresql',
        EngineVersion: '17.4',
      })),
      ...next,
    };
  };

  const describeProxies = (input: Sdk.DescribeDBProxiesCommandInput): Out<Sdk.DescribeDBProxiesCommandOutput> => {
    noFilters(input.Filters);
    const missing = (id: string) => new AwsError('DBProxyNotFoundFault', `DBProxy ${id} not found.`, 404);
    const { page, next } = paginate(
      asked([...proxies.values()], input.DBProxyName, ({ name }) => name, missing),
      input,
    );
    return {
      DBProxies: page.map(({ name, createdAt, updatedAt = createdAt, status = 'available' }) => ({
        DBProxyName: name,
        DBProxyArn: world.arn('rds', `db-proxy:${name}`),
        Status: status,
        EngineFamily: 'POSTGRESQL',
        RequireTLS: true,
        CreatedDate: new Date(createdAt),
        UpdatedDate: new Date(updatedAt),
      })),
      ...next,
    };
  };

  const describeDeployments = (input: Sdk.DescribeBlueGreenDeploymentsCommandInput): Out<Sdk.DescribeBlueGreenDeploymentsCommandOutput> => {
    const names = (input.Filters ?? []).flatMap(({ Name, Values = [] }) => {
      if (Name !== 'blue-green-deployment-name') noFilters([{ Name, Values }]);
      return Values;
    });
    const missing = (id: string) => new AwsError('BlueGreenDeploymentNotFoundFault', `BlueGreenDeployment ${id} not found.`, 404);
    const rows = asked([...deployments.values()], input.BlueGreenDeploymentIdentifier, ({ id }) => id, missing);
    const { page, next } = paginate(
      rows.filter(({ name }) => names.length === 0 || names.includes(name)),
      input,
    );
    return {
      BlueGreenDeployments: page.map(({ id, name, database, createdAt, status = 'AVAILABLE', details, tasks = {} }) => ({
        BlueGreenDeploymentIdentifier: id,
        BlueGreenDeploymentName: name,
        Source: world.arn('rds', `db:${database}`),
        Target: world.arn('rds', `db:${database}-green`),
        Status: status,
        ...(details === undefined ? {} : { StatusDetails: details }),
        CreateTime: new Date(createdAt),
        Tasks: Object.entries(tasks).map(([Name, Status]) => ({ Name, Status })),
      })),
      ...next,
    };
  };

  const operations: Record<string, Operation> = {
    DescribeDBSnapshots: operation<Sdk.DescribeDBSnapshotsCommandInput, Sdk.DescribeDBSnapshotsCommandOutput>(
      () => sdk.rds().DescribeDBSnapshots$,
      describeSnapshots,
    ),
    DescribeDBClusterSnapshots: operation<Sdk.DescribeDBClusterSnapshotsCommandInput, Sdk.DescribeDBClusterSnapshotsCommandOutput>(
      () => sdk.rds().DescribeDBClusterSnapshots$,
      describeClusterSnapshots,
    ),
    DescribeDBProxies: operation<Sdk.DescribeDBProxiesCommandInput, Sdk.DescribeDBProxiesCommandOutput>(
      () => sdk.rds().DescribeDBProxies$,
      describeProxies,
    ),
    DescribeBlueGreenDeployments: operation<Sdk.DescribeBlueGreenDeploymentsCommandInput, Sdk.DescribeBlueGreenDeploymentsCommandOutput>(
      () => sdk.rds().DescribeBlueGreenDeployments$,
      describeDeployments,
    ),
  };

  return {
    operations,
    /** What is there already stays as it is. Names are stored in lower case, and found in any. */
    place: {
      snapshot: (placed: PlacedSnapshot): void => {
        const id = placed.id.toLowerCase();
        if (!snapshots.has(id)) snapshots.set(id, { ...placed, id });
      },
      proxy: (placed: PlacedProxy): void => {
        const name = placed.name.toLowerCase();
        if (!proxies.has(name)) proxies.set(name, { ...placed, name });
      },
      deployment: (placed: PlacedDeployment): void => {
        if (!deployments.has(placed.id)) deployments.set(placed.id, placed);
      },
    },
  };
};
