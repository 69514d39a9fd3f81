import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clients } from '../../shared/aws/clients.ts';

/** A queue at the far end of a topic or of the bus, where somebody looks into it. */
export type FarEnd = {
  /** The bodies of all messages that wait in it, in their order; they are gone from it then. */
  receive(): Promise<string[]>;
};

const queue = async (sqs: SQSClient, QueueName: string): Promise<FarEnd & { arn: string }> => {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return {
    arn: Attributes?.QueueArn ?? '',
    receive: async () => {
      const received: string[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return received;
        received.push(...Messages.map(({ Body }) => Body ?? ''));
        await sqs.send(
          new DeleteMessageBatchCommand({ QueueUrl, Entries: Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })) }),
        );
      }
    },
  };
};

/** What a topic's subscriber gets: the messages alone, out of SNS's envelopes. */
export const behindTopic = async (sqs: SQSClient, { sns }: Pick<Clients, 'sns'>, TopicArn: string): Promise<FarEnd> => {
  // A queue's name may have 80 characters, a topic's 256.
  const { arn, receive } = await queue(sqs, `${TopicArn.split(':').at(-1)?.slice(-60)}-to-people`);
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn }));
  return { receive: async () => (await receive()).map((body) => (JSON.parse(body) as { Message: string }).Message) };
};

/** What a rule on the bus gets of the events that match a pattern. */
export const behindRule = async (
  sqs: SQSClient,
  { eventBridge }: Pick<Clients, 'eventBridge'>,
  Name: string,
  pattern: object,
): Promise<FarEnd> => {
  const { arn, receive } = await queue(sqs, `${Name}-on-the-bus`);
  await eventBridge.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
  await eventBridge.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn: arn }] }));
  return { receive };
};
