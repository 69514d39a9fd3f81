import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { dayMs, minuteMs } from '../model/duration.ts';
import { type BeatRecord, type Beats, type BlindTime, noBeat } from '../ports/beats.ts';
import { isConditionFailure } from './call.ts';
import { keyOf, prefixOf } from './ledger-keys.ts';

/** IAM actions of counting beats, and of watching them. A test compares them with the packaged template. */
export const countBeatPermissions = ['dynamodb:UpdateItem'] as const;
export const watchBeatsPermissions = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;

/** The number of beats a minute that count; the others are refused, whoever has the token. */
const maxPerMinute = 60;
/** A time further ahead of the clock was written by a wrong one, and doesn't stand. In milliseconds. */
const aheadMs = 5 * minuteMs;
/** Longer than the longest time between two beats, in milliseconds: what isn't in the policy any more goes some day. */
const retentionMs = 800 * dayMs;
/** A sweep every two minutes; after so many that failed, beats may have been lost as well. In milliseconds. */
const blindMs = 10 * minuteMs;
/** How often keys are asked for again that DynamoDB leaves out. */
const batchTries = 8;

type Item = Record<string, AttributeValue>;

const number = (value: AttributeValue | undefined): number | null => {
  const read = Number(value?.N ?? Number.NaN);
  return Number.isFinite(read) ? read : null;
};

const recordOf = (item: Item | undefined): BeatRecord => {
  if (!item) return noBeat;
  const [since, due] = [number(item.since), number(item.due)];
  return {
    lastAt: number(item.lastAt),
    watched: item.timing?.S === undefined || since === null ? null : { timing: item.timing.S, since },
    missed: due === null ? null : { due, lastAt: number(item.dueAfter), started: item.started?.BOOL === true },
  };
};

/** Heartbeats in the ledger's table: an item each, and one of the sweeps. */
export const createBeats = (client: DynamoDBClient, TableName: string): Beats => {
  /** True if the condition held and the item was changed. */
  const update = async (name: string, UpdateExpression: string, condition: string | null, values: Item): Promise<boolean> => {
    try {
      await client.send(
        new UpdateItemCommand({
          ...{ TableName, Key: keyOf('beat', name), UpdateExpression, ExpressionAttributeValues: values },
          ...(condition === null ? {} : { ConditionExpression: condition }),
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  };
  const N = (value: number): AttributeValue => ({ N: String(value) });
  const expiry = (now: number): AttributeValue => N(Math.floor((now + retentionMs) / 1000));
  const looked = { TableName, Key: keyOf('sweep', 'beats') };

  return {
    countBeat: async (name, at, now) => {
      const minute = Math.floor(now / minuteMs);
      const window = { ':minute': N(minute), ':ahead': N(minute + aheadMs / minuteMs), ':one': N(1) };
      // Clocks differ a little: a beat of the minute before counts into the newer one.
      const add = () =>
        update(name, 'ADD tally :one', 'tallyMinute BETWEEN :minute AND :ahead AND tally < :most', {
          ...window,
          ':most': N(maxPerMinute),
        });
      const open = () =>
        update(
          name,
          'SET tallyMinute = :minute, tally = :one',
          'attribute_not_exists(tallyMinute) OR NOT tallyMinute BETWEEN :minute AND :ahead',
          window,
        );
      // Of several at the same moment, one opens the minute and the others are added to it.
      const counted = (await add()) || (await open()) || (await add());
      if (!counted) return 'too-many';
      // An event that was delivered late doesn't take back a newer beat.
      await update(name, 'SET lastAt = :at, expiresAt = :expiry', 'attribute_not_exists(lastAt) OR lastAt < :at OR lastAt > :ahead', {
        ':at': N(Math.min(at, now)),
        ':ahead': N(now + aheadMs),
        ':expiry': expiry(now),
      });
      return 'counted';
    },
    readBeats: async (names) => {
      const found = new Map<string, BeatRecord>();
      let wanted: Item[] = names.map((name) => keyOf('beat', name));
      for (let tries = 0; wanted.length > 0; tries++) {
        if (tries === batchTries) throw new Error(`${wanted.length} heartbeats could not be read from the ledger`);
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: wanted, ConsistentRead: true } } }),
        );
        for (const item of Responses?.[TableName] ?? []) found.set((item.pk?.S ?? '').slice(prefixOf('beat').length), recordOf(item));
        wanted = UnprocessedKeys?.[TableName]?.Keys ?? [];
      }
      return found;
    },
    readBeat: async (name) => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf('beat', name), ConsistentRead: true }));
      return recordOf(Item);
    },
    watchBeat: async (name, timing, now) => {
      await update(name, 'SET timing = :timing, since = :now, expiresAt = :expiry', 'attribute_not_exists(timing) OR timing <> :timing', {
        ':timing': { S: timing },
        ':now': N(now),
        ':expiry': expiry(now),
      });
    },
    noteMissed: async (name, { due, lastAt }) =>
      lastAt === null
        ? update(name, 'SET due = :due', 'attribute_not_exists(due) AND attribute_not_exists(lastAt)', { ':due': N(due) })
        : update(name, 'SET due = :due, dueAfter = :last', 'attribute_not_exists(due) AND lastAt = :last', {
            ':due': N(due),
            ':last': N(lastAt),
          }),
    noteMissedStarted: async (name, due) => {
      await update(name, 'SET started = :yes', 'due = :due', { ':yes': { BOOL: true }, ':due': N(due) });
    },
    noteResumed: async (name, due) => {
      await update(name, 'REMOVE due, dueAfter, started', 'due = :due', { ':due': N(due) });
    },
    noteLooked: async (now) => {
      const { Item = {} } = await client.send(new GetItemCommand({ ...looked, ConsistentRead: true }));
      const [last, from, to] = [number(Item.lookedAt), number(Item.blindFrom), number(Item.blindTo)];
      const before: BlindTime | null = from === null || to === null ? null : { from, to };
      const blind = last !== null && now - last > blindMs ? { from: last, to: now } : before;
      await client.send(
        new PutItemCommand({
          TableName,
          Item: {
            ...looked.Key,
            lookedAt: N(now),
            ...(blind ? { blindFrom: N(blind.from), blindTo: N(blind.to) } : {}),
          },
        }),
      );
      return blind;
    },
  };
};
