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
import type { Outcome } from '../../shared/model/outcome.ts';
import { detailTypes, source } from '../../shared/notifications/published.ts';
import { nameOf } from './deployed.ts';
import type { Surroundings } from './surroundings.ts';

/** A queue that receives from a topic or the bus. */
type FarEnd = {
  arn: string;
  /** Takes the bodies of all waiting messages, in order. */
  receive(): Promise<string[]>;
};

const queue = async (sqs: SQSClient, QueueName: string): Promise<FarEnd> => {
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

/** What the topics and the bus delivered, in order. */
export type Collected = {
  /** Outcomes as they were put on the bus. */
  outcomes: Outcome[];
  /** Messages to people, as JSON, from any topic. */
  messages: string[];
  /** Those of the messages that went to a topic of a route, by the topic's ARN. */
  routed: ReadonlyMap<string, string[]>;
  /** Messages to the chat, as JSON. */
  chats: string[];
  /** Requests for approval, as JSON. */
  approvals: string[];
};

export const nothingCollected = (routes: readonly string[]): Collected => ({
  ...{ outcomes: [], messages: [], chats: [], approvals: [] },
  routed: new Map(routes.map((arn) => [arn, []])),
});

/** Subscribes to whatever comes out, and gives back what fetches it into the lists. */
export const watchFarEnds = async (
  sqs: SQSClient,
  { sns, eventBridge }: Pick<Clients, 'sns' | 'eventBridge'>,
  { topics, routes }: Pick<Surroundings, 'topics' | 'routes'>,
  { outcomes, messages, routed, chats, approvals }: Collected,
  onOutcome: (outcome: Outcome) => void,
): Promise<() => Promise<void>> => {
  const ends: { receive: FarEnd['receive']; take: (body: string) => void }[] = [];
  /** The messages alone, out of SNS's envelopes. */
  const behindTopic = async (TopicArn: string, ...lists: (string[] | undefined)[]) => {
    // A queue's name may have 80 characters, a topic's 256.
    const { arn, receive } = await queue(sqs, `${TopicArn.split(':').at(-1)?.slice(-60)}-to-people`);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn }));
    const take = (body: string) => {
      for (const list of lists) list?.push((JSON.parse(body) as { Message: string }).Message);
    };
    ends.push({ receive, take });
  };
  await behindTopic(topics.approvals, approvals);
  await behindTopic(topics.outcomes, messages);
  await behindTopic(topics.chat, chats);
  for (const arn of routes) await behindTopic(arn, messages, routed.get(arn));
  const Name = nameOf('outcomes');
  const { arn: Arn, receive } = await queue(sqs, `${Name}-on-the-bus`);
  const pattern = { source: [source], 'detail-type': [...new Set(Object.values(detailTypes))] };
  await eventBridge.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
  await eventBridge.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn }] }));
  const take = (body: string) => {
    const { detail } = JSON.parse(body) as { detail: Outcome };
    outcomes.push(detail);
    onOutcome(detail);
  };
  ends.push({ receive, take });
  return async () => {
    for (const end of ends) for (const body of await end.receive()) end.take(body);
  };
};
