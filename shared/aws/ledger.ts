import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { abridge, newestLines } from '../model/abridge.ts';
import { stopSchema } from '../model/act.ts';
import { channelsAmong } from '../model/channel-id.ts';
import { drainedSchema } from '../model/drained.ts';
import { dayMs } from '../model/duration.ts';
import { reviveGuardId } from '../model/guard-id.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome, TimelineEntry } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import {
  type Attempt,
  attemptSchema,
  IncidentStoppedError,
  LeaseLostError,
  type Ledger,
  type OutOfService,
  type TakenOut,
  unknownHolder,
} from '../ports/ledger.ts';
import { attempt, isConditionFailure } from './call.ts';
import { createCommonMasses } from './common-masses.ts';
import { dayOf } from './day-index.ts';
import { createEpisodes } from './episodes.ts';
import { createFailureCorrelation } from './failure-correlation.ts';
import { createInbox } from './inbox.ts';
import { createIncidents } from './incident-archive.ts';
import { isTooLarge } from './item.ts';
import { keyOf, placedKeyOf, prefixOf } from './ledger-keys.ts';
import { createLayoutCheck } from './ledger-layout.ts';
import { createMadeReaders } from './made-readers.ts';
import { createPauses } from './pauses.ts';
import { createRaisedReserves } from './raised-reserves.ts';
import { createReplacementLog } from './replacements.ts';
import { stored } from './stored-names.ts';
import { createTurns } from './turns.ts';

/** What a lease is for, as stored with the incident. */
const leasableSchema = z.object({ account: z.string(), region: z.string(), type: z.string(), id: z.string() });

const leaseKey = (what: Leasable) => placedKeyOf('lease', what, `${what.type}/${what.id}`);
const sweepKey = keyOf('sweep', 'executions');
const incidentKey = (key: string) => keyOf('incident', key);

/** How long ended incidents are kept until the table's time to live removes them. In milliseconds. */
const retentionMs = 90 * dayMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });

/** The attributes of the index `by-day`: the UTC day and the moment of its opening. */
const openingAttributes = (now: number) => ({ day: { S: dayOf(now) }, openedAt: { N: String(now) } });

const parseAttempts = (text: string | undefined): Attempt[] => (text === undefined ? [] : z.array(attemptSchema).parse(JSON.parse(text)));

const takenOutSchema = z.object({ instance: z.string(), group: z.string().nullable(), drained: drainedSchema.optional() });
const begunSchema = z.object({
  at: z.number(),
  action: z.string(),
  target: z.object({ type: z.string(), id: z.string() }),
  attempt: z.number(),
});
/** The newest timeline lines of an open incident are kept, for people, in case the execution dies. */
const openTimelineLimits = { lines: 60, bytes: 60_000 };

/** The attribute of an open incident with its timeline so far. */
const storyAttribute = (story: readonly TimelineEntry[]) => ({ S: JSON.stringify(newestLines(story, openTimelineLimits)) });

/** DynamoDB rejects items over 400 KB, and the item also has the incident itself. */
const outcomeLimits = { bytes: 150_000, keep: 50 };
/** Limits if that is still too much. */
const reducedLimits = { story: { lines: 5, bytes: 5_000 }, outcome: { bytes: 20_000, keep: 5 } };
/** How many of the newest actions of an incident, and attempts on a resource, are kept; no budget allows more than a hundred. */
const maxBegun = 100;
const maxAttempts = 200;

/** No action of an incident begins once a person has stopped it. */
const notStopped = 'attribute_not_exists(stopOrder)';
const stopIn = (item: Record<string, AttributeValue> | undefined) =>
  item?.stopOrder?.S ? stopSchema.parse(JSON.parse(item.stopOrder.S)) : null;

/** Adds to the index of what is out of service. */
const setOut = `outOf = :out, outSince = :since, takenOut = :taken REMOVE ${stored.outNotified}, outWhy, outSeen`;
const outValues = (at: number, out: TakenOut): Record<string, AttributeValue> => ({
  ':out': { S: 'out' },
  ':since': { N: String(at) },
  ':taken': { S: JSON.stringify(out) },
});

/** No other incident waits for a resource to recover by itself. */
const nobodyWaits = 'attribute_not_exists(waiting) OR waiting = :me OR waitsUntil <= :now';

