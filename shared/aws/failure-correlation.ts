import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Place } from '../model/place.ts';
import type { Failing, NeighbourWatch } from '../ports/failure-correlation.ts';
import { isConditionFailure } from './call.ts';
import { isTooLarge, shortName } from './item.ts';
import { keyOf, placedKeyOf } from './ledger-keys.ts';

/** Something that fails, and where it is. */
const failingSchema = z.tuple([z.string(), z.string().nullable(), z.string().nullable()]);

/** Permissions of counting besides the ledger's; held against the packaged template. */
export const countingPermissions = ['dynamodb:BatchGetItem'] as const;

/** A window is counted in so many slices, so it is exact to a fifth; an item holds those of one window. */
const slices = 5;
/** More than so many in one slice needn't be told apart. */
export const capacity = 200;
/** In bytes: what is kept of a name, of which an item holds three for each of what it counts. */
const nameBytes = 64;
/** So far apart may the clocks of two functions be, in milliseconds (assumed): nothing that fails is lost by that. */
const skew = 120_000;
/** What is over is kept for so long, in milliseconds. */
const retention = 48 * 3600 * 1000;
const expiry = (now: number) => ({ N: String(Math.floor((now + retention) / 1000)) });

/**
 * The slices in which something may stand that fails within the window, by numbers that go on for ever, and the one in which something
 * stands that fails now: one that another clock is early with stands in a later one.
 */
export const slicesOf = (now: number, window: number): { first: number; current: number; last: number } => {
  const numberOf = (at: number) => Math.floor((at * slices) / window);
  return { first: numberOf(now - skew) - (slices - 1), current: numberOf(now), last: numberOf(now + skew) };
};

/** What was asked for and didn't come is asked for again, but not for ever. */
const batchTries = 5;

type Item = Record<string, AttributeValue>;

export const createNeighbourWatch = (client: DynamoDBClient, table: string): NeighbourWatch => {
  const bucketKey = ({ account, region }: Place, window: number, bucket: number) =>
    placedKeyOf('failing', { account, region }, `${window}#${bucket}`);
  const impairedKey = (place: Place, id: string) => placedKeyOf('impaired', place, id);

  /** Adds to a slice that isn't full. */
  const add = async (Key: Item, slice: string, entry: string, now: number): Promise<void> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: 'ADD #slice :entry SET expiresAt = :expiry',
          ConditionExpression: 'attribute_not_exists(#slice) OR size(#slice) < :capacity',
          ExpressionAttributeNames: { '#slice': slice },
          ExpressionAttributeValues: { ':entry': { SS: [entry] }, ':capacity': { N: String(capacity) }, ':expiry': expiry(now) },
        }),
      );
    } catch (error) {
      if (!isConditionFailure(error) && !isTooLarge(error)) throw error;
    }
  };

  const get = async (keys: readonly { pk: { S: string } }[]): Promise<Map<string, Item>> => {
    const found = new Map<string, Item>();
    let wanted: Item[] = [...keys];
    for (let tries = 0; wanted.length > 0 && tries < batchTries; tries++) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } }),
      );
      const items = Responses?.[table];
      // That nothing is there it says with an empty list: none at all is no answer.
      if (!items) throw new Error('DynamoDB returned an empty result for items');
      for (const item of items) found.set(item.pk?.S ?? '', item);
      wanted = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    if (wanted.length > 0)
      throw Object.assign(new Error(`${wanted.length} items could not be read`), { name: 'ProvisionedThroughputExceededException' });
    return found;
  };

  return {
    noteFailing: async (place, { id, zone, group }, now, window, where = []) => {
      const short = (name: string | null) => (name === null ? null : shortName(name, nameBytes));
      const { first, current, last } = slicesOf(now, window);
      const bucketOf = (slice: number) => Math.floor(slice / slices);
      const entry = JSON.stringify([short(id), short(zone), short(group)]);
      await add(bucketKey(place, window, bucketOf(current)), String(current), entry, now);

      const keys = new Set<string>();
      for (let bucket = bucketOf(first); bucket <= bucketOf(last); bucket++) keys.add(bucketKey(place, window, bucket).pk.S);
      const items = await get(
        [...new Set([...keys, ...where.map((one) => impairedKey(place, one).pk.S)])].map((pk) => ({ pk: { S: pk } })),
      );

      // By its own names what is at hand knows its neighbours again.
      const own = new Map([zone, group].map((name) => [short(name), name]));
      const named = (name: string | null) => own.get(name) ?? name;
      const found = new Map<string | null, Failing>([[short(id), { id, zone, group }]]);
      let full = false;
      for (let slice = first; slice <= last; slice++) {
        const entries = items.get(bucketKey(place, window, bucketOf(slice)).pk.S)?.[String(slice)]?.SS ?? [];
        full ||= entries.length >= capacity;
        for (const text of entries) {
          const [otherId, otherZone, otherGroup] = failingSchema.parse(JSON.parse(text));
          if (otherId !== short(id)) found.set(otherId, { id: otherId, zone: named(otherZone), group: named(otherGroup) });
        }
      }
      const impaired = where.filter((one) => Number(items.get(impairedKey(place, one).pk.S)?.until?.N ?? 0) > now);
      return { failing: [...found.values()], full, impaired };
    },

    noteImpaired: async (place, id, until) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: impairedKey(place, id),
          UpdateExpression: 'SET #until = :until, expiresAt = :expiry',
          ExpressionAttributeNames: { '#until': 'until' },
          ExpressionAttributeValues: { ':until': { N: String(until) }, ':expiry': expiry(until) },
        }),
      );
    },

    clearImpaired: async (place, id) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: impairedKey(place, id),
            UpdateExpression: 'REMOVE #until',
            // Of what was never noted nothing need be kept.
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#until': 'until' },
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },

    tells: async (matter, incident, now, quiet) => {
      const update = (condition: string, teller: string | null) =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf('announcement', matter),
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
