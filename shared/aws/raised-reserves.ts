import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { parseJson } from '../model/json.ts';
import type { RaisedReserve, RaisedReserves } from '../ports/raised-reserves.ts';
import { keyOf } from './ledger-keys.ts';

const raisedSchema = z.object({
  name: z.string(),
  from: z.number(),
  to: z.array(z.number()),
  at: z.number(),
  incident: z.string(),
  lowering: z.object({ from: z.number(), at: z.number() }).optional(),
});
/** Steps that are kept of each. */
const mostSteps = 20;

/** Raised reserves in the ledger's table: one item with an attribute for each function, whose names are short. */
export const createRaisedReserves = (client: DynamoDBClient, TableName: string): RaisedReserves => {
  const Key = keyOf('sweep', 'reserves');
  const raisedReserves = async (): Promise<RaisedReserve[]> => {
    const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Object.entries(Item).flatMap(([name, value]) => {
      const read = name.startsWith('of ') ? raisedSchema.safeParse(parseJson(value.S ?? '')) : null;
      return read?.success ? [read.data] : [];
    });
  };
  const set = (name: string, UpdateExpression: string, value?: string) =>
    client.send(
      new UpdateItemCommand({
        ...{ TableName, Key, UpdateExpression, ExpressionAttributeNames: { '#one': `of ${name}` } },
        ...(value === undefined ? {} : { ExpressionAttributeValues: { ':one': { S: value } } }),
      }),
    );
  return {
    raisedReserves,
    noteRaised: async ({ name, from, to, at, incident }) => {
      const before = (await raisedReserves()).find((one) => one.name === name);
      const goesOn = before?.to.includes(from) ?? false;
      const steps = goesOn ? [...(before?.to ?? []), to].slice(-mostSteps) : [to];
      const one: RaisedReserve = { name, from: goesOn ? (before?.from ?? from) : from, to: steps, at, incident };
      await set(name, 'SET #one = :one', JSON.stringify(one));
    },
    noteLowering: async (one, lowering) => {
      await set(one.name, 'SET #one = :one', JSON.stringify({ ...one, lowering }));
    },
    forgetRaised: async (name) => {
      await set(name, 'REMOVE #one');
    },
  };
};
