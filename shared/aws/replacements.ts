import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { dayMs } from '../model/duration.ts';
import type { Leasable } from '../model/place.ts';
import { OutdatedError, type Replacement, type ReplacementLog, replacementSchema } from '../ports/replacements.ts';
import { isConditionFailure } from './call.ts';
import { digest, isTooLarge } from './item.ts';
import { placedKeyOf } from './ledger-keys.ts';

/** Identifies a replacement: the same for every try of an incident on an instance. */
export const replacementKey = (incident: string, instance: string): string => digest(`${incident}/${instance}`).slice(0, 12);

/** How far back guards look at most, in milliseconds. */
const lookBackTime = 8 * dayMs;
/** The maximum number stored in an item; any budget stops far fewer replacements in a week. */
const maxReplacements = 1000;

/** Past replacements in the ledger's table. */
export const createReplacementLog = (client: DynamoDBClient, table: string): ReplacementLog => {
  const logKey = (of: Leasable) => placedKeyOf('replacements', of, `${of.type}/${of.id}`);
  return {
    replacements: async (of) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: logKey(of), ConsistentRead: true }));
      return {
        of,
        earlier: Item?.replaced?.S ? z.array(replacementSchema).parse(JSON.parse(Item.replaced.S)) : [],
        version: Number(Item?.version?.N ?? 0),
      };
    },
    recordReplacement: async ({ of, earlier, version }, one) => {
      const record = (kept: readonly Replacement[]) =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: logKey(of),
            UpdateExpression: 'SET replaced = :replaced, version = :next, expiresAt = :expiry',
            ConditionExpression: version === 0 ? 'attribute_not_exists(version)' : 'version = :version',
            ExpressionAttributeValues: {
              ':replaced': { S: JSON.stringify(kept) },
              ':next': { N: String(version + 1) },
              ':expiry': { N: String(Math.floor((one.at + lookBackTime) / 1000)) },
              ...(version === 0 ? {} : { ':version': { N: String(version) } }),
            },
          }),
        );
      // Another try on the same instance is not a second replacement.
      const kept = [...earlier.filter(({ at, key }) => at > one.at - lookBackTime && key !== one.key), one].slice(-maxReplacements);
      try {
        await record(kept).catch((error) => {
          if (!isTooLarge(error)) throw error;
          return record(kept.slice(-maxReplacements / 10));
        });
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        throw new OutdatedError(`another replacement in ${of.type} ${of.id} has been noted meanwhile`);
      }
    },
    forgetReplacement: async ({ of, earlier, version }) => {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: logKey(of),
            UpdateExpression: 'SET replaced = :replaced, version = :next',
            ConditionExpression: 'version = :noted',
            ExpressionAttributeValues: {
              ':replaced': { S: JSON.stringify(earlier) },
              ':noted': { N: String(version + 1) },
              ':next': { N: String(version + 2) },
            },
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },
  };
};
