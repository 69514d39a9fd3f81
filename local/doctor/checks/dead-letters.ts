import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { errorName } from '../../../shared/model/errors.ts';
import { broken, brokenOr, type Check, counted } from '../check.ts';

/** The queues of infrastructure/queues.yml, and which function takes what is in them; '' where each message names its own target. */
const queues = { intake: 'intake', remediate: 'remediate:durable', watch: 'watch', alarm: 'intake', event: '' } as const;

export const deadLetters: Check = {
  id: 'dead-letters',
  reads: 'how much is in the queues of what could not be delivered or treated',
  permissions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
  look: async ({ sqs, nameOf, redeploy }) => {
    const found = [];
    for (const [part, to] of Object.entries(queues)) {
      const QueueName = nameOf(`${part}-dead-letters`);
      const { QueueUrl = null } = await sqs.send(new GetQueueUrlCommand({ QueueName })).catch((error: unknown) => {
        if (/NonExistentQueue|QueueDoesNotExist/.test(errorName(error))) return { QueueUrl: null };
        throw error;
      });
      if (QueueUrl === null) {
        found.push(broken(`there is no queue ${QueueName}: what can't be delivered is lost`, redeploy));
        continue;
      }
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const count = Number(Attributes.ApproximateNumberOfMessages ?? 0) + Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
      // SQS's own redrive refuses queues that Lambda, SNS and EventBridge fill.
      const redrive = `bash tools/redrive.sh ${QueueName}${to === '' ? '' : ` ${nameOf(to)}`}`;
      if (count > 0) found.push(broken(`${counted(count, 'message')} in ${QueueName}, not treated`, redrive));
    }
    return brokenOr(found, `${Object.keys(queues).length} queues, all empty`);
  },
};
