import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { dayMs } from '../model/duration.ts';
import { parseJson } from '../model/json.ts';
import { placeSchema } from '../model/place.ts';
import type { Digests } from '../ports/digests.ts';
import { isConditionFailure } from './call.ts';
import { keyOf } from './ledger-keys.ts';

/** As long as incidents. In milliseconds. */
const retentionMs = 90 * dayMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });

const learnedKey = keyOf('digest', 'learned');
const placesKey = keyOf('digest', 'places');
const sentKey = keyOf('digest', 'sent');

/** IAM actions of reading what was learned. A test compares them with the packaged template. */
export const learnedPermissions = ['dynamodb:GetItem'] as const;

/** In three items of the ledger's table: what was learned last, which is one read, where past incidents were, and when a digest was begun. */
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
    places: async () => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: placesKey }));
      return z.array(placeSchema).safeParse(parseJson(Item?.places?.S ?? '')).data ?? [];
    },
    notePlaces: async (places, now) => {
      const text = JSON.stringify(places.map(({ account, region }) => ({ account, region })));
      await client.send(new PutItemCommand({ TableName, Item: { ...placesKey, places: { S: text }, expiresAt: expiry(now) } }));
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
