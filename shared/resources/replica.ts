import { type DBInstance, DescribeDBClustersCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { readDatabaseState } from '../aws/states.ts';
import { isNamed } from '../model/errors.ts';
import { type Lag, lagIn, lagLookBackMs, type ReplicaFacts } from '../model/replica.ts';
import { plainLine } from '../model/text.ts';
import { type MetricValues, readMetrics } from './read-metrics.ts';
import type { ResourceKind, TreatedLook } from './resource-kind.ts';

type Clients = Parameters<TreatedLook>[0];

/** IAM actions of reading lag. */
export const lagPermissions = ['cloudwatch:GetMetricData'] as const;

/** Whether an incident is about lag, so that a look reads it. */
export const isAboutLag = ({ evidence }: Pick<Parameters<ResourceKind['is']>[0], 'evidence'>): boolean =>
  evidence.namespace === 'AWS/RDS' && /ReplicaLag/.test(evidence.metric ?? '');

/**
 * Aurora has it in milliseconds, RDS in seconds.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
 */
export const readLag = async (clients: Clients, id: string, now: number): Promise<Lag> => {
  const of = (metric: string) => ({ namespace: 'AWS/RDS', metric, statistic: 'Maximum', dimensions: { DBInstanceIdentifier: id } });
  const none: MetricValues = new Map();
  const [ms = none, seconds = none] = await readMetrics(clients, [of('AuroraReplicaLag'), of('ReplicaLag')], now - lagLookBackMs, now);
  return lagIn(new Map([...[...ms].map(([at, value]) => [at, value < 0 ? value : value / 1000] as const), ...seconds]), now);
};

const stateOf = async (clients: Clients, id: string): Promise<ReplicaFacts['source']['state']> => {
  try {
    const { DBInstances } = await clients.of(RDSClient).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    return readDatabaseState(DBInstances?.[0]?.DBInstanceStatus);
  } catch (error) {
    if (isNamed(error, 'DBInstanceNotFound', 'DBInstanceNotFoundFault')) return 'gone';
    throw error;
  }
};

/**
 * Details are external input, and there are only some where something is wrong.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstanceStatusInfo.html
 */
const replicationOf = ({ StatusInfos = [] }: DBInstance): string | null => {
  const said = StatusInfos.filter(({ StatusType }) => StatusType === 'read replication').flatMap(({ Status, Message }) => {
    const words = [Status, Message].flatMap((text) => plainLine(text ?? '', 200) || []);
    return words.length === 0 ? [] : [words.join(': ')];
  });
  return said.length === 0 ? null : said.join('; ');
};

/**
 * What an instance replicates, and how far behind it is; null if it replicates nothing. A cluster's writer replicates nothing.
 * @throws whatever the SDK throws
 */
export const describeReplicaOf = async (clients: Clients, found: DBInstance, now: number): Promise<ReplicaFacts | null> => {
  const { DBInstanceIdentifier: id = '', DBClusterIdentifier, ReadReplicaSourceDBInstanceIdentifier: source } = found;
  if (DBClusterIdentifier !== undefined) {
    const { DBClusters } = await clients.of(RDSClient).send(new DescribeDBClustersCommand({ DBClusterIdentifier }));
    const members = DBClusters?.[0]?.DBClusterMembers ?? [];
    const own = members.find((one) => one.DBInstanceIdentifier === id);
    const writer = members.find((one) => one.IsClusterWriter)?.DBInstanceIdentifier;
    if (own?.IsClusterWriter !== false || writer === undefined) return null;
    return {
      source: { id: writer, state: await stateOf(clients, writer) },
      reader: true,
      lag: await readLag(clients, id, now),
      replication: null,
    };
  }
  if (source === undefined) return null;
  // One in another region is named by its ARN, and selfheal looks at none there.
  const isHere = !source.startsWith('arn:');
  return {
    source: { id: isHere ? source : source.slice(source.lastIndexOf(':') + 1), state: isHere ? await stateOf(clients, source) : 'unknown' },
    reader: false,
    lag: await readLag(clients, id, now),
    replication: replicationOf(found),
  };
};
