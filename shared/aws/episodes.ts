import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { hourMs } from '../model/duration.ts';
import type { Place } from '../model/place.ts';
import type { Episode, Episodes } from '../ports/episodes.ts';
import { isConditionFailure } from './call.ts';
import { placedKeyOf } from './ledger-keys.ts';

/** How long an episode is kept after its last report, in milliseconds. */
const retentionMs = 48 * hourMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });

type Item = Record<string, { S?: string; N?: string } | undefined>;
/** An episode with unreadable numbers counts as long over, so that its opener ends it at once. */
const episodeOf = ({ opener, openedAt, lastAt, joined }: Item): Episode => {
  const figures = { openedAt: Number(openedAt?.N), lastAt: Number(lastAt?.N), joined: Number(joined?.N ?? 0) };
  const readable = Object.values(figures).every(Number.isFinite);
  return { opener: opener?.S ?? 'unknown', ...(readable ? figures : { openedAt: 0, lastAt: 0, joined: 0 }) };
};

/** Two incidents may find it over at the same moment: one opens a new episode, and the other joins it on the next try. */
const tries = 3;

/** Episodes in the ledger's table. */
export const createEpisodes = (client: DynamoDBClient, TableName: string): Episodes => {
  const itemOf = (place: Place, matter: string) => ({ TableName, Key: placedKeyOf('episode', place, matter) });
  const update = async (
    where: ReturnType<typeof itemOf>,
    UpdateExpression: string,
    ConditionExpression: string,
    values: Record<string, { S: string } | { N: string }>,
  ): Promise<Episode | null> => {
    try {
      const { Attributes = {} } = await client.send(
        new UpdateItemCommand({
          ...where,
          ...{ UpdateExpression, ConditionExpression, ExpressionAttributeValues: values, ReturnValues: 'ALL_NEW' as const },
        }),
      );
      return episodeOf(Attributes as Item);
    } catch (error) {
      if (isConditionFailure(error)) return null;
      throw error;
    }
  };
  return {
    joinEpisode: async (place, matter, incident, now, quietMs) => {
      const where = itemOf(place, matter);
      const common = { ':me': { S: incident }, ':now': { N: String(now) }, ':expiry': expiry(now) };
      const over = { ':over': { N: String(now - quietMs) } };
      for (let tried = 1; ; tried++) {
        const joined = await update(
          where,
          'SET lastAt = :now, lastBy = :me, expiresAt = :expiry ADD joined :one',
          'attribute_exists(opener) AND opener <> :me AND lastBy <> :me AND lastAt >= :over',
          { ...common, ...over, ':one': { N: '1' } },
        );
        if (joined) return joined;
        const mine = { ':me': common[':me'], ':expiry': common[':expiry'], ...over };
        const own = await update(where, 'SET expiresAt = :expiry', 'opener = :me OR (lastBy = :me AND lastAt >= :over)', mine);
        if (own) return own;
        const opened = await update(
          where,
          'SET opener = :me, openedAt = :now, lastAt = :now, lastBy = :me, joined = :none, expiresAt = :expiry',
          'attribute_not_exists(opener) OR lastAt < :over',
          { ...common, ...over, ':none': { N: '0' } },
        );
        if (opened) return opened;
        if (tried >= tries) throw new Error(`nobody could join or open the episode of ${matter}`);
      }
    },
    readEpisode: async (place, matter) => {
      const { Item } = await client.send(new GetItemCommand({ ...itemOf(place, matter), ConsistentRead: true }));
      return Item?.opener ? episodeOf(Item as Item) : null;
    },
    endEpisode: async (place, matter, { opener, lastAt, joined }) => {
      const where = itemOf(place, matter);
      const as = { ':opener': { S: opener }, ':last': { N: String(lastAt) }, ':joined': { N: String(joined) } };
      const is = 'opener = :opener AND lastAt = :last AND joined = :joined';
      if (await update(where, 'REMOVE opener, openedAt, lastAt, lastBy, joined', is, as)) return true;
      const { Item } = await client.send(new GetItemCommand({ ...where, ConsistentRead: true }));
      // It was ended by a try whose response was lost, or belongs to another incident by now.
      return Item?.opener?.S !== opener;
    },
  };
};
