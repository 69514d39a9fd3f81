import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeDBClustersCommand, DescribeDBInstancesCommand, DescribeEventsCommand, RDSClient } from '@aws-sdk/client-rds';
import type { EventBridgeEvent } from '../../src/core/world.ts';
import { createLocalAws } from '../../src/local-aws.ts';
import { inProcess } from '../../src/wire/in-process-transport.ts';
import { localClients, worldOptions } from '../harness.ts';

export const { start, region } = worldOptions;
export const minute = 60_000;
export const hour = 60 * minute;

/** A world with databases, looked at through the SDK. */
export const rdsWorld = () => {
  const aws = createLocalAws(worldOptions);
  const clientOf = (handle: typeof aws.handle) =>
    new RDSClient({
      region,
      credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' },
      maxAttempts: 1,
      requestHandler: inProcess(handle),
    } as never);
  const rds = clientOf(aws.handle);
  const { cloudWatch } = localClients(aws.handle);
  const now = () => aws.world.clock.now();
  const sent: EventBridgeEvent[] = [];
  const { putEvent } = aws.world;
  aws.world.putEvent = (event) => {
    putEvent(event);
    const last = aws.world.outbox.at(-1);
    if (last?.to === 'eventbridge') sent.push(last.event);
  };

  return {
    aws,
    rds,
    now,
    /** A client for waiters: two minutes pass with every question. */
    waiting: {
      client: clientOf(async (request) => {
        await aws.advanceTo(now() + 2 * minute);
        return aws.handle(request);
      }),
      minDelay: 0.001,
      maxDelay: 0.001,
      maxWaitTime: 60,
    },
    pass: (milliseconds: number) => aws.advanceTo(now() + milliseconds),
    instance: async (DBInstanceIdentifier: string) => {
      const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
      return DBInstances?.[0] ?? {};
    },
    instances: async () => (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [],
    cluster: async (DBClusterIdentifier: string) => {
      const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier }));
      const found = DBClusters?.[0] ?? {};
      const members = found.DBClusterMembers ?? [];
      return { ...found, writers: members.filter((one) => one.IsClusterWriter).map((one) => one.DBInstanceIdentifier) };
    },
    /** An Aurora cluster with a writer in zone a, and readers in the others. */
    placeCluster: (id: string, readers = 2) => {
      aws.rds.place({ id, kind: 'cluster' });
      aws.rds.place({ id: `${id}-0`, kind: 'instance', cluster: id, writer: true, zone: 'a' });
      for (let i = 1; i <= readers; i++) aws.rds.place({ id: `${id}-${i}`, kind: 'instance', cluster: id, zone: i % 2 === 1 ? 'b' : 'c' });
    },
    /** Its events, as both ways tell of them: the numbers from EventBridge, the words from DescribeEvents. */
    events: async (SourceIdentifier: string, SourceType: 'db-instance' | 'db-cluster' = 'db-instance') => {
      const { Events } = await rds.send(new DescribeEventsCommand({ SourceIdentifier, SourceType, Duration: 14 * 24 * 60 }));
      return Events?.map(({ Message }) => Message) ?? [];
    },
    numbers: (id: string): string[] =>
      sent.filter(({ detail }) => detail.SourceIdentifier === id).map(({ detail }) => String(detail.EventID).replace('RDS-EVENT-', '')),
    /** The newest values of a metric, oldest first. */
    metric: async (MetricName: string, dimensions: Record<string, string>, { minutes = 5, Stat = 'Average' } = {}) => {
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
      const MetricStat = { Metric: { Namespace: 'AWS/RDS', MetricName, Dimensions }, Period: 60, Stat };
      const { MetricDataResults } = await cloudWatch.send(
        new GetMetricDataCommand({
          MetricDataQueries: [{ Id: 'asked', MetricStat }],
          StartTime: new Date(now() - minutes * minute),
          EndTime: new Date(now()),
          ScanBy: 'TimestampAscending',
        }),
      );
      return MetricDataResults?.[0]?.Values ?? [];
    },
  };
};
export type RdsWorld = ReturnType<typeof rdsWorld>;
