import * as dynamoDbClient from '@aws-sdk/client-dynamodb';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as snsClient from '@aws-sdk/client-sns';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import * as sqsClient from '@aws-sdk/client-sqs';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Backends, createBackends } from '../src/core/backends.ts';
import { createWorld } from '../src/core/world.ts';
import { createGateway, type Interceptor } from '../src/wire/gateway.ts';
import { AwsError } from '../src/wire/protocol/errors.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

let backends: Backends | undefined;
afterEach(() => backends?.close());

const setUp = (...interceptors: Interceptor[]) => {
  const world = createWorld(worldOptions);
  backends = createBackends(world);
  const { handle } = createGateway(world, [], interceptors, backends.all);
  return { world, handle, ...localClients(handle) };
};

const table = {
  TableName: 'ledger',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

const authorization = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=K/20261120/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

describe('DynamoDB', () => {
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
  test('writes on a condition, and refuses when it does not hold', async () => {
    const { dynamoDb, world } = setUp();
    await dynamoDb.send(new CreateTableCommand(table));
    const put = new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' });
    await dynamoDb.send(put);
    expect(await refusal(dynamoDb.send(put))).toMatchObject({ code: 'ConditionalCheckFailedException', status: 400 });
    const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'a' } } }));
    expect(Item).toEqual({ pk: { S: 'a' } });
    expect(world.calls.map(({ operation, error }) => [operation, error])).toEqual([
      ['CreateTable', null],
      ['PutItem', null],
      ['PutItem', 'ConditionalCheckFailedException'],
      ['GetItem', null],
    ]);
  });

  test('lets one of many concurrent writers win', async () => {
    const { dynamoDb } = setUp();
    await dynamoDb.send(new CreateTableCommand(table));
    const put = () =>
      dynamoDb.send(new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' }));
    const results = await Promise.allSettled(Array.from({ length: 20 }, put));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('survives bodies that are no objects', async () => {
    const { handle } = setUp();
    for (const body of ['null', '[]', '1', '{', '', 'nonsense']) {
      const headers = {
        authorization: authorization('dynamodb'),
        'x-amz-target': 'DynamoDB_20120810.GetItem',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': '20261120T120000Z',
      };
      expect((await handle({ method: 'POST', path: '/', query: '', headers, body })).status).toBe(400);
    }
  });
});

describe('SNS and SQS', () => {
  test('fan out under the account of the world', async () => {
    const { sns, sqs } = setUp();
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
    expect(TopicArn).toBe('arn:aws:sns:us-east-1:123456789012:alarms');
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'intake' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    expect(Attributes?.QueueArn).toBe('arn:aws:sqs:us-east-1:123456789012:intake');
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
    await sns.send(new PublishCommand({ TopicArn, Subject: 'ALARM', Message: '{"a":1}' }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    // The SDK itself holds the body against its MD5.
    expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({ Type: 'Notification', TopicArn, Subject: 'ALARM', Message: '{"a":1}' });
  });

  test('ask an address before it gets mail, and no function or queue', async () => {
    const { sns } = setUp();
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'outcomes' }));
    const subscribe = async (Protocol: string, Endpoint: string) =>
      (await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }))).SubscriptionArn;
    expect(await subscribe('lambda', 'arn:aws:lambda:us-east-1:123456789012:function:intake')).toMatch(/^arn:aws:sns:.*:outcomes:/);
    for (const _ of [1, 2]) expect(await subscribe('email', 'you@example.com')).toBe('pending confirmation');
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const arnOf = (protocol: string) => Subscriptions.find(({ Protocol }) => Protocol === protocol)?.SubscriptionArn;
    expect(Subscriptions).toHaveLength(2);
    expect([arnOf('email'), arnOf('lambda')]).toEqual(['PendingConfirmation', expect.stringMatching(/^arn:aws:sns:/)]);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '1' });
    const nowhere = sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: `${TopicArn}x` }));
    await expect(nowhere).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('leave what people send as it is', async () => {
    const { sqs } = setUp();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const body = 'about arn:aws:sns:us-east-1:123456789012:x and arn:aws:sns:us-east-1:000000000000:y';
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body).toBe(body);
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html: up to #x10FFFF
  test('take every character that SQS takes, alone and in a batch', async () => {
    const { sqs } = setUp();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const body = 'a \u{1f680} < & \u00e9 \u{10ffff} \ud7ff\ue000 z';
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    const Entries = ['1', '2'].map((Id) => ({ Id, MessageBody: `${Id} ${body}` }));
    expect((await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(2);
    // The SDK itself holds what was taken, and what comes, against their digests.
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages?.map(({ Body }) => Body)).toEqual([body, `1 ${body}`, `2 ${body}`]);
  });

  test('refuse a character that is none', async () => {
    const { handle, sqs } = setUp();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const headers = {
      authorization: authorization('sqs'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
    };
    for (const MessageBody of ['\ud83d', '\u0001']) {
      const { status, body } = await handle({
        method: 'POST',
        path: '/',
        query: '',
        headers,
        body: JSON.stringify({ QueueUrl, MessageBody }),
      });
      expect([status, String(body)]).toEqual([400, expect.stringContaining('InvalidMessageContents')]);
    }
  });

  test('say that SQS is not served by the query protocol', async () => {
    const { handle } = setUp();
    const headers = { authorization: authorization('sqs') };
    const { status, body } = await handle({ method: 'POST', path: '/', query: '', headers, body: 'Action=ListQueues&Version=2012-11-05' });
    expect([status, String(body)]).toEqual([400, expect.stringContaining('<Code>AWS.SimpleQueueService.UnsupportedOperation</Code>')]);
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
  test('hand a message to the functions that subscribe to its topic', async () => {
    const { sns, world } = setUp();
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
    const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:intake';
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: functionArn }));
    await sns.send(
      new PublishCommand({ TopicArn, Subject: 'S', Message: 'M', MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } } }),
    );
    expect(world.outbox).toMatchObject([
      {
        to: 'lambda',
        functionArn,
        payload: {
          Records: [
            {
              EventSource: 'aws:sns',
              Sns: {
                TopicArn,
                Subject: 'S',
                Message: 'M',
                Timestamp: '2026-11-20T12:00:00.000Z',
                MessageAttributes: { kind: { Type: 'String', Value: 'x' } },
              },
            },
          ],
        },
      },
    ]);
  });

  test('refuse a topic and a queue that do not exist', async () => {
    const { sns, sqs } = setUp();
    const TopicArn = 'arn:aws:sns:us-east-1:123456789012:none';
    expect(await refusal(sns.send(new PublishCommand({ TopicArn, Message: 'M' })))).toMatchObject({ status: 404 });
    expect(
      await refusal(sqs.send(new SendMessageCommand({ QueueUrl: 'http://localhost/123456789012/none', MessageBody: 'x' }))),
    ).toMatchObject({
      code: 'QueueDoesNotExist',
      status: 400,
    });
  });

  test('survive bodies that are no objects', async () => {
    const { handle } = setUp();
    for (const body of ['null', '[]', '{', '', 'nonsense']) {
      const headers = {
        authorization: authorization('sqs'),
        'x-amz-target': 'AmazonSQS.SendMessage',
        'content-type': 'application/x-amz-json-1.0',
      };
      expect((await handle({ method: 'POST', path: '/', query: '', headers, body })).status).toBe(400);
    }
    const headers = { authorization: authorization('sns'), 'content-type': 'application/x-www-form-urlencoded' };
    expect((await handle({ method: 'POST', path: '/', query: '', headers, body: '\u0000%%%=&&' })).status).toBe(400);
  });
});

