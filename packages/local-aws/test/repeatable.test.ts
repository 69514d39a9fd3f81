import { afterAll, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../src/local-aws.ts';
import { type ServedAws, serve } from '../src/wire/server.ts';
import { worldOptions } from './harness.ts';

let served: ServedAws | undefined;
afterAll(() => served?.close());

type Answer = { status: number; headers: [string, string][]; body: string };
/** Sends a request and keeps the answer as it came. */
type Send = (method: string, path: string, headers: Record<string, string>, body: string) => Promise<string>;

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=KEY/20261120/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  'x-amz-date': '20261120T120000Z',
});

const calls = (send: Send) => ({
  form: (service: string, fields: Record<string, string>) =>
    send(
      'POST',
      '/',
      { ...signed(service), 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams({ Version: '0', ...fields }).toString(),
    ),
  json: async (service: string, target: string, input: object) => {
    const headers = { ...signed(service), 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
    return JSON.parse((await send('POST', '/', headers, JSON.stringify(input))) || '{}') as Record<string, never>;
  },
  control: (path: string, input: object) => send('POST', `/_selfheal/${path}`, {}, JSON.stringify(input)),
});

/** A little of everything that draws an id or says a time. */
const story = async (send: Send): Promise<void> => {
  const { form, json, control } = calls(send);
  await form('ec2', { Action: 'RunInstances', ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', MinCount: '3', MaxCount: '3' });
  await control('clock', { advanceSeconds: 300 });
  await form('ec2', { Action: 'DescribeInstances' });
  await form('ec2', { Action: 'DescribeNothing' });
  await json('dynamodb', 'DynamoDB_20120810.CreateTable', {
    TableName: 'table',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const items = Array.from({ length: 12 }, (_, i) => ({ pk: { S: `key ${i}` } }));
  for (const Item of items) await json('dynamodb', 'DynamoDB_20120810.PutItem', { TableName: 'table', Item });
  await json('dynamodb', 'DynamoDB_20120810.BatchGetItem', { RequestItems: { table: { Keys: items } } });
  await json('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName: 'table' });
  const QueueUrl = 'http://localhost/123456789012/queue';
  const TopicArn = 'arn:aws:sns:us-east-1:123456789012:topic';
  await json('sqs', 'AmazonSQS.CreateQueue', { QueueName: 'queue' });
  await json('sqs', 'AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'a body', DelaySeconds: 30 });
  await form('sns', { Action: 'CreateTopic', Name: 'topic' });
  const Endpoint = 'arn:aws:sqs:us-east-1:123456789012:queue';
  await form('sns', { Action: 'Subscribe', TopicArn, Protocol: 'sqs', Endpoint });
  await form('sns', { Action: 'Publish', TopicArn, Message: 'a message' });
  await form('sns', { Action: 'ListSubscriptions' });
  const receive = () => json('sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, AttributeNames: ['All'] });
  const { Messages } = (await receive()) as { Messages?: { ReceiptHandle: string; Body: string }[] };
  expect(Messages?.map(({ Body }) => JSON.parse(Body))).toMatchObject([{ Message: 'a message' }]);
  await json('sqs', 'AmazonSQS.DeleteMessage', { QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle });
  await control('clock', { advanceSeconds: 30 });
  expect(await receive()).toMatchObject({ Messages: [{ Body: 'a body' }] });
  await json('sqs', 'AmazonSQS.GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  await form('monitoring', { Action: 'DescribeAlarms' });
  await send('GET', '/_selfheal/state', {}, '');
};

const answersOf = async (url: string): Promise<Answer[]> => {
  const answers: Answer[] = [];
  await story(async (method, path, headers, body) => {
    const answer = await fetch(`${url}${path}`, { method, headers, ...(method === 'POST' && { body }) });
    answers.push({ status: answer.status, headers: [...answer.headers], body: await answer.text() });
    return answers.at(-1)?.body ?? '';
  });
  return answers;
};

describe('the same seed, start and calls', () => {
  test('give the same answers byte for byte, whatever the machine draws and whenever it is', async () => {
    served = await serve(createLocalAws(worldOptions), { speed: 0 });
    const { url } = served;
    const reset = (changes: object) => fetch(`${url}/_selfheal/reset`, { method: 'POST', body: JSON.stringify(changes) });
    const first = await answersOf(url);
    expect(first.some(({ body }) => body.includes('2026-11-20'))).toBe(true);
    await reset({ seed: 2, start: '2027-03-01T00:00:00+01:00' });
    for (const { headers, body } of first) {
      const id = /<Request(?:Id|ID)>([^<]*)</.exec(body)?.[1];
      if (id !== undefined) expect(headers).toContainEqual(['x-amzn-requestid', id]);
    }
    const other = await answersOf(url);
    expect(other.some(({ body }) => body.includes('2027-02-28T23:'))).toBe(true);
    expect(other.some(({ body }) => body.includes('2026-11-20'))).toBe(false);
    await reset({ seed: 1, start: '2026-11-20T12:00:00Z' });
    expect(await answersOf(url)).toEqual(first);
  });
});
