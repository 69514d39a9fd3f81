import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ResourceKind } from './resource-kind.ts';

/** SQS tells times in whole seconds. */
const timeOf = (seconds: string | undefined): number | null => (seconds === undefined ? null : Number(seconds) * 1000);

/** Its dead-letter queue's name, out of the JSON in which SQS tells it. */
const deadLettersIn = (text: string | undefined): string | null => {
  const [, arn] = /"deadLetterTargetArn"\s*:\s*"([^"]+)"/.exec(text ?? '') ?? [];
  return arn === undefined ? null : arn.slice(arn.lastIndexOf(':') + 1);
};

/** A queue of SQS: what waits in it. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const sqsQueue: ResourceKind = {
  id: 'sqs-queue',
  types: ['queue'],
  noun: 'SQS queue',
  permissions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  notFound: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'NonExistentQueue'],
  is: ({ evidence }) => evidence.namespace === 'AWS/SQS' || evidence.service === 'SQS',
  // By its URL, which is how its calls name it: assumed.
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
