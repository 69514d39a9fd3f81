import assert from 'node:assert/strict';
import { CreateTableCommand, DescribeTableCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { eventually, fromPage, refused, type Setting } from './check.ts';

const createTable = async (setting: Setting): Promise<string> => {
  const TableName = setting.fresh('table');
  await setting.dynamoDb.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await eventually(setting, async () => {
    assert.equal((await setting.dynamoDb.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus, 'ACTIVE');
  });
  return TableName;
};

const createQueue = async ({ sqs, fresh }: Setting) => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: fresh('queue') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return { QueueUrl, arn: Attributes?.QueueArn };
};

export const dynamoDbChecks = [
  ...fromPage('amazondynamodb/latest/APIReference/API_PutItem.html', {
    'a condition that does not hold refuses the write': async (setting) => {
      const TableName = await createTable(setting);
      const put = new PutItemCommand({ TableName, Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' });
      await setting.dynamoDb.send(put);
      await refused(setting.dynamoDb.send(put), 'ConditionalCheckFailedException');
    },
    'an unknown table is refused': ({ dynamoDb }) =>
      refused(dynamoDb.send(new PutItemCommand({ TableName: 'no-such-table', Item: { pk: { S: 'a' } } })), 'ResourceNotFoundException'),
  }),
  ...fromPage('amazondynamodb/latest/APIReference/API_UpdateItem.html', {
    'a counter counts, and a consistent read sees it': async (setting) => {
      const TableName = await createTable(setting);
      const Key = { pk: { S: 'a' } };
      const add = { TableName, Key, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } };
      for (let i = 0; i < 3; i++) await setting.dynamoDb.send(new UpdateItemCommand(add));
      const { Item } = await setting.dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      assert.equal(Item?.n?.N, '3');
    },
  }),
];

export const messagingChecks = [
  ...fromPage('sns/latest/api/API_Publish.html', {
    'a message reaches a queue that subscribes': async (setting) => {
      const { sns, sqs, fresh } = setting;
      const { QueueUrl, arn } = await createQueue(setting);
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: fresh('topic') }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn }));
      await sns.send(new PublishCommand({ TopicArn, Subject: 'S', Message: 'M' }));
      await eventually(setting, async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
        const { Type, Subject, Message, TopicArn: from } = JSON.parse(Messages[0]?.Body ?? '{}') as Record<string, string>;
        assert.deepEqual([Type, Subject, Message, from], ['Notification', 'S', 'M', TopicArn]);
      });
    },
    'an unknown topic is refused with 404': async ({ sns }) => {
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'known' }));
      await refused(sns.send(new PublishCommand({ TopicArn: `${TopicArn}-not`, Message: 'M' })), 'NotFoundException', 404);
    },
  }),
  ...fromPage('AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html', {
    'a received message is invisible, and gone once it is deleted': async (setting) => {
      const { sqs } = setting;
      const { QueueUrl } = await createQueue(setting);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'M' }));
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      assert.equal(Messages[0]?.Body, 'M');
      assert.deepEqual((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [], []);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
    },
    'an unknown queue is refused': async (setting) => {
      const { QueueUrl = '' } = await createQueue(setting);
      await refused(setting.sqs.send(new ReceiveMessageCommand({ QueueUrl: `${QueueUrl}-not` })), 'QueueDoesNotExist');
    },
  }),
];
