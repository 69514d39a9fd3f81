import { GetMetricDataCommand, type GetMetricDataCommandOutput } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../aws/clients.ts';

/** A metric, with its statistic. */
export type MetricQuery = { namespace: string; metric: string; statistic: string; dimensions: Readonly<Record<string, string>> };
/** A value for each period that has one, by its start in milliseconds since the epoch. */
export type MetricValues = ReadonlyMap<number, number>;

/** CloudWatch takes at most so many queries at once. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const maxQueries = 500;

/**
 * Reads metrics by periods of so many seconds, in the order of the queries.
 * @throws whatever the SDK throws
 */
export const readMetrics = async (
  { cloudWatch }: Pick<Clients, 'cloudWatch'>,
  queries: readonly MetricQuery[],
  from: number,
  to: number,
  Period = 60,
): Promise<MetricValues[]> => {
  const MetricDataQueries = queries
    .slice(0, maxQueries)
    .map(({ namespace: Namespace, metric: MetricName, statistic: Stat, dimensions }, i) => ({
      Id: `m${i}`,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) },
        Period,
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
