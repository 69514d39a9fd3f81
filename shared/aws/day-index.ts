import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';

/** IAM actions of the calls: the query is on the index, the rest on the table. A test compares them with the packaged template. */
export const dayIndexPermissions = ['dynamodb:Query', 'dynamodb:BatchGetItem'] as const;

/** The index of the ledger with what has a day, in order: incidents by the UTC day of their opening, and what people did. */
export const byDay = 'by-day';

/** The UTC day of milliseconds since the epoch, such as `2026-03-02`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The maximum number of keys of one query. */
const pageSize = 1000;
/**
 * The maximum number of keys in a BatchGetItem call.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
const batchSize = 100;
/** A batch is incomplete beyond 16 MB or when DynamoDB throttles; the rest is requested again this often. */
const batchTries = 8;

/** Reads of the index by day. They are eventually consistent. */
export const createDayIndex = (client: DynamoDBClient, table: string) => ({
  /** The keys of a day's items from `from` to `to`, newest first, at most `limit`. */
  keysOf: async (day: string, from: number, to: number, limit: number): Promise<string[]> => {
    const keys: string[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: byDay,
          KeyConditionExpression: '#day = :day AND openedAt BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': { S: day }, ':from': { N: String(from) }, ':to': { N: String(to) } },
          ScanIndexForward: false,
          Limit: Math.min(limit - keys.length, pageSize),
          ExclusiveStartKey: start,
        }),
      );
      keys.push(...Items.flatMap(({ pk }) => (pk?.S ? [pk.S] : [])));
      start = LastEvaluatedKey;
    } while (start && keys.length < limit);
    return keys;
  },

  /** The items of these keys, in any order. */
  get: async (keys: readonly string[]): Promise<Record<string, AttributeValue>[]> => {
    const found: Record<string, AttributeValue>[] = [];
    for (let from = 0; from < keys.length; from += batchSize) {
      let wanted: Record<string, AttributeValue>[] | undefined = keys.slice(from, from + batchSize).map((pk) => ({ pk: { S: pk } }));
      for (let tries = 0; wanted?.length && tries < batchTries; tries++) {
        const batch: BatchGetItemCommand = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted } } });
        const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(batch);
        found.push(...(Responses?.[table] ?? []));
        wanted = UnprocessedKeys?.[table]?.Keys;
      }
    }
    return found;
  },
});
