import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueueTagsCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { consumerOf, readConsumer } from '../model/consumer.ts';
import { isNamed } from '../model/errors.ts';
import type { MoveFacts, SourceQueueFacts } from '../model/snapshot.ts';
import { describeContainerService } from './container-service.ts';
import { DescribeLagError } from './describe-lag.ts';
import { disabledMappings } from './disabled-mappings.ts';
import { describeGroup } from './group.ts';
import type { ResourceKind, TreatedLook } from './resource-kind.ts';

/** SQS returns times in whole seconds. */
const timeOf = (seconds: string | undefined): number | null => (seconds === undefined ? null : Number(seconds) * 1000);

/** The name of its dead-letter queue, from the JSON of its redrive policy. */
const deadLettersIn = (text: string | undefined): string | null => {
  const [, arn] = /"deadLetterTargetArn"\s*:\s*"([^"]+)"/.exec(text ?? '') ?? [];
  return arn === undefined ? null : arn.slice(arn.lastIndexOf(':') + 1);
};

/** IAM actions of the look at a queue that may be acted upon: packaging grants them only where the policy names that. */
export const queueLookPermissions = ['sqs:ListQueueTags', 'sqs:ListDeadLetterSourceQueues', 'sqs:ListMessageMoveTasks'] as const;

/** The ARN of another queue of the same account and region. */
export const arnBeside = (arn: string, queue: string): string => `${arn.slice(0, arn.lastIndexOf(':') + 1)}${queue}`;

/** With more sources than this a person decides; the look stops behind it. */
export const maxSources = 10;

/** A number that SQS gives as text; null if it gives none. */
const numberOf = (text: string | undefined): number | null => (text === undefined || !/^\d+$/.test(text) ? null : Number(text));
const sumOf = (...counts: (number | null)[]): number | null =>
  counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);

const attributesOf = async (sqs: SQSClient, QueueUrl: string) => {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  if (!Attributes) throw new DescribeLagError(`SQS returned no attributes of ${QueueUrl}`);
  return Attributes;
};

const tagsOf = async (sqs: SQSClient, QueueUrl: string): Promise<Record<string, string>> =>
  (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags ?? {};

const sourcesOf = async (sqs: SQSClient, QueueUrl: string): Promise<SourceQueueFacts[]> => {
  const { queueUrls = [] } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl, MaxResults: maxSources + 1 }));
  return Promise.all(
    queueUrls.map(async (url) => {
      const [found, tags] = await Promise.all([attributesOf(sqs, url), tagsOf(sqs, url)]);
      const [, maxReceives] = /"maxReceiveCount"\s*:\s*"?(\d+)/.exec(found.RedrivePolicy ?? '') ?? [];
      if (maxReceives === undefined) throw new DescribeLagError(`the redrive policy of ${url} can't be read`);
      return {
        id: url.slice(url.lastIndexOf('/') + 1),
        tags,
        waiting: numberOf(found.ApproximateNumberOfMessages),
        maxReceives: Number(maxReceives),
        visibilitySeconds: numberOf(found.VisibilityTimeout) ?? 30,
      };
    }),
  );
};

/** docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html */
const activeMoves: ReadonlySet<string> = new Set(['RUNNING', 'CANCELLING']);
const movesOf = async (sqs: SQSClient, SourceArn: string): Promise<MoveFacts[]> => {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }));
  return Results.map(({ StartedTimestamp = 0, Status = '' }) => ({ startedAt: Number(StartedTimestamp), active: activeMoves.has(Status) }));
};

/**
 * Reads what decides about an action on a queue; null if SQS has none with that name. Queues of other services are none of ours.
 * @throws whatever the SDK throws
 */
export const describeQueue: TreatedLook = async (clients, input) => {
  const { incident, policy } = input;
  if (!sqsQueue.is(incident)) return {};
  const { id } = incident.resource;
  const sqs = clients.of(SQSClient);
  try {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: id }));
    const [found, tags, sources] = await Promise.all([
      attributesOf(sqs, QueueUrl),
      tagsOf(sqs, QueueUrl),
      policy.redrive ? sourcesOf(sqs, QueueUrl) : null,
    ]);
    const arn = found.QueueArn ?? '';
    const consumer = consumerOf(policy.consumers, id, tags);
    const named = readConsumer(consumer);
    const arns = [arn, ...(sources ?? []).map((one) => arnBeside(arn, one.id))];
    const [disabled, moves, group, service] = await Promise.all([
      Promise.all(arns.map((EventSourceArn) => disabledMappings(clients, { EventSourceArn }, input.now))),
      sources && sources.length > 0 ? movesOf(sqs, arn) : [],
      named?.kind === 'group' ? describeGroup(clients, named.name) : undefined,
      named?.kind === 'service' ? describeContainerService(clients, named, input) : undefined,
    ]);
    const counts = [
      found.ApproximateNumberOfMessages,
      found.ApproximateNumberOfMessagesNotVisible,
      found.ApproximateNumberOfMessagesDelayed,
    ];
    return {
      ...(disabled.flat().length > 0 ? { disabledMappings: disabled.flat() } : {}),
      ...(group === undefined ? {} : { group }),
      ...(service === undefined ? {} : { service }),
      queue: {
        id,
        arn,
        tags,
        fifo: found.FifoQueue === 'true',
        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sse-existing-queue.html
        ownKey: (found.KmsMasterKeyId ?? '') !== '' && found.KmsMasterKeyId !== 'alias/aws/sqs',
        messages: sumOf(...counts.map(numberOf)),
        consumer,
        sources,
        moves,
      },
    };
  } catch (error) {
    if (sqsQueue.notFound.some((name) => isNamed(error, name))) return { queue: null };
    throw error;
  }
};

/** An SQS queue and its messages. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const sqsQueue: ResourceKind = {
  id: 'sqs-queue',
  types: ['queue'],
  noun: 'SQS queue',
  permissions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  notFound: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'NonExistentQueue'],
  is: ({ evidence }) => evidence.namespace === 'AWS/SQS' || evidence.service === 'SQS',
  // By its URL, as in its calls: assumed.
  trailName: ({ resource: { id }, account, region, partition }) =>
    `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${id}`,
  observe: async (clients, { resource: { id } }) => {
    const sqs = clients.of(SQSClient);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: id }));
    const { Attributes: found } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    if (!found) return null;
    const count = (name: keyof typeof found) => found[name] ?? 'an unknown number of';
    const [created, modified] = [timeOf(found.CreatedTimestamp), timeOf(found.LastModifiedTimestamp)];
    const deadLetters = deadLettersIn(found.RedrivePolicy);
    return {
      state: `${count('ApproximateNumberOfMessages')} messages waiting`,
      since: null,
      createdAt: created,
      changed: modified !== null && modified !== created ? { what: 'settings changed', at: modified } : null,
      facts: [
        `${count('ApproximateNumberOfMessagesNotVisible')} in flight, ${count('ApproximateNumberOfMessagesDelayed')} delayed`,
        deadLetters === null ? 'no dead-letter queue' : `dead-letter queue ${deadLetters}`,
      ],
    };
  },
};
