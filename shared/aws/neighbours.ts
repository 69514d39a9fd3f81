import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { isConditionFailure } from './call.ts';

/** Something that fails, and where it is. */
const failingSchema = z.tuple([z.string(), z.string().nullable(), z.string().nullable()]);
export type Failing = { id: string; zone: string | null; group: string | null };

/** What fails in one account and region besides the resource at hand, and where AWS says that a whole zone does. */
export type Neighbours = {
  /** Different resources that were seen to fail within the window, the one at hand among them. */
  failing: readonly Failing[];
  /** There are more than are counted. */
  full: boolean;
  /** Ids and names of zones and regions that AWS told are impaired, and whose time is not over. */
  impaired: readonly string[];
};

/** An account and a region, as `123456789012/us-east-1`. */
export type Place = { account: string; region: string };

/**
 * What incidents know of one another: single-item updates of the ledger's table. All methods throw what the SDK throws; times are
 * milliseconds since the epoch and come from the caller.
 */
export type NeighbourWatch = {
  /** Notes that a resource fails, and gives back what else does; `window` in milliseconds. One call. */
  noteFailing(place: Place, failing: Failing, now: number, window: number): Promise<Neighbours>;
  /** Notes that a zone or a region, by the id or name that AWS gave it, is impaired until `until`. */
  noteImpaired(place: Place, id: string, until: number): Promise<void>;
  /** The zone or region is not impaired any more. */
  clearImpaired(place: Place, id: string): Promise<void>;
  /**
   * Whether the incident is the one that tells people of what many incidents have in common, named by `matter`. It is the first to
   * ask, and stays it; the matter is over once nobody has asked for `quiet` milliseconds.
   */
  tells(matter: string, incident: string, now: number, quiet: number): Promise<boolean>;
};

/** A window is counted in so many buckets, so it is exact to a fifth. */
const buckets = 5;
/** More than so many in one bucket needn't be told apart; an item has room for 400 KB. */
const capacity = 200;
/** Old buckets are cleared away in one go once there are so many. */
const untidy = 15;
/** Kept no longer than this after its last change, in milliseconds. */
const retention = 48 * 3600 * 1000;
const expiry = (now: number) => ({ N: String(Math.floor((now + retention) / 1000)) });

export const createNeighbourWatch = (client: DynamoDBClient, table: string): NeighbourWatch => {
  const keyOf = ({ account, region }: Place) => ({ pk: { S: `neighbours#${account}/${region}` } });

  /** Adds to the bucket, and gives back the whole item; the item as it is where the bucket is full. */
  const add = async (place: Place, bucket: string, entry: string, now: number) => {
    const Key = keyOf(place);
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: 'ADD #bucket :entry SET expiresAt = :expiry',
          ConditionExpression: 'attribute_not_exists(#bucket) OR size(#bucket) < :capacity',
          ExpressionAttributeNames: { '#bucket': bucket },
          ExpressionAttributeValues: { ':entry': { SS: [entry] }, ':capacity': { N: String(capacity) }, ':expiry': expiry(now) },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes ?? {};
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item ?? {};
    }
  };

  return {
    noteFailing: async (place, { id, zone, group }, now, window) => {
      const length = window / buckets;
      const current = Math.floor(now / length);
      const nameOf = (bucket: number) => `failing ${length} ${bucket}`;
      const item = await add(place, nameOf(current), JSON.stringify([id, zone, group]), now);

      const isCurrent = new Set(Array.from({ length: buckets }, (_, ago) => nameOf(current - ago)));
      const found = new Map<string, Failing>([[id, { id, zone, group }]]);
      const impaired: string[] = [];
      const over: string[] = [];
      let full = false;
      for (const [name, value] of Object.entries(item)) {
        if (isCurrent.has(name)) {
          const entries = value.SS ?? [];
          full ||= entries.length >= capacity;
          for (const entry of entries) {
            const [otherId, otherZone, otherGroup] = failingSchema.parse(JSON.parse(entry));
            found.set(otherId, { id: otherId, zone: otherZone, group: otherGroup });
          }
        } else if (name.startsWith('impaired ')) {
          if (Number(value.N) > now) impaired.push(name.slice('impaired '.length));
          else over.push(name);
        } else if (name.startsWith('failing ')) {
          const [, ofLength, bucket] = name.split(' ').map(Number) as [number, number, number];
          if ((bucket + 1) * ofLength < now - window) over.push(name);
        }
      }
      if (over.length >= untidy) {
        const names = Object.fromEntries(over.map((name, i) => [`#n${i}`, name]));
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(place),
            UpdateExpression: `REMOVE ${Object.keys(names).join(', ')}`,
            ExpressionAttributeNames: names,
          }),
        );
      }
      return { failing: [...found.values()], full, impaired };
    },

    noteImpaired: async (place, id, until) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(place),
          UpdateExpression: 'SET #zone = :until, expiresAt = :expiry',
          ExpressionAttributeNames: { '#zone': `impaired ${id}` },
          ExpressionAttributeValues: { ':until': { N: String(until) }, ':expiry': expiry(until) },
        }),
      );
    },

    clearImpaired: async (place, id) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(place),
          UpdateExpression: 'REMOVE #zone',
          ExpressionAttributeNames: { '#zone': `impaired ${id}` },
        }),
      );
    },

    tells: async (matter, incident, now, quiet) => {
      const update = (condition: string, teller: string | null) =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: `matter#${matter}` } },
            UpdateExpression: `SET askedAt = :now, expiresAt = :expiry${teller === null ? '' : ', teller = :teller'}`,
            ConditionExpression: condition,
            ExpressionAttributeValues: {
              ':now': { N: String(now) },
              ':expiry': expiry(now),
              ...(teller === null ? {} : { ':teller': { S: teller } }),
              ...(condition.includes(':over') ? { ':over': { N: String(now - quiet) } } : {}),
            },
          }),
        );
      try {
        await update('attribute_not_exists(teller) OR teller = :teller OR askedAt < :over', incident);
        return true;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
      // Somebody else tells; that it goes on is noted, so that it doesn't count as over.
      await update('attribute_exists(teller)', null);
      return false;
    },
  };
};
