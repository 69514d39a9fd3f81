import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Incident, incidentSchema } from '../incident/incident.ts';
import { isConditionFailure } from './call.ts';
import { digest, keyOf } from './item.ts';

/**
 * What has been heard of an incident: the copies of one event that come by several ways, of which one may tell more than another. Whoever
 * hears of it puts his copy there and starts the execution with what is the same in all of them; the execution reads what there is. All
 * methods throw what the SDK throws.
 */
export type Inbox = {
  /** Adds a copy, once. True if the incident had ended by then without anything being done: nobody reads what comes now. */
  post(incident: Incident, now: number): Promise<boolean>;
  /** All copies, in no order. */
  letters(key: string): Promise<Incident[]>;
  /** Nobody reads it any more. */
  closeInbox(key: string, now: number): Promise<void>;
};

/** Permissions of putting something there; held against the packaged template. */
export const postPermissions = ['dynamodb:UpdateItem'] as const;

/** So many different copies are kept: there are two ways by which an alarm comes, and some versions of each. */
const most = 8;
/** Kept for so long, in milliseconds: as long as anything is delivered again. */
const retention = 4 * 24 * 3600_000;
const expiry = (now: number) => ({ N: String(Math.floor((now + retention) / 1000)) });
const prefix = 'copy ';

export const createInbox = (client: DynamoDBClient, TableName: string): Inbox => ({
  post: async (incident, now) => {
    const letter = JSON.stringify(incident);
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          ...{ TableName, Key: keyOf('inbox', incident.key), ReturnValues: 'ALL_NEW' },
          UpdateExpression: 'SET #copy = :letter, expiresAt = :expiry ADD copies :one',
          ConditionExpression: 'attribute_not_exists(#copy) AND (attribute_not_exists(copies) OR copies < :most)',
          ExpressionAttributeNames: { '#copy': `${prefix}${digest(letter)}` },
          ExpressionAttributeValues: { ':letter': { S: letter }, ':expiry': expiry(now), ':one': { N: '1' }, ':most': { N: String(most) } },
        }),
      );
      return Attributes?.closed?.BOOL === true;
    } catch (error) {
      // It is there already, or as many others as anybody needs.
      if (isConditionFailure(error)) return false;
      throw error;
    }
  },
  letters: async (key) => {
    const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key: keyOf('inbox', key), ConsistentRead: true }));
    return Object.entries(Item).flatMap(([name, { S }]) => {
      // Somebody else may have written there: what is no incident, or another one, says nothing.
      const letter = name.startsWith(prefix) && S !== undefined ? incidentSchema.safeParse(JSON.parse(S)) : null;
      return letter?.success && letter.data.key === key ? [letter.data] : [];
    });
  },
  closeInbox: async (key, now) => {
    await client.send(
      new UpdateItemCommand({
        ...{ TableName, Key: keyOf('inbox', key) },
        UpdateExpression: 'SET closed = :yes, expiresAt = :expiry',
        ExpressionAttributeValues: { ':yes': { BOOL: true }, ':expiry': expiry(now) },
      }),
    );
  },
});
