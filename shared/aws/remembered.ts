import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type * as z from 'zod';
import { parseJson } from '../model/json.ts';
import type { Place } from '../model/place.ts';
import type { Key } from './ledger-keys.ts';

/** The name of a thing among those of all members. */
export const nameIn = (place: Place | undefined, name: string): string => (place ? `${place.account}/${place.region}/${name}` : name);

/** What is to be taken back later, in one item of the ledger's table: an attribute for each thing, whose names are short. */
export const createRemembered = <One>(client: DynamoDBClient, TableName: string, Key: Key, schema: z.ZodType<One>) => {
  const update = async (name: string, UpdateExpression: string, value?: string) => {
    await client.send(
      new UpdateItemCommand({
        ...{ TableName, Key, UpdateExpression, ExpressionAttributeNames: { '#one': `of ${name}` } },
        ...(value === undefined ? {} : { ExpressionAttributeValues: { ':one': { S: value } } }),
      }),
    );
  };
  return {
    all: async (): Promise<One[]> => {
      const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return Object.entries(Item).flatMap(([name, value]) => {
        const read = name.startsWith('of ') ? schema.safeParse(parseJson(value.S ?? '')) : null;
        return read?.success ? [read.data] : [];
      });
    },
    set: (name: string, one: One) => update(name, 'SET #one = :one', JSON.stringify(one)),
    forget: (name: string) => update(name, 'REMOVE #one'),
  };
};
