import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { Clients } from '../aws/clients.ts';
import type { ConsumerEvidence, Series } from '../model/consumer-evidence.ts';
import { minuteMs } from '../model/duration.ts';

/** IAM actions of these look-ups, which packaging grants only where the policy names what may be done to queues. */
export const consumerMetricsPermissions = ['cloudwatch:GetMetricData', 'lambda:ListEventSourceMappings'] as const;

type Metric = { namespace: string; name: string; statistic: 'Sum' | 'Maximum'; dimensions: Readonly<Record<string, string>> };

/** Several metrics by the minute, from `minutes` ago on. */
const readSeries = async ({ cloudWatch }: Clients, metrics: readonly Metric[], now: number, minutes: number): Promise<Series[]> => {
  // Whole minutes; the last one may not have come yet.
  const end = Math.floor(now / minuteMs) * minuteMs;
  const queries = metrics.map(
    ({ namespace, name, statistic, dimensions }, i): MetricDataQuery => ({
      Id: `m${i}`,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: 60,
        Stat: statistic,
      },
    }),
  );
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(end - minutes * minuteMs),
      EndTime: new Date(end),
      ScanBy: 'TimestampAscending',
    }),
  );
  return metrics.map((_, i) => {
    const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === `m${i}`) ?? {};
    return Timestamps.map((at, n) => ({ at: at.getTime(), value: Values[n] ?? 0 }));
  });
};

const ofQueue = (queue: string, name: string, statistic: Metric['statistic'] = 'Sum'): Metric => ({
  namespace: 'AWS/SQS',
  name,
  statistic,
  dimensions: { QueueName: queue },
});

type Mapped = { name: string; qualifier: string | undefined; enabled: boolean };

/** Functions that Lambda invokes with the messages of a queue. */
const functionsOf = async (clients: Clients, EventSourceArn: string): Promise<Mapped[]> => {
  const { EventSourceMappings = [] } = await clients.of(LambdaClient).send(new ListEventSourceMappingsCommand({ EventSourceArn }));
  return EventSourceMappings.map(({ FunctionArn = '', State }) => {
    const [name = '', qualifier] = FunctionArn.split(':').slice(6);
    return { name, qualifier, enabled: State === 'Enabled' };
  });
};

const ofFunction = ({ name, qualifier }: Mapped, metric: string): Metric => ({
  namespace: 'AWS/Lambda',
  name: metric,
  statistic: 'Sum',
  dimensions: { FunctionName: name, ...(qualifier === undefined ? {} : { Resource: `${name}:${qualifier}` }) },
});

export type Asked = { queue: string; arn: string; named: string | null };

/**
 * What is known of the consumers of queues from the last minutes, and of the messages in a queue that gets what they can't process.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const readConsumers = async (
  clients: Clients,
  asked: readonly Asked[],
  { dead, now, minutes }: { dead: string | null; now: number; minutes: number },
): Promise<{ consumers: ConsumerEvidence[]; dead: Series }> => {
  const mapped = await Promise.all(asked.map(({ arn, named }) => (named === null ? functionsOf(clients, arn) : [])));
  const metrics = asked.flatMap(({ queue }, i) => [
    ofQueue(queue, 'NumberOfMessagesReceived'),
    ofQueue(queue, 'NumberOfMessagesDeleted'),
    ...(mapped[i] ?? []).flatMap((one) => [ofFunction(one, 'Invocations'), ofFunction(one, 'Errors')]),
  ]);
  const deaths = dead === null ? [] : [ofQueue(dead, 'ApproximateNumberOfMessagesVisible', 'Maximum')];
  const series = await readSeries(clients, [...metrics, ...deaths], now, minutes);
  const next = () => series.shift() ?? [];
  const consumers = asked.map(({ queue, named }, i): ConsumerEvidence => {
    const [received, deleted] = [next(), next()];
    const functions = (mapped[i] ?? []).map(({ name, enabled }) => ({ name, enabled, invocations: next(), errors: next() }));
    return { queue, named, received, deleted, functions };
  });
  return { consumers, dead: next() };
};
