import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { dayMs, hourMs } from '../model/duration.ts';
import { CodedError } from '../model/errors.ts';
import { parseJson } from '../model/json.ts';
import type { Place } from '../model/place.ts';
import type { Failing, FailureCorrelation, OptedIn } from '../ports/failure-correlation.ts';
import { isConditionFailure } from './call.ts';
import { isTooLarge, shortName } from './item.ts';
import { keyOf, placedKeyOf } from './ledger-keys.ts';

/** A failing resource with its zone and group. */
const failingSchema = z.tuple([z.string(), z.string().nullable(), z.string().nullable()]);

/** IAM actions of counting, in addition to the ledger's. A test compares them with the packaged template. */
export const countingPermissions = ['dynamodb:BatchGetItem'] as const;

/** A window is counted in this many slices, so it is exact to a fifth. One item has the slices of one window. */
const slices = 5;
/** The maximum count in one slice; beyond it, single resources don't matter any more. */
export const capacity = 200;
/** The length of a stored name, in bytes; each entry has three. */
const nameBytes = 64;
/** The maximum clock difference between two functions, in milliseconds (assumed). No failure is missed within it. */
const maxClockSkew = 120_000;
/** How long a count of what has opted in is good for, in milliseconds. */
const optedInFor = dayMs;
const optedInSchema = z.object({ all: z.int().min(0), zones: z.record(z.string(), z.int().min(0)) });
/** How long expired items are kept, in milliseconds. */
const retentionMs = 48 * hourMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });

/**
 * The slices of a window, by increasing numbers: `first` to `last` may contain failures within the window, and a failure is recorded in
 * `current`. `last` is later than `current`, since another function's clock may be ahead.
 */
export const slicesOf = (now: number, windowMs: number): { first: number; current: number; last: number } => {
  const numberOf = (at: number) => Math.floor((at * slices) / windowMs);
  return { first: numberOf(now - maxClockSkew) - (slices - 1), current: numberOf(now), last: numberOf(now + maxClockSkew) };
};

/** Unprocessed keys are requested again this often. */
const batchTries = 5;

type Item = Record<string, AttributeValue>;

/** Failure correlation in the ledger's table. */
export const createFailureCorrelation = (client: DynamoDBClient, table: string): FailureCorrelation => {
  const bucketKey = ({ account, region }: Place, windowMs: number, bucket: number) =>
    placedKeyOf('failing', { account, region }, `${windowMs}#${bucket}`);
  const impairedKey = (place: Place, id: string) => placedKeyOf('impaired', place, id);

  const optedInKey = (place: Place) => placedKeyOf('opted-in', place, 'instances');

  /** A count that is too old, or by a clock that can't be right, or unreadable, is none: fewer failures are a mass failure then. */
  const optedInOf = (item: Item | undefined, now: number): OptedIn | null => {
    const at = Number(item?.countedAt?.N ?? Number.NaN);
    if (!(at <= now + maxClockSkew && now - at <= optedInFor)) return null;
    return optedInSchema.safeParse(parseJson(item?.optedIn?.S ?? '')).data ?? null;
  };

  /** Adds an entry to a slice that isn't full. */
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
      // DynamoDB reports missing items with an empty list. No list at all is not an answer.
      if (!items) throw new Error('DynamoDB returned an empty result for items');
      for (const item of items) found.set(item.pk?.S ?? '', item);
      wanted = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    if (wanted.length > 0) throw new CodedError('ProvisionedThroughputExceededException', `${wanted.length} items could not be read`);
    return found;
  };

  return {
    noteFailing: async (place, { id, zone, group }, now, windowMs, where = []) => {
      const short = (name: string | null) => (name === null ? null : shortName(name, nameBytes));
      const { first, current, last } = slicesOf(now, windowMs);
      const bucketOf = (slice: number) => Math.floor(slice / slices);
      const entry = JSON.stringify([short(id), short(zone), short(group)]);
      await add(bucketKey(place, windowMs, bucketOf(current)), String(current), entry, now);

      const keys = new Set<string>();
      for (let bucket = bucketOf(first); bucket <= bucketOf(last); bucket++) keys.add(bucketKey(place, windowMs, bucket).pk.S);
      const items = await get(
        [...new Set([...keys, optedInKey(place).pk.S, ...where.map((one) => impairedKey(place, one).pk.S)])].map((pk) => ({
          pk: { S: pk },
        })),
      );

      // Maps shortened names back, for the zone and the group of the resource at hand.
      const own = new Map([zone, group].map((name) => [short(name), name]));
      const named = (name: string | null) => own.get(name) ?? name;
      const found = new Map<string | null, Failing>([[short(id), { id, zone, group }]]);
      let full = false;
      for (let slice = first; slice <= last; slice++) {
        const entries = items.get(bucketKey(place, windowMs, bucketOf(slice)).pk.S)?.[String(slice)]?.SS ?? [];
        full ||= entries.length >= capacity;
        for (const text of entries) {
          const [otherId, otherZone, otherGroup] = failingSchema.parse(JSON.parse(text));
          if (otherId !== short(id)) found.set(otherId, { id: otherId, zone: named(otherZone), group: named(otherGroup) });
        }
      }
      const impaired = where.filter((one) => Number(items.get(impairedKey(place, one).pk.S)?.until?.N ?? 0) > now);
      const optedIn = optedInOf(items.get(optedInKey(place).pk.S), now);
      return { failing: [...found.values()], full, impaired, ...(optedIn ? { optedIn } : {}) };
    },

    noteOptedIn: async (place, optedIn, now) => {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...optedInKey(place),
            optedIn: { S: JSON.stringify(optedIn) },
            countedAt: { N: String(now) },
            expiresAt: expiry(now),
          },
        }),
      );
    },

    optedInCountedAt: async (place) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: optedInKey(place), ConsistentRead: true }));
      return Item?.countedAt?.N === undefined ? null : Number(Item.countedAt.N);
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
            // Don't create an item for an impairment that was never recorded.
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#until': 'until' },
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },

    electReporter: async (matter, incident, now, quietMs) => {
      /** Notes that it is asked for and, if that changes, by whom it is reported. */
      const note = (ConditionExpression: string, values: Item, elects: boolean) =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf('announcement', matter),
            UpdateExpression: `SET askedAt = :now, expiresAt = :expiry${elects ? ', teller = :teller' : ''}`,
            ConditionExpression,
            ExpressionAttributeValues: { ':now': { N: String(now) }, ':expiry': expiry(now), ...values },
          }),
        );
      const holds = async (condition: string, elects: boolean): Promise<boolean> => {
        try {
          await note(condition, values, elects);
          return true;
        } catch (error) {
          if (isConditionFailure(error)) return false;
          throw error;
        }
      };
      const values = { ':teller': { S: incident }, ':over': { N: String(now - quietMs) } };
      // In a storm, nearly all find that another incident reports it. That it is still going on is noted, so that it doesn't count as over.
      if (await holds('teller <> :teller AND askedAt >= :over', false)) return false;
      if (await holds('attribute_not_exists(teller) OR teller = :teller OR askedAt < :over', true)) return true;
      // Another one was elected in between. If there is none after all, nobody may take it for reported.
      await note('attribute_exists(teller)', {}, false);
      return false;
    },
  };
};
