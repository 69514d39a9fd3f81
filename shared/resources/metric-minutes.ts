import { GetMetricDataCommand, type GetMetricDataCommandOutput } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../aws/clients.ts';

/** A metric by the minute. */
export type MinuteQuery = { namespace: string; metric: string; statistic: string; dimensions: Readonly<Record<string, string>> };
/** A value for each minute that has one, by its start in milliseconds since the epoch. */
export type MinuteCounts = ReadonlyMap<number, number>;

/** CloudWatch takes at most so many queries at once. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
export const mostQueries = 500;

/**
 * Reads metrics by the minute, in the order of the queries.
 * @throws whatever the SDK throws
 */
export const readMinutes = async (
  { cloudWatch }: Pick<Clients, 'cloudWatch'>,
  queries: readonly MinuteQuery[],
  from: number,
  to: number,
): Promise<MinuteCounts[]> => {
  const MetricDataQueries = queries
    .slice(0, mostQueries)
    .map(({ namespace: Namespace, metric: MetricName, statistic: Stat, dimensions }, i) => ({
      Id: `m${i}`,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) },
        Period: 60,
        Stat,
      },
    }));
  const found = queries.map(() => new Map<number, number>());
  let NextToken: string | undefined;
  do {
    const page: GetMetricDataCommandOutput = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries,
        StartTime: new Date(from),
        EndTime: new Date(to),
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Id = '', Timestamps = [], Values = [] } of page.MetricDataResults ?? [])
      for (const [i, at] of Timestamps.entries()) found[Number(Id.slice(1))]?.set(at.getTime(), Values[i] ?? 0);
    ({ NextToken } = page);
  } while (NextToken);
  return found;
};
