import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Act, actSchema } from '../model/act.ts';
import { dayMs } from '../model/duration.ts';
import { createDayIndex, dayOf } from './day-index.ts';
import { keyOf } from './ledger-keys.ts';

/** IAM actions of recording. A test compares them with the packaged template. */
export const actPermissions = ['dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;

/** As long as incidents. In milliseconds. */
const retentionMs = 90 * dayMs;

/** The day of the index under which acts stand, apart from the incidents of that day. */
const actDay = (at: number): string => `act ${dayOf(at)}`;

/** What a person did, and whether it is known to have taken effect. */
export type RecordedAct = Act & { done: boolean };

/** What people did, in the ledger's table. Acts are never changed, only confirmed. */
export const createActs = (client: DynamoDBClient, table: string) => {
  const index = createDayIndex(client, table);
  return {
    /** @throws whatever the SDK throws: then it must not be done */
    note: async (act: Act): Promise<void> => {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf('act', act.id),
            act: { S: JSON.stringify(act) },
            day: { S: actDay(act.at) },
            openedAt: { N: String(act.at) },
            expiresAt: { N: String(Math.floor((act.at + retentionMs) / 1000)) },
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    },
    noteDone: async (id: string): Promise<void> => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf('act', id),
          UpdateExpression: 'SET done = :done',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':done': { BOOL: true } },
        }),
      );
    },
    /** From `from` to `to`, newest first. */
    list: async (from: number, to: number): Promise<RecordedAct[]> => {
      const keys: string[] = [];
      for (let at = to; dayOf(at) >= dayOf(from); at -= dayMs)
        keys.push(...(await index.keysOf(actDay(at), from, to, Number.MAX_SAFE_INTEGER)));
      const found = (await index.get(keys)).map(({ act, done }) => ({
        ...actSchema.parse(JSON.parse(act?.S ?? 'null')),
        done: done?.BOOL === true,
      }));
      return found.sort((a, b) => b.at - a.at || a.id.localeCompare(b.id));
    },
  };
};
