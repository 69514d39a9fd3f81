import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { rateOf } from '../model/call-rate.ts';
import { hourMs, minuteMs } from '../model/duration.ts';
import type { Turns } from '../ports/turns.ts';
import { isConditionFailure } from './call.ts';
import { placedKeyOf } from './ledger-keys.ts';

/** No turn is later than this, in milliseconds: a look must not wait for ever, should the clock of one function have been wrong. */
const longestQueue = 40 * minuteMs;

/** Turns in the ledger's table: one item for each allowance, with the moment of the next free turn. */
export const createTurns = (client: DynamoDBClient, TableName: string): Turns => ({
  takeTurn: async (place, call, now) => {
    const { name, perSecond } = rateOf(call);
    const step = Math.ceil(1000 / perSecond);
    /** Moves the next turn by one; the turn taken, or null if the condition doesn't hold. */
    const take = async (next: string, ConditionExpression: string, latest: Record<string, { N: string }>): Promise<number | null> => {
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({
            TableName,
            Key: placedKeyOf('turn', place, name),
            UpdateExpression: `SET nextAt = ${next} + :step, expiresAt = :expiry`,
            ConditionExpression,
            ExpressionAttributeValues: {
              ':now': { N: String(now) },
              ':step': { N: String(step) },
              ':expiry': { N: String(Math.floor((now + hourMs) / 1000)) },
              ...latest,
            },
            ReturnValues: 'UPDATED_NEW',
          }),
        );
        return Number(Attributes?.nextAt?.N) - step;
      } catch (error) {
        if (isConditionFailure(error)) return null;
        throw error;
      }
    };
    const behindOthers = () => take('nextAt', 'nextAt > :now AND nextAt < :latest', { ':latest': { N: String(now + longestQueue) } });
    const asFirst = () => take(':now', 'attribute_not_exists(nextAt) OR nextAt <= :now', {});
    return (await behindOthers()) ?? (await asFirst()) ?? behindOthers();
  },
});
