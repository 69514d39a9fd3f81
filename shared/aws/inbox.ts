import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../model/duration.ts';
import { type Incident, incidentSchema } from '../model/incident.ts';
import { parseJson } from '../model/json.ts';
import type { Inbox } from '../ports/inbox.ts';
import { isConditionFailure } from './call.ts';
import { digest } from './item.ts';
import { keyOf } from './ledger-keys.ts';

/** IAM actions of posting. A test compares them with the packaged template. */
export const postPermissions = ['dynamodb:UpdateItem'] as const;

/** The maximum number of different copies: an alarm arrives in two ways, each in a few versions. */
const maxCopies = 8;
/** In milliseconds; as long as any event is redelivered. */
const retentionMs = 4 * dayMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });
const prefix = 'copy ';

/** Ignores entries that are not this incident, since others may write to the table. */
const copiesIn = (item: Record<string, AttributeValue>, key: string): Incident[] =>
  Object.entries(item).flatMap(([name, { S }]) => {
    const parsed = name.startsWith(prefix) && S !== undefined ? incidentSchema.safeParse(parseJson(S)) : null;
    return parsed?.success && parsed.data.key === key ? [parsed.data] : [];
  });

/** The inbox in the ledger's table. */
export const createInbox = (client: DynamoDBClient, TableName: string): Inbox => ({
  post: async (incident, now) => {
    const serialized = JSON.stringify(incident);
    const id = digest(serialized);
    const copy = `${prefix}${id}`;
    const item = { TableName, Key: keyOf('inbox', incident.key) };
    try {
      await client.send(
        new UpdateItemCommand({
          ...item,
          // A copy that exists already also takes a single write, since in a storm nearly all do.
          UpdateExpression: 'SET #copy = if_not_exists(#copy, :letter), expiresAt = :expiry ADD copies :ids',
          ConditionExpression:
            'attribute_exists(#copy) OR (attribute_not_exists(closed) AND (attribute_not_exists(copies) OR size(copies) < :most))',
          ExpressionAttributeNames: { '#copy': copy },
          ExpressionAttributeValues: {
            ':letter': { S: serialized },
            ':expiry': expiry(now),
            ':ids': { SS: [id] },
            ':most': { N: String(maxCopies) },
          },
        }),
      );
      return false;
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
    // The inbox is full, or it is already closed: the item says which.
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        ...{ ...item, ReturnValues: 'ALL_NEW' },
        UpdateExpression: 'SET expiresAt = :expiry',
        ExpressionAttributeValues: { ':expiry': expiry(now) },
      }),
    );
    return Attributes.closed?.BOOL === true;
  },
  copies: async (key) => {
    const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key: keyOf('inbox', key), ConsistentRead: true }));
    return copiesIn(Item, key);
  },
  closeInbox: async (key, now) => {
    const { Attributes = {} } = await client.send(
      new UpdateItemCommand({
        ...{ TableName, Key: keyOf('inbox', key), ReturnValues: 'ALL_NEW' },
        UpdateExpression: 'SET closed = :yes, expiresAt = :expiry',
        ExpressionAttributeValues: { ':yes': { BOOL: true }, ':expiry': expiry(now) },
      }),
    );
    return copiesIn(Attributes, key);
  },
});