/** IAM actions of the ledger. A test compares them with the packaged template. */
export const ledgerPermissions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;
/** Additional IAM actions of listing what is out of service. */
export const outOfServicePermissions = ['dynamodb:Query'] as const;

/** The sparse index of incidents with something out of service. */
export const outIndex = 'out-of-service';

/** Changes an incident that is open; does nothing to one that has ended, or that could not be recorded. */
const updateOpen = async (
  client: DynamoDBClient,
  TableName: string,
  incident: string,
  UpdateExpression: string,
  ExpressionAttributeValues: Record<string, AttributeValue>,
): Promise<void> => {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: incidentKey(incident),
        UpdateExpression,
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(outcome)',
        ExpressionAttributeValues,
      }),
    );
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
};

/** Records on an open incident that people are asked, with the timeline so far. */
export const noteAsked = (
  client: DynamoDBClient,
  table: string,
  incident: string,
  approval: string,
  story: readonly TimelineEntry[],
): Promise<void> =>
  updateOpen(client, table, incident, 'ADD asked :asked SET story = :story', {
    ':asked': { SS: [approval] },
    ':story': storyAttribute(story),
  });

/** The ledger in a DynamoDB table. */
export const createLedger = (client: DynamoDBClient, table: string): Ledger => {
  const checkLayout = createLayoutCheck(client, table);
  const setOn = async (incident: string, attribute: string, value: AttributeValue): Promise<void> => {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: incidentKey(incident),
        UpdateExpression: 'SET #attribute = :value',
        // Don't create an item for an unknown incident: it would never expire.
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  };

  /** Changes the lease of a resource if the condition holds; false if it doesn't. */
  const changeLease = async (
    resource: Leasable,
    UpdateExpression: string,
    ConditionExpression: string,
    ExpressionAttributeValues: Record<string, AttributeValue>,
  ): Promise<boolean> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: leaseKey(resource),
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues,
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  };

  const stopOf = async (incident: string) => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: incidentKey(incident), ConsistentRead: true }));
    return stopIn(Item);
  };

  /** A write of an incident was refused: because a person has stopped it? */
  const throwIfStopped = async (incident: string): Promise<void> => {
    const stop = await stopOf(incident);
    if (stop) throw new IncidentStoppedError(stop);
  };

  const ledger: Ledger = {
    ...createFailureCorrelation(client, table),
    ...createCommonMasses(client, table),
    ...createEpisodes(client, table),
    ...createInbox(client, table),
    ...createIncidents(client, table),
    ...createReplacementLog(client, table),
    ...createRaisedReserves(client, table),
    ...createMadeReaders(client, table),
    ...createPauses(client, table),
    ...createTurns(client, table),

    acquire: async (resource, incident, now, until) => {
      const Key = leaseKey(resource);
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key,
            UpdateExpression: 'SET holder = :me, leasedUntil = :until, expiresAt = :expiry',
            ConditionExpression: `holder = :me OR ((attribute_not_exists(holder) OR leasedUntil <= :now) AND (${nobodyWaits}))`,
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
        // Another incident holds it, even if it can't be read which.
        const read = await attempt(() => client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true })));
        const { holder, leasedUntil, waiting, waitsUntil } = (read.ok ? read.value.Item : undefined) ?? {};
        const isLeased = Number(leasedUntil?.N ?? 0) > now;
        const waits = Number(waitsUntil?.N ?? 0);
        if (!isLeased && waiting?.S !== undefined && waits > now) return { acquired: false, holder: waiting.S, until: waits, waits: true };
        return { acquired: false, holder: holder?.S ?? unknownHolder, until: Number(leasedUntil?.N ?? (read.ok ? 0 : now)) };
      }
    },

    noteWaiting: async (resource, incident, now, until) => {
      await changeLease(resource, 'SET waiting = :me, waitsUntil = :until, expiresAt = :expiry', nobodyWaits, {
        ':me': { S: incident },
        ':until': { N: String(until) },
        ':now': { N: String(now) },
        ':expiry': expiry(now),
      });
    },

    holderOf: async (resource, now) => {
      const { Item = {} } = await client.send(new GetItemCommand({ TableName: table, Key: leaseKey(resource), ConsistentRead: true }));
      const { holder, leasedUntil, waiting, waitsUntil } = Item;
      if (holder?.S !== undefined && Number(leasedUntil?.N ?? 0) > now) return holder.S;
      return waiting?.S !== undefined && Number(waitsUntil?.N ?? 0) > now ? waiting.S : null;
    },

    recordAttempt: async (resource, attempt, kept, until) => {
      const renewed = until === undefined ? '' : ', leasedUntil = :until';
      const noted = await changeLease(resource, `SET attempts = :attempts${renewed}`, 'holder = :me AND leasedUntil > :now', {
        ':me': { S: attempt.incident },
        ':now': { N: String(attempt.at) },
        ':attempts': { S: JSON.stringify([...kept, attempt].slice(-maxAttempts)) },
        ...(until === undefined ? {} : { ':until': { N: String(until) } }),
      });
      if (!noted) throw new LeaseLostError(`another incident holds ${resource.type} ${resource.id}`);
    },

    forgetAttempt: async (resource, incident, kept) => {
      await changeLease(resource, 'SET attempts = :attempts', 'holder = :me', {
        ':me': { S: incident },
        ':attempts': { S: JSON.stringify(kept) },
      });
    },

    noteBegun: async (incident, begun, story, out) => {
      const note = (isFull: boolean) =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: incidentKey(incident),
            UpdateExpression: `SET begun = ${isFull ? ':begun' : 'list_append(if_not_exists(begun, :none), :begun)'}, story = :story${
              out ? `, ${setOut}` : ''
            }`,
            ConditionExpression: `attribute_exists(pk) AND ${notStopped}${isFull ? '' : ' AND (attribute_not_exists(begun) OR size(begun) < :most)'}`,
            ExpressionAttributeValues: {
              ...(isFull ? {} : { ':none': { L: [] }, ':most': { N: String(maxBegun) } }),
              ':begun': { L: [{ S: JSON.stringify(begun) }] },
              ':story': { S: JSON.stringify(newestLines(story, isFull ? reducedLimits.story : openTimelineLimits)) },
              ...(out ? outValues(begun.at, out) : {}),
            },
          }),
        );
      try {
        await note(false);
      } catch (error) {
        // Drop earlier actions, so that a new one can always be recorded.
        if (isConditionFailure(error)) await throwIfStopped(incident);
        else if (!isTooLarge(error)) throw error;
        await note(true);
      }
    },

    noteStory: async (incident, story) => {
      await updateOpen(client, table, incident, 'SET story = :story', { ':story': storyAttribute(story) });
    },

    noteDrained: async (incident, at, out) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: incidentKey(incident),
            UpdateExpression: `SET ${setOut}`,
            ConditionExpression: `attribute_exists(pk) AND ${notStopped}`,
            ExpressionAttributeValues: outValues(at, out),
          }),
        );
      } catch (error) {
        if (isConditionFailure(error)) await throwIfStopped(incident);
        throw error;
      }
    },

    noteStop: async (incident, stop) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: incidentKey(incident),
            UpdateExpression: 'SET stopOrder = if_not_exists(stopOrder, :stop)',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(outcome)',
            ExpressionAttributeValues: { ':stop': { S: JSON.stringify(stop) } },
          }),
        );
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },

    stopOf,

    noteBack: async (incident) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: incidentKey(incident),
          UpdateExpression: 'REMOVE outOf, outSince, takenOut, outWhy, outSeen',
        }),
      );
    },

    noteWhyOut: (incident, why) => setOn(incident, 'outWhy', { S: why.slice(0, 500) }),

    noteOutSeen: (incident, now) => setOn(incident, 'outSeen', { N: String(now) }),

    noteOutNotified: (incident) => setOn(incident, stored.outNotified, { BOOL: true }),

    outOfService: async () => {
      const found: OutOfService[] = [];
      let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: outIndex,
            KeyConditionExpression: 'outOf = :out',
            ExpressionAttributeValues: { ':out': { S: 'out' } },
            ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
          }),
        );
        for (const { pk, outSince, takenOut, outSeen, outWhy, [stored.outNotified]: outNotified } of Items) {
          found.push({
            incident: (pk?.S ?? '').slice(prefixOf('incident').length),
            since: Number(outSince?.N),
            ...takenOutSchema.parse(JSON.parse(takenOut?.S ?? 'null')),
            seen: outSeen?.N === undefined ? null : Number(outSeen.N),
            why: outWhy?.S ?? null,
            notified: outNotified?.BOOL === true,
          });
        }
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return found;
    },

    release: async (resource, incident, until) => {
      const me = { ':me': { S: incident } };
      if (until === undefined) await changeLease(resource, 'REMOVE holder, leasedUntil', 'holder = :me', me);
      else {
        const as = { ...me, ':until': { N: String(until) } };
        await changeLease(resource, 'SET leasedUntil = :until', 'holder = :me AND leasedUntil > :until', as);
      }
    },

    open: async (incident, now) => {
      await checkLayout();
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...incidentKey(incident.key),
              status: { S: 'open' },
              incident: { S: JSON.stringify(incident) },
              ...openingAttributes(now),
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

    sweepCursor: async () => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: sweepKey, ConsistentRead: true }));
      return Item?.reached?.N === undefined ? null : Number(Item.reached.N);
    },

    noteSweepCursor: async (reached, now) => {
      const where = reached === null ? {} : { reached: { N: String(reached) } };
      await client.send(new PutItemCommand({ TableName: table, Item: { ...sweepKey, ...where, expiresAt: expiry(now) } }));
    },

    noteLeases: async (incident, leases) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: incidentKey(incident),
          UpdateExpression: 'ADD leases :leases',
          ExpressionAttributeValues: {
            ':leases': { SS: leases.map(({ account, region, type, id }) => JSON.stringify({ account, region, type, id })) },
          },
        }),
      );
    },

    close: async (outcome) => {
      const ended = Date.parse(outcome.endedAt);
      const record = (kept: Outcome, dropped = '') =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: incidentKey(outcome.incident),
            // The timeline is in the outcome by now, which also mentions what is still out of service.
            UpdateExpression: `SET #status = :status, outcome = :outcome, endedAt = :ended, expiresAt = :expiry REMOVE story, outOf, outSince${dropped}`,
            ConditionExpression: 'attribute_not_exists(outcome)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':status': { S: outcome.status },
              ':outcome': { S: JSON.stringify(kept) },
              ':ended': { N: String(ended) },
              ':expiry': expiry(ended),
            },
          }),
        );
      try {
        await record(abridge(outcome, outcomeLimits)).catch((error) => {
          if (!isTooLarge(error)) throw error;
          return record(abridge(outcome, reducedLimits.outcome), ', begun');
        });
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },

    noteNotified: async (incident, channels, now) => {
      if (channels.length === 0) return;
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: incidentKey(incident),
          // An incident that could not be recorded expires with its outcome.
          UpdateExpression: `ADD ${stored.notified} :channels SET expiresAt = if_not_exists(expiresAt, :expiry)`,
          ExpressionAttributeValues: { ':channels': { SS: [...new Set(channels)] }, ':expiry': expiry(now) },
        }),
      );
    },

    noteAfterwards: (incident, text) => setOn(incident, 'afterwards', { S: text.slice(0, 500) }),

    noteReconciled: (incident) => setOn(incident, stored.reconciled, { BOOL: true }),

    read: async (incident) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: incidentKey(incident), ConsistentRead: true }));
      if (!Item) return null;
      return {
        status: Item.status?.S ?? 'unknown',
        incident: Item.incident?.S ? (JSON.parse(Item.incident.S) as Incident) : null,
        outcome: Item.outcome?.S ? (JSON.parse(Item.outcome.S, reviveGuardId) as Outcome) : null,
        leases: (Item.leases?.SS ?? []).map((text) => leasableSchema.parse(JSON.parse(text))),
        notified: channelsAmong(Item[stored.notified]?.SS ?? []),
        reconciled: Item[stored.reconciled]?.BOOL === true,
        begun: (Item.begun?.L ?? []).map(({ S }) => begunSchema.parse(JSON.parse(S ?? 'null'))),
        story: Item.story?.S ? (JSON.parse(Item.story.S) as TimelineEntry[]) : [],
        ...(Item.afterwards?.S ? { afterwards: Item.afterwards.S } : {}),
        openedAt: Number(Item.openedAt?.N ?? 0),
        asked: Item.asked?.SS ?? [],
        stop: stopIn(Item),
        out: Item.takenOut?.S ? takenOutSchema.parse(JSON.parse(Item.takenOut.S)) : null,
      };
    },
  };
  return ledger;
};
