import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { placedKeyOf } from '../../shared/aws/ledger-keys.ts';
import { createTurns } from '../../shared/aws/turns.ts';
import { emptyTable } from './table.ts';

const place = { account: '123456789012', region: 'us-east-1' };
const elsewhere = { ...place, region: 'eu-west-1' };
const noon = Date.UTC(2026, 10, 20, 12);
const longestQueue = 40 * 60_000;
const alarms = 'cloudwatch:DescribeAlarms';
/** Of CloudWatch's nine a second, a tenth is left to others: in milliseconds between two turns. */
const apart = Math.ceil(1000 / 8.1);

const setUp = async () => {
  const { client, TableName } = await emptyTable();
  return { ...createTurns(client, TableName), client, TableName };
};

describe('a turn', () => {
  test('is at once for the first, and then as far apart as AWS’s limit is, however many ask at the same time', async () => {
    const { takeTurn } = await setUp();
    const turns = await Promise.all(Array.from({ length: 20 }, () => takeTurn(place, alarms, noon)));
    expect(turns.toSorted()).toEqual(Array.from({ length: 20 }, (_, i) => noon + i * apart));
  });

  test('that nobody has used is not kept: after a pause the first one goes at once', async () => {
    const { takeTurn } = await setUp();
    for (let i = 0; i < 3; i++) await takeTurn(place, alarms, noon);
    expect(await takeTurn(place, alarms, noon + 1)).toBe(noon + 3 * apart);
    expect(await takeTurn(place, alarms, noon + 60_000)).toBe(noon + 60_000);
  });

  test('is of one limit: of one account and region, of each call of EC2, and of all of Auto Scaling', async () => {
    const { takeTurn } = await setUp();
    for (const call of [alarms, 'ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingGroups']) await takeTurn(place, call, noon);
    const waits = async (...ask: [typeof place, string]) => (await takeTurn(...ask, noon)) !== noon;
    expect(await waits(elsewhere, alarms)).toBe(false);
    expect(await waits(place, 'ec2:DescribeInstanceStatus')).toBe(false);
    expect(await waits(place, 'ec2:DescribeInstances')).toBe(true);
    expect(await waits(place, 'autoscaling:DescribeLifecycleHooks')).toBe(true);
  });

  test('is none where so many wait that it would be too late, or where the item can’t be read', async () => {
    const { takeTurn, client, TableName } = await setUp();
    const put = (nextAt: { N: string } | { S: string }) =>
      client.send(new PutItemCommand({ TableName, Item: { ...placedKeyOf('turn', place, alarms), nextAt } }));
    await put({ N: String(noon + longestQueue) });
    expect(await takeTurn(place, alarms, noon)).toBeNull();
    expect(await takeTurn(place, alarms, noon + 1)).toBe(noon + longestQueue);
    await put({ S: 'noon' });
    expect(await takeTurn(place, alarms, noon)).toBeNull();
  });

  test('is gone from the ledger an hour after the last was taken, and is not made up where the ledger fails', async () => {
    const { takeTurn, client, TableName } = await setUp();
    await takeTurn(place, alarms, noon);
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: placedKeyOf('turn', place, alarms) }));
    expect(Item?.expiresAt).toEqual({ N: String(noon / 1000 + 3600) });
    await expect(createTurns(client, 'another').takeTurn(place, alarms, noon)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
