import { GetTopicAttributesCommand, PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import { attempt } from '../../aws/call.ts';
import { SelfhealError } from '../../model/errors.ts';
import { nobody } from '../../model/organization.ts';
import { digestSms, digestSubject, digestText } from '../digest.ts';
import { interimSms, interimSubject, interimText, publishedInterim } from '../interim.ts';
import { smsOf, subjectOf, textOf } from '../message.ts';
import { published } from '../published.ts';
import { publishedQuestion, questionSms, questionSubject, questionText } from '../question.ts';
import { topicOf, topicOfDigest } from '../route.ts';
import { digestAttributes, interimAttributes, outcomeAttributes, questionAttributes } from './attributes.ts';
import type { ChannelModule } from './channel.ts';
import { shortened } from './outcome.ts';

type Message = Pick<PublishCommandInput, 'TopicArn' | 'Subject' | 'MessageAttributes'> & {
  /** The JSON that protocols without a text of their own get. */
  data: object;
  email: string;
  sms: string;
};

const publish = async (sns: Pick<SNSClient, 'send'>, { data, email, sms, ...rest }: Message): Promise<void> => {
  const Message = JSON.stringify({ default: JSON.stringify(data), email, sms });
  await sns.send(new PublishCommand({ ...rest, MessageStructure: 'json', Message }));
};

/** The topic has no subscriber, so waiting for an answer would be in vain. */
class NoSubscribersError extends SelfhealError {
  override readonly name = 'NobodyToAsk';
  /** Makes it a refused call: retrying doesn't help. */
  readonly $metadata = { httpStatusCode: 400 };
}

/** Mail and text messages through topics; queues, functions and webhooks that subscribe get JSON. */
export const people: ChannelModule = {
  id: 'people',
  quiet: false,
  essential: true,
  reports: {
    permissions: ['sns:Publish'],
    open: ({ sns, topicArn, routes = [], organization = nobody, ...deployment }) => ({
      outcome: async (whole, repeat) => {
        const outcome = shortened(whole, deployment);
        await publish(sns, {
          TopicArn: topicOf(routes, outcome, topicArn, organization),
          Subject: subjectOf(outcome, repeat),
          data: published(outcome, repeat),
          email: textOf(outcome, repeat),
          sms: smsOf(outcome, repeat),
          MessageAttributes: outcomeAttributes(outcome),
        });
      },
      interim: (interim) =>
        publish(sns, {
          // The topic of an escalated outcome.
          TopicArn: topicOf(routes, { ...interim, status: 'escalated' }, topicArn, organization),
          Subject: interimSubject(interim),
          data: publishedInterim(interim),
          email: interimText(interim),
          sms: interimSms(interim),
          MessageAttributes: interimAttributes(interim),
        }),
      digest: (bulletin) =>
        publish(sns, {
          TopicArn: topicOfDigest(routes, topicArn),
          Subject: digestSubject(bulletin),
          data: bulletin.data,
          email: digestText(bulletin),
          sms: digestSms(bulletin),
          MessageAttributes: digestAttributes,
        }),
    }),
  },
  questions: {
    permissions: ['sns:GetTopicAttributes', 'sns:Publish'],
    open: ({ sns, topicArn }) => ({
      check: async () => {
        const topic = await attempt(() => sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn })));
        // If the look-up fails, publish anyway: SNS reports the result.
        if (topic.ok && topic.value.Attributes?.SubscriptionsConfirmed === '0') {
          throw new NoSubscribersError('nobody is subscribed to the approval topic');
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
