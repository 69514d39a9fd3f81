import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ResourceKind } from './resource-kind.ts';

/** SQS returns times in whole seconds. */
const timeOf = (seconds: string | undefined): number | null => (seconds === undefined ? null : Number(seconds) * 1000);

/** The name of its dead-letter queue, from the JSON of its redrive policy. */
const deadLettersIn = (text: string | undefined): string | null => {
  const [, arn] = /"deadLetterTargetArn"\s*:\s*"([^"]+)"/.exec(text ?? '') ?? [];
  return arn === undefined ? null : arn.slice(arn.lastIndexOf(':') + 1);
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
