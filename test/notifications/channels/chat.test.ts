import { describe, expect, test } from '@jest/globals';
import { chat } from '../../../shared/notifications/channels/chat.ts';
import { chatSchema } from '../../../shared/notifications/chat-schema.ts';
import { sdkError } from '../../aws/recorder.ts';
import { outcome } from '../../remediation/examples.ts';
import { deploymentOf, longStory, openChannel, topicArn } from './open.ts';

const chatTopicArn = `${topicArn}-chat`;

describe('a chat', () => {
  test('gets a message of the form that it reads, on a topic of its own', async () => {
    const { outcome: tell, calls } = openChannel(chat, { chatTopicArn });
    await tell(outcome());
    expect(calls).toMatchObject([{ permission: 'sns:Publish', input: { TopicArn: chatTopicArn } }]);
    expect(chat.reports.permissions).toEqual(['sns:Publish']);
    // The text is for every subscriber alike: a chat gets what an https endpoint gets.
    expect(calls[0]?.input.MessageStructure).toBeUndefined();
    expect(chatSchema.parse(JSON.parse(calls[0]?.input.Message as string)).metadata.threadId).toBe(outcome().incident);
    expect(calls[0]?.input.MessageAttributes).toHaveProperty('severity');
  });

  test('gets the longest story below what SNS takes', async () => {
    const { outcome: tell, calls } = openChannel(chat, { chatTopicArn });
    await tell(longStory);
    expect(Buffer.byteLength(calls[0]?.input.Message as string)).toBeLessThan(256 * 1024);
  });

  test('is none where there is no topic for it', () => {
    const { deployment } = deploymentOf();
    expect([chat.reports.open(deployment), chat.questions?.open(deployment)]).toEqual([null, null]);
  });

  test('has not been told what SNS refuses', async () => {
    const { outcome: tell } = openChannel(chat, { chatTopicArn }, sdkError('NotFoundException', 404));
    await expect(tell(outcome())).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});
