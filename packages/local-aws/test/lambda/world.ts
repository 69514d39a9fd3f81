import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { createLocalAws, type LocalAws } from '../../src/local-aws.ts';
import { localClients, worldOptions } from '../harness.ts';

export const { start } = worldOptions;
export const minute = 60_000;

/** A world, its clients, and what its functions are measured by. */
export const createFunctionWorld = (more: Partial<Parameters<typeof createLocalAws>[0]> = {}) => {
  const aws: LocalAws = createLocalAws({ ...worldOptions, throttle: 'off', ...more });
  const clients = localClients(aws.handle);
  return {
    aws,
    ...clients,
    /** A metric's values in each minute from the start on, oldest first; minutes without data are left out. */
    measured: async (MetricName: string, dimensions: Readonly<Record<string, string>>, Stat = 'Sum', Period = 60): Promise<number[]> => {
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
      const { MetricDataResults } = await clients.cloudWatch.send(
        new GetMetricDataCommand({
          MetricDataQueries: [{ Id: 'm', MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions }, Period, Stat } }],
          StartTime: new Date(start),
          EndTime: new Date(aws.world.clock.now()),
          ScanBy: 'TimestampAscending',
        }),
      );
      return MetricDataResults?.[0]?.Values ?? [];
    },
  };
};
