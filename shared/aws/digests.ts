import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../model/duration.ts';
import type { Digests } from '../ports/digests.ts';
import { isConditionFailure } from './call.ts';
import { keyOf } from './ledger-keys.ts';

/** As long as incidents. In milliseconds. */
const retentionMs = 90 * dayMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });

const learnedKey = keyOf('digest', 'learned');
const sentKey = keyOf('digest', 'sent');

/** IAM actions of reading what was learned. A test compares them with the packaged template. */
export const learnedPermissions = ['dynamodb:GetItem'] as const;

/** In two items of the ledger's table: what was learned last, which is one read, and when a digest was begun. */
export const createDigests = (client: DynamoDBClient, TableName: string): Digests => {
  const change = async (command: UpdateItemCommand): Promise<boolean> => {
    try {
      await client.send(command);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  };
  return {
    learned: async () => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: learnedKey }));
      return Item?.learned?.S ?? null;
    },
    noteLearned: async (text, now) => {
      await client.send(new PutItemCommand({ TableName, Item: { ...learnedKey, learned: { S: text }, expiresAt: expiry(now) } }));
    },
    begin: (now, milliseconds) =>
      change(
        new UpdateItemCommand({
          TableName,
          Key: sentKey,
          UpdateExpression: 'SET begun = :now, expiresAt = :expiry',
          ConditionExpression: 'attribute_not_exists(begun) OR begun <= :before',
          ExpressionAttributeValues: { ':now': { N: String(now) }, ':before': { N: String(now - milliseconds) }, ':expiry': expiry(now) },
        }),
      ),
    abandon: async (begun) => {
      await change(
        new UpdateItemCommand({
          TableName,
          Key: sentKey,
          UpdateExpression: 'REMOVE begun',
          ConditionExpression: 'begun = :begun',
          ExpressionAttributeValues: { ':begun': { N: String(begun) } },
        }),
      );
    },
  };
};
