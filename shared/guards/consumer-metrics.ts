import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { Clients } from '../aws/clients.ts';
import type { ConsumerEvidence, Series } from '../model/consumer-evidence.ts';
import { minuteMs } from '../model/duration.ts';
import { type MetricQuery, readMetrics } from '../resources/read-metrics.ts';

/** IAM actions of these look-ups, which packaging grants only where the policy names what may be done to queues. */
export const consumerMetricsPermissions = ['cloudwatch:GetMetricData', 'lambda:ListEventSourceMappings'] as const;

/** Several metrics by the minute, from `minutes` ago on, each oldest first. */
const readSeries = async (clients: Clients, metrics: readonly MetricQuery[], now: number, minutes: number): Promise<Series[]> => {
  // Whole minutes; the last one may not have come yet.
  const end = Math.floor(now / minuteMs) * minuteMs;
  const found = await readMetrics(clients, metrics, end - minutes * minuteMs, end);
  return found.map((values) => [...values].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at));
};

const ofQueue = (queue: string, metric: string, statistic: 'Sum' | 'Maximum' = 'Sum'): MetricQuery => ({
  namespace: 'AWS/SQS',
  metric,
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

const ofFunction = ({ name, qualifier }: Mapped, metric: string): MetricQuery => ({
  namespace: 'AWS/Lambda',
  metric,
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
    const functions = (mapped[i] ?? []).map(({ name, qualifier, enabled }) => ({
      ...{ name, qualifier: qualifier ?? null, enabled },
      invocations: next(),
      errors: next(),
    }));
    return { queue, named, received, deleted, functions };
  });
  return { consumers, dead: next() };
};