/** All of a service's operations: a schema is an array that says what it is first, and 9 says an operation. */
const operationsOf = (client: object): string[] =>
  Object.values(client).flatMap((exported: unknown) => (Array.isArray(exported) && exported[0] === 9 ? [String(exported[2])] : []));

test.each([
  ['dynamodb', dynamoDbClient, 'DynamoDB_20120810.'],
  ['sqs', sqsClient, 'AmazonSQS.'],
  ['sns', snsClient, undefined],
])('%s is said to serve what its backend carries out, no more and no less', async (service, client, prefix) => {
  const { handle } = setUp();
  const backend = backends?.all.find(({ signingName }) => signingName === service);
  const served: string[] = [];
  for (const operation of operationsOf(client)) {
    const headers: Record<string, string> =
      prefix === undefined
        ? { 'content-type': 'application/x-www-form-urlencoded' }
        : { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${prefix}${operation}`, 'x-amz-date': '20261120T120000Z' };
    const body = prefix === undefined ? `Action=${operation}` : '{}';
    const asked = { method: 'POST', path: '/', query: '', headers: { ...headers, authorization: authorization(service) }, body };
    const { body: said } = (await backend?.forward(asked).catch(({ code }: AwsError) => ({ body: code }))) ?? { body: '' };
    const unknown = /UnknownOperation|InvalidAction/.test(String(said));
    if (unknown) expect(String((await handle(asked)).body)).toContain(`The action ${operation} is not served by the local AWS`);
    else served.push(operation);
  }
  expect(served.sort()).toEqual(backend?.operations.toSorted());
});

test('what comes between a caller and a service comes between a caller and these, too', async () => {
  const { dynamoDb, sns, sqs, world } = setUp({
    before: ({ operation }) => {
      throw new AwsError(operation === 'CreateTable' ? 'ThrottlingException' : 'InternalError', 'not now', 503);
    },
  });
  expect(await refusal(dynamoDb.send(new CreateTableCommand(table)))).toEqual({
    code: 'ThrottlingException',
    status: 503,
    message: 'not now',
  });
  expect(await refusal(sns.send(new CreateTopicCommand({ Name: 'alarms' })))).toMatchObject({ status: 503, message: 'not now' });
  expect(await refusal(sqs.send(new CreateQueueCommand({ QueueName: 'q' })))).toMatchObject({ status: 503, message: 'not now' });
  expect(world.calls.map(({ service, error }) => [service, error])).toEqual([
    ['dynamodb', 'ThrottlingException'],
    ['sns', 'InternalError'],
    ['sqs', 'InternalError'],
  ]);
});
