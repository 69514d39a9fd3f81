import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { errorName } from '../../../shared/model/errors.ts';
import { broken, brokenOr, type Check, counted } from '../check.ts';

/** The queues of infrastructure/queues.yml, and which function takes what is in them; '' where each message names its own target. */
const queues = { intake: 'intake', remediate: 'remediate:durable', watch: 'watch', alarm: 'intake', event: '' } as const;

export const letterPermissions = ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];

/** The URL of a queue and about how many messages are in it; null if there is no such queue. */
export const lettersIn = async (sqs: SQSClient, QueueName: string): Promise<{ url: string; count: number } | null> => {
  const { QueueUrl = null } = await sqs.send(new GetQueueUrlCommand({ QueueName })).catch((error: unknown) => {
    if (/NonExistentQueue|QueueDoesNotExist/.test(errorName(error))) return { QueueUrl: null };
    throw error;
  });
  if (QueueUrl === null) return null;
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
  return { url: QueueUrl, count: AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0) };
};

export const deadLetters: Check = {
  id: 'dead-letters',
  reads: 'how much is in the queues of what could not be delivered or treated',
  permissions: letterPermissions,
  look: async ({ sqs, nameOf, redeploy }) => {
    const found = [];
    for (const [part, to] of Object.entries(queues)) {
      const QueueName = nameOf(`${part}-dead-letters`);
      const letters = await lettersIn(sqs, QueueName);
      if (letters === null) {
        found.push(broken(`there is no queue ${QueueName}: what can't be delivered is lost`, redeploy));
        continue;
      }
      // SQS's own redrive refuses queues that Lambda, SNS and EventBridge fill.
      const redrive = `bash tools/redrive.sh ${QueueName}${to === '' ? '' : ` ${nameOf(to)}`}`;
      if (letters.count > 0) found.push(broken(`${counted(letters.count, 'message')} in ${QueueName}, not treated`, redrive));
    }
    return brokenOr(found, `${Object.keys(queues).length} queues, all empty`);
  },
};
