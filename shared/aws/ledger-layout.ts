import { type DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { keyOf, layout } from './ledger-keys.ts';

/** The table holds what a version with other keys wrote: leases that this one wouldn't see. */
export class IncompatibleLedgerError extends Error {
  override readonly name = 'IncompatibleLedgerError';
  /** It is refused, as AWS refuses a call: no other try mends it. */
  readonly $metadata = { httpStatusCode: 400 };
}

/** Permissions of the check; held against the packaged template. */
export const layoutPermissions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'] as const;

/**
 * Makes sure that the table holds no keys of another layout, once in the table's life: whoever finds none leaves a mark, and whoever finds
 * the mark reads no further. The scan reads the whole table, which is new then. The function throws {@link IncompatibleLedgerError}, or what
 * the SDK throws.
 */
export const createLayoutCheck = (client: DynamoDBClient, TableName: string): (() => Promise<void>) => {
  const Key = keyOf('layout', 'keys');
  let checked = false;
  return async () => {
    if (checked) return;
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (!Item) {
      let start: Record<string, never> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new ScanCommand({
            TableName,
            ConsistentRead: true,
            ProjectionExpression: 'pk',
            FilterExpression: 'NOT begins_with(pk, :layout)',
            ExpressionAttributeValues: { ':layout': { S: `${layout}#` } },
            ...(start ? { ExclusiveStartKey: start } : {}),
          }),
        );
        const [foreign] = Items;
        if (foreign) {
          throw new IncompatibleLedgerError(
            `table ${TableName} has keys of another version (${(foreign.pk?.S ?? '').slice(0, 100)}), and leases in it would not be seen; use a new table, or empty this one`,
          );
        }
        start = LastEvaluatedKey as typeof start;
      } while (start);
      await client.send(new PutItemCommand({ TableName, Item: Key }));
    }
    checked = true;
  };
};
