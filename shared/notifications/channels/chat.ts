import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import { chatOf } from '../chat.ts';
import type { ChatNotification } from '../chat-schema.ts';
import { interimChat } from '../interim.ts';
import { questionChat } from '../question.ts';
import { interimAttributes, outcomeAttributes, questionAttributes } from './attributes.ts';
import type { ChannelModule } from './channel.ts';
import { linked } from './outcome.ts';

const publishTo =
  (sns: Pick<SNSClient, 'send'>, TopicArn: string) =>
  async (notification: ChatNotification, MessageAttributes: PublishCommandInput['MessageAttributes']): Promise<void> => {
    await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(notification), MessageAttributes }));
  };

/** A chat, by a topic of its own. It is told that a question waits, and not the link: a chat is read by many. */
export const chat: ChannelModule = {
  id: 'chat',
  quiet: false,
  essential: false,
  reports: {
    permissions: ['sns:Publish'],
    open: ({ sns, chatTopicArn, ...deployment }) => {
      if (chatTopicArn === undefined) return null;
      const publish = publishTo(sns, chatTopicArn);
      return {
        outcome: (outcome, repeat) => publish(chatOf(linked(outcome, deployment), repeat), outcomeAttributes(outcome)),
        interim: (interim) => publish(interimChat(interim), interimAttributes(interim)),
      };
    },
  },
  questions: {
    permissions: ['sns:Publish'],
    open: ({ sns, chatTopicArn }) => {
      if (chatTopicArn === undefined) return null;
      const publish = publishTo(sns, chatTopicArn);
      return { question: (approval) => publish(questionChat(approval), questionAttributes(approval)) };
    },
  },
};
