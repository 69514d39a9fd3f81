import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Pause, pauseSchema } from '../model/pause.ts';
import type { Pauses } from '../ports/pauses.ts';
import { isConditionFailure } from './call.ts';
import { shortName } from './item.ts';
import { keyOf } from './ledger-keys.ts';

/** IAM actions of reading and of changing pauses. A test compares them with the packaged template. */
export const pausePermissions = ['dynamodb:GetItem', 'dynamodb:UpdateItem'] as const;

/** In characters of an attribute's name. */
const longestName = 200;

type Named = Pick<Pause, 'resource' | 'account' | 'region'>;

const nameOf = ({ resource: { type, id }, account, region }: Named): string => {
  const where = account === undefined && region === undefined ? '' : ` ${account ?? '*'}/${region ?? '*'}`;
  return shortName(`${type ?? ''}/${id}${where}`, longestName);
};
/** An item that is read as a whole has three attributes for each pause. */
const attributesOf = (pause: Named) => {
  const name = nameOf(pause);
  return { '#pause': `pause ${name}`, '#held': `held ${name}`, '#last': `last ${name}` };
};
const textOf = ({ resource, account, region, until, at, by, because }: Omit<Pause, 'held' | 'last'>): AttributeValue => ({
  S: JSON.stringify({ resource, account, region, until, at, by, because }),
});

/** Pauses in the ledger's table, in one item, so that a guard needs one read for all of them. */
export const createPauses = (client: DynamoDBClient, table: string): Pauses => {
  const Key = keyOf('pauses', 'resources');
  const update = async (
    ExpressionAttributeNames: Record<string, string>,
    UpdateExpression: string,
    ExpressionAttributeValues: Record<string, AttributeValue>,
    ConditionExpression?: string,
  ): Promise<void> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression,
          ExpressionAttributeNames,
          ExpressionAttributeValues,
          ...(ConditionExpression ? { ConditionExpression } : {}),
        }),
      );
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  };
  return {
    pauses: async () => {
      const { Item = {} } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Object.entries(Item).flatMap(([name, value]): Pause[] => {
        if (!name.startsWith('pause ')) return [];
        const pause = pauseSchema.parse(JSON.parse(value.S ?? 'null'));
        const { '#held': held, '#last': last } = attributesOf(pause);
        return [{ ...pause, held: Number(Item[held]?.N ?? 0), last: Item[last]?.S ?? null }];
      });
    },
    setPause: async (pause) => {
      const { '#pause': name } = attributesOf(pause);
      await update({ '#pause': name }, 'SET #pause = :pause', { ':pause': textOf(pause) });
    },
    noteHeldByPause: async (pause, incident) => {
      await update(
        attributesOf(pause),
        'SET #last = :incident ADD #held :one',
        { ':incident': { S: incident }, ':one': { N: '1' } },
        'attribute_exists(#pause) AND (attribute_not_exists(#last) OR #last <> :incident)',
      );
    },
    endPause: async (pause) => {
      await update(attributesOf(pause), 'REMOVE #pause, #held, #last', { ':pause': textOf(pause) }, '#pause = :pause');
    },
  };
};
