import { GetMetricDataCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type MessageSystemAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, worldOptions } from '../harness.ts';

const { start, account, region } = worldOptions;
export const arnOf = (name: string) => `arn:aws:sqs:${region}:${account}:${name}`;
export const redrivePolicy = (deadLetters: string, maxReceiveCount = 2) =>
  JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount });

/** A world with SDK clients and a few words for what queues are asked. */
export const setUp = () => {
  const aws = createLocalAws(worldOptions);
  const { sqs, cloudWatch } = localClients(aws.handle);
  const urlOf = (name: string) => `http://localhost/${account}/${name}`;
  const all: MessageSystemAttributeName[] = ['All'];
  return {
    aws,
    sqs,
    cloudWatch,
    urlOf,
    queue: async (QueueName: string, Attributes: Record<string, string> = {}) =>
      (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl,
    /** Moves the clock. */
    pass: (seconds: number) => aws.advanceTo(aws.world.clock.now() + seconds * 1000),
    send: async (name: string, bodies: readonly string[], more = {}) => {
      for (let i = 0; i < bodies.length; i += 10) {
        const Entries = bodies.slice(i, i + 10).map((MessageBody, n) => ({ Id: `${n}`, MessageBody, ...more }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf(name), Entries }));
      }
    },
    receive: async (name: string, MaxNumberOfMessages = 10) =>
      (
        await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: urlOf(name),
            MaxNumberOfMessages,
            MessageSystemAttributeNames: all,
            MessageAttributeNames: ['All'],
          }),
        )
      ).Messages ?? [],
    /** Visible, and in flight. */
    sizes: async (name: string): Promise<number[]> => {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }));
      return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible].map(Number);
    },
    /** A metric's datapoints by the minute since the world began. */
    metric: async (QueueName: string, MetricName: string, Stat = 'Maximum'): Promise<number[]> => {
      const Metric = { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: QueueName }] };
      const { MetricDataResults } = await cloudWatch.send(
        new GetMetricDataCommand({
          MetricDataQueries: [{ Id: 'one', MetricStat: { Metric, Period: 60, Stat } }],
          StartTime: new Date(start),
          EndTime: new Date(aws.world.clock.now()),
          ScanBy: 'TimestampAscending',
        }),
      );
      return MetricDataResults?.[0]?.Values ?? [];
    },
    alarm: (AlarmName: string, QueueName: string, MetricName: string, Threshold: number) =>
      cloudWatch.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace: 'AWS/SQS',
          MetricName,
          Dimensions: [{ Name: 'QueueName', Value: QueueName }],
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      ),
  };
};
export type Setting = ReturnType<typeof setUp>;
