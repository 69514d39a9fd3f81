import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { abridge } from '../incident/abridge.ts';
import type { Incident } from '../incident/incident.ts';
import type { Outcome } from '../incident/outcome.ts';
import { dayOf } from './incidents.ts';
import { createNeighbourWatch, type NeighbourWatch } from './neighbours.ts';

const attemptSchema = z.object({ at: z.number(), action: z.string(), incident: z.string() });

/** One action begun on a resource, whether or not it worked; `at` in milliseconds since the epoch. */
export type Attempt = z.infer<typeof attemptSchema>;

/** Anything that only one incident may have at a time: a resource, or a place in a group. */
export type Leasable = { type: string; id: string };

export type Lease = { acquired: true; attempts: Attempt[] } | { acquired: false; holder: string; until: number };

/**
 * The memory that outlives processes: who treats which resource, what was tried on it, how each incident ended. One table, string
 * key `pk`, and every write a conditional update of a single item, so that it needs no transaction.
 *
 * All methods throw what the SDK throws; times are milliseconds since the epoch and come from the caller.
 */
export type Ledger = NeighbourWatch & {
  /** Takes the resource for the incident until `until`, or renews it. A lease that ran out is anybody's. */
  acquire(resource: Leasable, incident: string, now: number, until: number): Promise<Lease>;
  /** Notes an action before it is begun. Throws `LeaseLost` if somebody else holds the resource by now: then nothing may be done. */
  recordAttempt(resource: Leasable, attempt: Attempt, kept: readonly Attempt[]): Promise<void>;
  /** Gives the resource back; does nothing if the incident doesn't hold it. */
  release(resource: Leasable, incident: string): Promise<void>;
  /** Notes that an incident has begun; gives back its outcome if it has already ended, so that it isn't treated again. */
  open(incident: Incident, now: number): Promise<Outcome | null>;
  /** Notes what the incident holds besides its own resource, so that it can be freed should its execution die. */
  noteLeases(incident: string, leases: readonly Leasable[]): Promise<void>;
  /** Notes how it ended, with its whole timeline. The first outcome stands: false if there is one already. */
  close(outcome: Outcome): Promise<boolean>;
  /** Notes that the end of an execution that died has been told. */
  noteSeenTo(incident: string): Promise<void>;
  read(incident: string): Promise<IncidentRecord | null>;
};

export type IncidentRecord = { status: string; incident: Incident | null; outcome: Outcome | null; leases: Leasable[]; seenTo: boolean };

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

const isConditionFailure = (error: unknown): boolean => (error as { name?: string }).name === 'ConditionalCheckFailedException';

const leaseKey = ({ type, id }: Leasable) => ({ pk: { S: `resource#${type}/${id}` } });
const incidentKey = (key: string) => ({ pk: { S: `incident#${key}` } });

/** What is over is kept this long, then the table's time to live removes it. In milliseconds. */
const retention = 90 * 24 * 3600 * 1000;
const expiry = (now: number) => ({ N: String(Math.floor((now + retention) / 1000)) });

/** What the index `by-day` finds an incident by: the day of its opening, and the moment. */
const opened = (now: number) => ({ day: { S: dayOf(now) }, openedAt: { N: String(now) } });

const parseAttempts = (text: string | undefined): Attempt[] => (text === undefined ? [] : z.array(attemptSchema).parse(JSON.parse(text)));

/** DynamoDB refuses items over 400 KB, and the incident itself is in the item as well. */
const room = { bytes: 150_000, keep: 50 };

/** Permissions of the ledger's calls; held against the packaged template. */
export const ledgerPermissions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;

export const createLedger = (client: DynamoDBClient, table: string): Ledger => {
  const ledger: Ledger = {
    ...createNeighbourWatch(client, table),

    acquire: async (resource, incident, now, until) => {
      const Key = leaseKey(resource);
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key,
            UpdateExpression: 'SET holder = :me, leasedUntil = :until, expiresAt = :expiry',
            ConditionExpression: 'attribute_not_exists(holder) OR holder = :me OR leasedUntil <= :now',
            ExpressionAttributeValues: {
              ':me': { S: incident },
              ':until': { N: String(until) },
              ':now': { N: String(now) },
              ':expiry': expiry(now),
            },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return { acquired: true, attempts: parseAttempts(Attributes?.attempts?.S) };
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
        return { acquired: false, holder: Item?.holder?.S ?? 'unknown', until: Number(Item?.leasedUntil?.N ?? 0) };
      }
    },

    recordAttempt: async (resource, attempt, kept) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: leaseKey(resource),
            UpdateExpression: 'SET attempts = :attempts',
            ConditionExpression: 'holder = :me AND leasedUntil > :now',
            ExpressionAttributeValues: {
              ':me': { S: attempt.incident },
              ':now': { N: String(attempt.at) },
              ':attempts': { S: JSON.stringify([...kept, attempt]) },
            },
          }),
        );
      } catch (error) {
        if (isConditionFailure(error)) throw new LeaseLost(`another incident holds ${resource.type} ${resource.id}`);
        throw error;
      }
    },

    release: async (resource, incident) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: leaseKey(resource),
            UpdateExpression: 'REMOVE holder, leasedUntil',
            ConditionExpression: 'holder = :me',
            ExpressionAttributeValues: { ':me': { S: incident } },
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },

    open: async (incident, now) => {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...incidentKey(incident.key),
              status: { S: 'open' },
              incident: { S: JSON.stringify(incident) },
              ...opened(now),
              expiresAt: expiry(now),
            },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return null;
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return (await ledger.read(incident.key))?.outcome ?? null;
      }
    },

    noteLeases: async (incident, leases) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: incidentKey(incident),
          UpdateExpression: 'ADD leases :leases',
          ExpressionAttributeValues: { ':leases': { SS: leases.map(({ type, id }) => JSON.stringify({ type, id })) } },
        }),
      );
    },

    close: async (outcome) => {
      const ended = Date.parse(outcome.endedAt);
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: incidentKey(outcome.incident),
            UpdateExpression: 'SET #status = :status, outcome = :outcome, endedAt = :ended, expiresAt = :expiry',
            ConditionExpression: 'attribute_not_exists(outcome)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':status': { S: outcome.status },
              ':outcome': { S: JSON.stringify(abridge(outcome, room)) },
              ':ended': { N: String(ended) },
              ':expiry': expiry(ended),
            },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },

    noteSeenTo: async (incident) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: incidentKey(incident),
          UpdateExpression: 'SET seenTo = :true',
          ExpressionAttributeValues: { ':true': { BOOL: true } },
        }),
      );
    },

    read: async (incident) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: incidentKey(incident), ConsistentRead: true }));
      if (!Item) return null;
      return {
        status: Item.status?.S ?? 'unknown',
        incident: Item.incident?.S ? (JSON.parse(Item.incident.S) as Incident) : null,
        outcome: Item.outcome?.S ? (JSON.parse(Item.outcome.S) as Outcome) : null,
        leases: (Item.leases?.SS ?? []).map((text) => JSON.parse(text) as Leasable),
        seenTo: Item.seenTo?.BOOL === true,
      };
    },
  };
  return ledger;
};
