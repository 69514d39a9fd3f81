import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from '../src/local-aws.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const second = 1000;
const day = 24 * 3600 * second;
const TableName = 'things';

let aws: LocalAws;
afterEach(() => aws.close());

const setUp = async (options: Partial<LocalAwsOptions> = {}) => {
  aws = createLocalAws({ ...worldOptions, ...options });
  const { dynamoDb } = localClients(aws.handle);
  const make = () =>
    dynamoDb.send(
      new CreateTableCommand({
        TableName,
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'kind', AttributeType: 'S' },
        ],
        GlobalSecondaryIndexes: [
          { IndexName: 'by-kind', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  await make();
  const { clock } = aws.world;
  const put = (name: string, expires?: { N: string } | { S: string }) =>
    dynamoDb.send(
      new PutItemCommand({ TableName, Item: { pk: { S: name }, kind: { S: 'thing' }, ...(expires ? { until: expires } : {}) } }),
    );
  /** The time to live of something that ends so many milliseconds from now. */
  const within = (milliseconds: number) => ({ N: String(Math.floor((clock.now() + milliseconds) / second)) });
  const get = async (name: string, ConsistentRead?: boolean) =>
    (await dynamoDb.send(new GetItemCommand({ TableName, Key: { pk: { S: name } }, ...(ConsistentRead ? { ConsistentRead } : {}) }))).Item;
  const all = async () => {
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items.map(({ pk }) => pk?.S).sort();
  };
  const limit = (Enabled: boolean, AttributeName = 'until') =>
    dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } }));
  const status = async () => (await dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
  const pass = (milliseconds: number) => aws.advanceTo(clock.now() + milliseconds);
  return { dynamoDb, make, put, get, all, within, limit, status, pass };
};

describe('time to live', () => {
  test('deletes what has expired some time after it has, and nothing else', async () => {
    const { put, all, within, limit, pass } = await setUp();
    await limit(true);
    await put('soon', within(3600 * second));
    await put('later', within(3 * day));
    await put('without');
    await put('text', { S: '1' });
    await put('taken for a mistake', { N: '1' });
    await pass(2 * 3600 * second);
    expect(await all()).toContain('soon');
    await pass(day);
    expect(await all()).toEqual(['later', 'taken for a mistake', 'text', 'without']);
    await pass(3 * day);
    expect(await all()).toEqual(['taken for a mistake', 'text', 'without']);
  });

  test('goes by what an item says when it is deleted', async () => {
    const { dynamoDb, put, all, within, limit, pass } = await setUp();
    await limit(true);
    await put('renewed', within(3600 * second));
    await dynamoDb.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: 'renewed' } },
        UpdateExpression: 'SET #until = :until',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':until': within(5 * day) },
      }),
    );
    await pass(3 * day);
    expect(await all()).toEqual(['renewed']);
  });

  test('is off until it is turned on, and is told', async () => {
    const { put, all, within, limit, status, pass } = await setUp();
    await put('expired', within(second));
    expect(await status()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    await pass(10 * day);
    expect(await all()).toEqual(['expired']);
    await limit(true);
    expect(await status()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'until' });
    await limit(false);
    await pass(10 * day);
    expect(await all()).toEqual(['expired']);
  });

  test('is refused where it is so already, where it says nothing, and for a table that there is not', async () => {
    const { dynamoDb, make, limit, status } = await setUp();
    expect(await refusal(limit(false))).toMatchObject({ code: 'ValidationException', message: 'TimeToLive is already disabled' });
    await limit(true);
    expect(await refusal(limit(true))).toMatchObject({ code: 'ValidationException', message: 'TimeToLive is already enabled' });
    expect(await refusal(limit(true, ''))).toMatchObject({ code: 'ValidationException' });
    await dynamoDb.send(new DeleteTableCommand({ TableName }));
    expect(await refusal(limit(true))).toMatchObject({ code: 'ResourceNotFoundException' });
    expect(await refusal(status())).toMatchObject({ code: 'ResourceNotFoundException' });
    await make();
    expect(await status()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });
});

describe('stale reads', () => {
  const staleReads = 10 * second;

  test('give what was there some time ago, unless they ask for consistency', async () => {
    const { dynamoDb, put, get, pass } = await setUp({ staleReads });
    await put('new');
    expect(await get('new')).toBeUndefined();
    expect(await get('new', true)).toBeDefined();
    const batch = async (ConsistentRead: boolean) => {
      const RequestItems = { [TableName]: { Keys: [{ pk: { S: 'new' } }], ConsistentRead } };
      return (await dynamoDb.send(new BatchGetItemCommand({ RequestItems }))).Responses?.[TableName]?.length;
    };
    expect([await batch(false), await batch(true)]).toEqual([0, 1]);
    const scan = async (ConsistentRead: boolean) => (await dynamoDb.send(new ScanCommand({ TableName, ConsistentRead }))).Count;
    expect([await scan(false), await scan(true)]).toEqual([0, 1]);
    await pass(staleReads - 1);
    expect(await get('new')).toBeUndefined();
    await pass(1);
    expect(await get('new')).toBeDefined();
  });

  test('come of an index in any case', async () => {
    const { dynamoDb, put, pass } = await setUp({ staleReads });
    await put('new');
    const count = async () => {
      const query = {
        IndexName: 'by-kind',
        KeyConditionExpression: 'kind = :kind',
        ExpressionAttributeValues: { ':kind': { S: 'thing' } },
      };
      return (await dynamoDb.send(new QueryCommand({ TableName, ...query }))).Count;
    };
    expect(await count()).toBe(0);
    await pass(staleReads);
    expect(await count()).toBe(1);
  });

  test('are of one moment: changes show in their order, and what was refused never does', async () => {
    const { dynamoDb, put, get, pass } = await setUp({ staleReads });
    const add = (n: number, condition?: string) =>
      dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk: { S: 'counter' } },
          UpdateExpression: 'ADD amount :n',
          ExpressionAttributeValues: { ':n': { N: String(n) } },
          ...(condition ? { ConditionExpression: condition } : {}),
        }),
      );
    await put('counter');
    await add(1);
    await pass(staleReads / 2);
    await add(10);
    expect(await refusal(add(100, 'attribute_not_exists(pk)'))).toMatchObject({ code: 'ConditionalCheckFailedException' });
    await pass(staleReads / 2);
    expect((await get('counter'))?.amount).toEqual({ N: '1' });
    await pass(staleReads / 2);
    expect((await get('counter'))?.amount).toEqual({ N: '11' });
  });

  test('show a deletion late, too, also one by time to live', async () => {
    const { put, get, within, limit, pass } = await setUp({ staleReads });
    await limit(true);
    await put('ends', within(3600 * second));
    await pass(day);
    expect(await get('ends')).toBeDefined();
    expect(await get('ends', true)).toBeUndefined();
    await pass(staleReads);
    expect(await get('ends')).toBeUndefined();
  });

  test('of a table that was made anew know nothing of the old one', async () => {
    const { dynamoDb, make, put, get, pass } = await setUp({ staleReads });
    await put('old');
    await dynamoDb.send(new DeleteTableCommand({ TableName }));
    await make();
    await pass(2 * staleReads);
    expect(await get('old')).toBeUndefined();
  });
});
