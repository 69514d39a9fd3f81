import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { readDatabaseState } from '../aws/states.ts';
import { type ReadersFacts, readerName } from '../model/cluster-readers.ts';
import { minuteMs } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { type MetricQuery, readMetrics } from './read-metrics.ts';
import type { LookPolicy, TreatedLook } from './resource-kind.ts';

/** What the look needs beyond RDS. It takes no resource. */
export const readersPermissions = ['application-autoscaling:DescribeScalableTargets', 'cloudwatch:GetMetricData'] as const;

/** Whether an incident is about load that another reader may take, and the policy names that. */
export const asksForReaders = (
  { failure, evidence }: Pick<Incident, 'failure' | 'evidence'>,
  { readers }: Pick<LookPolicy, 'readers'>,
): boolean => readers !== undefined && failure === 'load-saturated' && evidence.namespace === 'AWS/RDS';

/** Metrics are averaged over so many of the newest values of the last minutes, all of which have to be there: they come by the minute, and up to two later. */
const lookBack = 7;
const newest = 3;

/**
 * How much there has been of each in the last minutes, in the order of the queries; null where a value is missing.
 * @throws whatever the SDK throws
 */
export const readLately = async (
  clients: Parameters<TreatedLook>[0],
  queries: readonly MetricQuery[],
  now: number,
): Promise<(number | null)[]> => {
  if (queries.length === 0) return [];
  return (await readMetrics(clients, queries, now - lookBack * minuteMs, now)).map((values) => {
    const last = [...values].toSorted(([a], [b]) => a - b).slice(-newest);
    return last.length < newest ? null : last.reduce((sum, [, one]) => sum + one, 0) / newest;
  });
};

/** Aurora Auto Scaling is a scalable target. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html */
const isScaled = async (clients: Parameters<TreatedLook>[0], cluster: string): Promise<boolean> => {
  const { ScalableTargets = [] } = await clients.of(ApplicationAutoScalingClient).send(
    new DescribeScalableTargetsCommand({
      ServiceNamespace: 'rds',
      ResourceIds: [`cluster:${cluster}`],
      ScalableDimension: 'rds:cluster:ReadReplicaCount',
    }),
  );
  return ScalableTargets.length > 0;
};

/**
 * Reads how busy the members of a cluster are, what a further reader would be like, and who else sees to how many there are.
 * @throws whatever the SDK throws
 */
export const describeReaders = async (
  clients: Parameters<TreatedLook>[0],
  { DBClusterIdentifier: cluster = '', DBClusterMembers = [], Engine: engine = 'unknown' }: DBCluster,
  instances: readonly DBInstance[],
  incident: string,
  now: number,
): Promise<ReadersFacts> => {
  const ids = instances.flatMap(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? []);
  const queries = ids.map((DBInstanceIdentifier) => ({
    namespace: 'AWS/RDS',
    metric: 'CPUUtilization',
    statistic: 'Average',
    dimensions: { DBInstanceIdentifier },
  }));
  const [values, scaled] = await Promise.all([readLately(clients, queries, now), isScaled(clients, cluster)]);
  const seen = ids.map((id, i) => ({
    id,
    cpu: values[i] ?? null,
    state: readDatabaseState(instances.find((one) => one.DBInstanceIdentifier === id)?.DBInstanceStatus),
  }));
  const writer = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
  const own = readerName(cluster, incident);
  // Another reader rather than the writer.
  const [model] = instances.toSorted((a, b) => Number(a.DBInstanceIdentifier === writer) - Number(b.DBInstanceIdentifier === writer));
  return {
    engine,
    like:
      model?.DBInstanceClass === undefined
        ? null
        : {
            class: model.DBInstanceClass,
            parameterGroup: model.DBParameterGroups?.[0]?.DBParameterGroupName ?? null,
            public: model.PubliclyAccessible ?? null,
          },
    own: { id: own, madeBy: incident, state: seen.find(({ id }) => id === own)?.state ?? null },
    writer: seen.find(({ id }) => id === writer) ?? null,
    others: seen.filter(({ id }) => id !== writer),
    scaled,
  };
};
