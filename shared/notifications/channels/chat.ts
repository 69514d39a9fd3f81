import { PublishCommand, type PublishCommandInput } from '@aws-sdk/client-sns';
import { chatOf } from '../chat.ts';
import type { ChatNotification } from '../chat-schema.ts';
import { digestChat } from '../digest.ts';
import { interimChat } from '../interim.ts';
import { questionChat } from '../question.ts';
import { digestAttributes, interimAttributes, outcomeAttributes, questionAttributes } from './attributes.ts';
import type { ChannelModule, Desk } from './channel.ts';
import { linked } from './outcome.ts';

/** Null without a topic. */
const publisher = ({ sns, chatTopicArn: TopicArn }: Pick<Desk, 'sns' | 'chatTopicArn'>) =>
  TopicArn === undefined
    ? null
    : async (notification: ChatNotification, MessageAttributes: PublishCommandInput['MessageAttributes']): Promise<void> => {
        await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(notification), MessageAttributes }));
      };

/** A chat, through its own topic. It learns that a request is waiting but doesn't get the link: many read a chat. */
export const chat: ChannelModule = {
  id: 'chat',
  quiet: false,
  essential: false,
  reports: {
    permissions: ['sns:Publish'],
    open: (deployment) => {
      const publish = publisher(deployment);
      return (
        publish && {
          outcome: (outcome, repeat) => publish(chatOf(linked(outcome, deployment), repeat), outcomeAttributes(outcome)),
          interim: (interim) => publish(interimChat(interim), interimAttributes(interim)),
          digest: (bulletin) => publish(digestChat(bulletin), digestAttributes),
        }
      );
    },
  },
  questions: {
    permissions: ['sns:Publish'],
    open: (desk) => {
      const publish = publisher(desk);
      return publish && { question: (approval) => publish(questionChat(approval), questionAttributes(approval)) };
    },
  },
};
