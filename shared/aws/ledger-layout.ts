import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SelfhealError } from '../model/errors.ts';
import { keyOf, layout } from './ledger-keys.ts';

/** The table holds items of another layout, with leases that this version wouldn't see. */
export class IncompatibleLedgerError extends SelfhealError {
  override readonly name = 'IncompatibleLedgerError';
  /** Makes it a refused call: retrying doesn't help. */
  readonly $metadata = { httpStatusCode: 400 };
}

/** IAM actions of the check. A test compares them with the packaged template. */
export const layoutPermissions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'] as const;

/**
 * Creates a check that the table has no keys of another layout. It scans the table once, while it is new, and leaves a mark; later checks
 * only read the mark.
 * @throws {IncompatibleLedgerError} from the check, or whatever the SDK throws
 */
export const createLayoutCheck = (client: DynamoDBClient, TableName: string): (() => Promise<void>) => {
  const Key = keyOf('layout', 'keys');
  let checked = false;
  return async () => {
    if (checked) return;
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (!Item) {
      let start: Record<string, AttributeValue> | undefined;
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
        start = LastEvaluatedKey;
      } while (start);
      await client.send(new PutItemCommand({ TableName, Item: Key }));
    }
    checked = true;
  };
};
