import { GetTopicAttributesCommand, PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import { attempt } from '../../aws/call.ts';
import { interimSms, interimSubject, interimText, publishedInterim } from '../interim.ts';
import { smsOf, subjectOf, textOf } from '../message.ts';
import { published } from '../published.ts';
import { publishedQuestion, questionSms, questionSubject, questionText } from '../question.ts';
import { topicOf } from '../route.ts';
import { interimAttributes, outcomeAttributes, questionAttributes } from './attributes.ts';
import type { ChannelModule } from './channel.ts';
import { shortened } from './outcome.ts';

type Message = Pick<PublishCommandInput, 'TopicArn' | 'Subject' | 'MessageAttributes'> & {
  /** What machines subscribe for: every protocol without a text of its own gets it as JSON. */
  data: object;
  email: string;
  sms: string;
};

const publish = async (sns: Pick<SNSClient, 'send'>, { data, email, sms, ...rest }: Message): Promise<void> => {
  const Message = JSON.stringify({ default: JSON.stringify(data), email, sms });
  await sns.send(new PublishCommand({ ...rest, MessageStructure: 'json', Message }));
};

/** A question that reaches nobody is not asked: whoever waited for its answer would wait in vain. */
class NobodyToAsk extends Error {
  override readonly name = 'NobodyToAsk';
  /** As of an answer that AWS would refuse again. */
  readonly $metadata = { httpStatusCode: 400 };
}

/** Mail and text messages, by topics; queues, functions and webhooks that subscribe to these get JSON. */
export const people: ChannelModule = {
  id: 'people',
  quiet: false,
  essential: true,
  reports: {
    permissions: ['sns:Publish'],
    open: ({ sns, topicArn, routes = [], ...deployment }) => ({
      outcome: async (whole, repeat) => {
        const outcome = shortened(whole, deployment);
        await publish(sns, {
          TopicArn: topicOf(routes, outcome, topicArn),
          Subject: subjectOf(outcome, repeat),
          data: published(outcome, repeat),
          email: textOf(outcome, repeat),
          sms: smsOf(outcome, repeat),
          MessageAttributes: outcomeAttributes(outcome),
        });
      },
      interim: (interim) =>
        publish(sns, {
          // Where the end of it would be told that needs a person.
          TopicArn: topicOf(routes, { status: 'escalated', severity: interim.severity }, topicArn),
          Subject: interimSubject(interim),
          data: publishedInterim(interim),
          email: interimText(interim),
          sms: interimSms(interim),
          MessageAttributes: interimAttributes(interim),
        }),
    }),
  },
  questions: {
    permissions: ['sns:GetTopicAttributes', 'sns:Publish'],
    open: ({ sns, topicArn }) => ({
      check: async () => {
        const topic = await attempt(() => sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn })));
        // Where that can't be told the question is asked: SNS says what becomes of it.
        if (topic.ok && topic.value.Attributes?.SubscriptionsConfirmed === '0') {
          throw new NobodyToAsk('nobody is subscribed to the approval topic');
        }
      },
      question: (approval, link, repeat) =>
        publish(sns, {
          TopicArn: topicArn,
          Subject: questionSubject(approval, repeat),
          data: publishedQuestion(approval, link, repeat),
          email: questionText(approval, link, repeat),
          sms: questionSms(approval, link, repeat),
          MessageAttributes: questionAttributes(approval),
        }),
    }),
  },
};
