import { CreateQueueCommand, SendMessageBatchCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { duration } from '../../shared/model/duration.ts';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { name } from './values.ts';

/** What receives its messages and deletes those that it could process. */
const consumer = z
  .strictObject({
    /** Messages a second: of each member or task where it runs on a group or a service, else of all together. */
    rate: z.number().positive().max(10_000),
    group: name.optional(),
    /** A service of the fleet. */
    service: name.optional(),
    /** A function of the fleet, with or without an alias behind a colon. */
    function: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,31})?$/, 'must be a function such as shop, or shop:live')
      .optional(),
  })
  .refine(({ group, service, function: code }) => [group, service, code].filter((one) => one !== undefined).length <= 1, {
    error: 'runs on a group, a service or a function, and not on several',
  });

const queue = z.strictObject({
  /** The queue that gets what was received too often. */
  deadLetters: name.optional(),
  maxReceives: z.int().min(1).max(1000).default(3),
  /** How long a received message stays out of sight. */
  visibility: duration.default(30),
  /** Its name in AWS then ends in `.fifo`. */
  fifo: z.boolean().default(false),
  /** Messages that are there from the beginning. */
  messages: z.int().min(0).max(100_000).default(0),
  optedIn: z.boolean().default(true),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
  consumer: consumer.optional(),
  /** Sends messages; no consumer can ever process a share of them. */
  producer: z.strictObject({ perSecond: z.number().positive().max(10_000), poison: z.number().min(0).max(1).default(0) }).optional(),
});
export const queuesSchema = z.record(name, queue).default({});
type Queues = z.output<typeof queuesSchema>;

/** The name that a queue of the fleet has in AWS. */
export const queueName = (queues: Queues, own: string): string => (queues[own]?.fifo ? `${own}.fifo` : own);

const send = async (sqs: SQSClient, QueueUrl: string | undefined, count: number, fifo: boolean): Promise<void> => {
  for (let sent = 0; sent < count; sent += 10) {
    const Entries = Array.from({ length: Math.min(10, count - sent) }, (_, i) => ({
      Id: String(i),
      MessageBody: `{"order":${sent + i}}`,
      ...(fifo ? { MessageGroupId: `customer-${i}`, MessageDeduplicationId: `order-${sent + i}` } : {}),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
};

const workerOf = ({ group, service, function: code }: z.output<typeof consumer>, clusterOf: (service: string) => string) => {
  if (group !== undefined) return { group };
  if (service !== undefined) return { service: `${clusterOf(service)}/${service}` };
  return code === undefined ? undefined : { function: code };
};

/** Makes the fleet's queues, with what sends to them and consumes them; a dead-letter queue before those whose messages it gets. */
export const makeQueues = async ({ aws, operator }: Host, queues: Queues, clusterOf: (service: string) => string): Promise<void> => {
  const sqs = operator.of(SQSClient);
  const targets = new Set(Object.values(queues).map(({ deadLetters }) => deadLetters));
  const inOrder = Object.entries(queues).sort(([a], [b]) => Number(targets.has(b)) - Number(targets.has(a)));
  for (const [own, { deadLetters, maxReceives, visibility, fifo, messages, optedIn, tags, consumer: worker, producer }] of inOrder) {
    const QueueName = queueName(queues, own);
    const target = deadLetters === undefined ? undefined : aws.world.arn('sqs', queueName(queues, deadLetters));
    const Attributes = {
      VisibilityTimeout: String(visibility),
      ...(fifo ? { FifoQueue: 'true' } : {}),
      ...(target === undefined ? {} : { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: maxReceives }) }),
    };
    const allTags = { ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...tags };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes, tags: allTags }));
    await send(sqs, QueueUrl, messages, fifo);
    if (worker) aws.queues.consume(QueueName, { rate: worker.rate, on: workerOf(worker, clusterOf) });
    if (producer) aws.queues.send(QueueName, producer);
  }
};

/** As a person has dead letters moved back to where they came from. */
export const moveMessages = async ({ aws, operator }: Host, queue: string, perSecond: number | undefined): Promise<void> => {
  const rate = perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: perSecond };
  await operator.of(SQSClient).send(new StartMessageMoveTaskCommand({ SourceArn: aws.world.arn('sqs', queue), ...rate }));
};

/** How many messages are in a queue, whether they can be seen or not. */
export const messagesIn = ({ aws }: Host, QueueName: string): number => {
  const found = aws.queues.list().find((one) => one.name === QueueName);
  return found ? found.visible + found.notVisible + found.delayed : Number.NaN;
};
