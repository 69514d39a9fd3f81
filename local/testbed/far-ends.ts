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
  /** Requests for approval, as JSON, to whichever approver. */
  approvals: string[];
};

export const nothingCollected = (routes: readonly string[]): Collected => ({
  ...{ outcomes: [], messages: [], chats: [], approvals: [] },
  routed: new Map(routes.map((arn) => [arn, []])),
});

/** Subscribes one queue to whatever comes out, and gives back what fetches it into the lists. */
export const watchFarEnds = async (
  sqs: SQSClient,
  { sns, eventBridge }: Pick<Clients, 'sns' | 'eventBridge'>,
  { topics, routes }: Pick<Surroundings, 'topics' | 'routes'>,
  { outcomes, messages, routed, chats, approvals }: Collected,
  onOutcome: (outcome: Outcome) => void,
): Promise<() => Promise<void>> => {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: nameOf('far-ends') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const queue = Attributes?.QueueArn ?? '';
  const behind = new Map<string, string[][]>([
    [topics.approvals, [approvals]],
    [topics.secondApprovals, [approvals]],
    [topics.outcomes, [messages]],
    [topics.chat, [chats]],
    ...routes.map((arn): [string, string[][]] => [arn, [messages, routed.get(arn) ?? []]]),
  ]);
  for (const TopicArn of behind.keys()) await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue }));
  const Name = nameOf('outcomes');
  const pattern = { source: [source], 'detail-type': [...new Set(Object.values(detailTypes))] };
  await eventBridge.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
  await eventBridge.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn: queue }] }));
  /** Topics send envelopes, the bus events. */
  const take = (body: string): void => {
    const { TopicArn, Message, detail } = JSON.parse(body) as { TopicArn?: string; Message: string; detail: Outcome };
    if (TopicArn !== undefined) {
      for (const list of behind.get(TopicArn) ?? []) list.push(Message);
      return;
    }
    outcomes.push(detail);
    onOutcome(detail);
  };
  return async () => {
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return;
      for (const { Body = '' } of Messages) take(Body);
      const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };
};
