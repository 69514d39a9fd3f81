import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { hourMs } from '../model/duration.ts';
import { parseJson } from '../model/json.ts';
import type { Common, MassIn } from '../model/mass-failure-text.ts';
import type { CommonMasses, UnreportedMasses } from '../ports/common-masses.ts';
import { isConditionFailure } from './call.ts';
import { keyOf, openMassesKey } from './ledger-keys.ts';
import { stored } from './stored-names.ts';

/** How long expired items are kept, in milliseconds. */
const retentionMs = 48 * hourMs;
const expiry = (now: number) => ({ N: String(Math.floor((now + retentionMs) / 1000)) });

/** A mass failure as it is noted: when it was last, by which incident, and what there is to tell. */
const notedSchema = z.object({
  at: z.number(),
  by: z.string(),
  account: z.string(),
  region: z.string(),
  count: z.number(),
  more: z.boolean(),
  zone: z.string().nullable(),
});
type Noted = z.infer<typeof notedSchema>;

/** Begins the names of the attributes that are places. */
const placePrefix = 'in ';
const nameOf = ({ account, region }: Pick<MassIn, 'account' | 'region'>): string => `${account}/${region}`;

const commonForm = /^(region|account|zone) (\S+)$/;
const textOf = ({ of, id }: Common): string => `${of} ${id}`;

type Item = Record<string, AttributeValue>;

/** By name, those noted since. */
const placesIn = (item: Item, since: number): Map<string, Noted> =>
  new Map(
    Object.entries(item).flatMap(([name, { S = '' }]) => {
      const { data } = name.startsWith(placePrefix) ? notedSchema.safeParse(parseJson(S)) : {};
      return data && data.at >= since ? [[name.slice(placePrefix.length), data] as const] : [];
    }),
  );

const toTell = ({ account, region, count, more, zone }: Noted): MassIn => ({ account, region, count, more, zone });

/**
 * Common mass failures in the ledger's table: one item for what they have in common, with an attribute for each place, `teller` for
 * whose message is the last one, one for when that was begun, and one for the places that none has named; and one item that says which of
 * these items `watch` has to look at.
 */
export const createCommonMasses = (client: DynamoDBClient, TableName: string): CommonMasses => {
  const matterKey = (common: Common) => keyOf('announcement', `mass failures in ${textOf(common)}`);

  /** The item after the change; null if the condition doesn't hold. */
  const change = async (
    Key: Item,
    UpdateExpression: string,
    ConditionExpression: string | undefined,
    values: Item,
    names: Record<string, string> = {},
  ): Promise<Item | null> => {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression,
          ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
          ExpressionAttributeValues: values,
          ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes ?? {};
    } catch (error) {
      if (isConditionFailure(error)) return null;
      throw error;
    }
  };
  const get = async (Key: Item): Promise<Item> =>
    (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item ?? {};
  const setOpen = (verb: 'ADD' | 'DELETE', common: Common, now: number) =>
    verb === 'ADD'
      ? change(openMassesKey, 'SET expiresAt = :expiry ADD matters :matter', undefined, {
          ':matter': { SS: [textOf(common)] },
          ':expiry': expiry(now),
        })
      : change(openMassesKey, 'DELETE matters :matter', undefined, { ':matter': { SS: [textOf(common)] } });

  /** Elects whoever tells next, by the one who did so last, as it was seen: nobody else has been elected since. */
  const elect = (common: Common, teller: string, item: Item, named: Iterable<string>, now: number): Promise<Item | null> => {
    const reportedAt = item[stored.reportedAt];
    return change(
      matterKey(common),
      `SET teller = :me, ${stored.reportedAt} = :now DELETE ${stored.unreported} :named`,
      reportedAt === undefined ? `attribute_not_exists(${stored.reportedAt})` : `${stored.reportedAt} = :seen AND teller = :before`,
      {
        ':me': { S: teller },
        ':now': { N: String(now) },
        ':named': { SS: [...named] },
        ...(reportedAt === undefined ? {} : { ':seen': reportedAt, ':before': item.teller ?? { S: '' } }),
      },
    );
  };
  const isRecent = (item: Item, now: number, windowMs: number): boolean => {
    const reportedAt = item[stored.reportedAt]?.N;
    return reportedAt !== undefined && now - Number(reportedAt) < windowMs;
  };

  return {
    joinMass: async (common, incident, own, now, { windowMs, quietMs }) => {
      const Key = matterKey(common);
      const here = nameOf(own);
      const noted: Noted = { at: now, by: incident, ...own };
      const names = { '#here': `${placePrefix}${here}` };
      const values = { ':noted': { S: JSON.stringify(noted) }, ':now': { N: String(now) }, ':expiry': expiry(now) };
      const note = 'SET #here = :noted, askedAt = :now, expiresAt = :expiry';
      const place = { ':here': { S: here }, ':over': { N: String(now - quietMs) } };
      // The place that was the first stays so: it has reported itself, or is about to.
      if (await change(Key, note, 'firstPlace = :here AND askedAt >= :over', { ...values, ...place }, names)) return { role: 'first' };
      const anew = `${note}, firstPlace = :here REMOVE teller, ${stored.reportedAt}`;
      if (await change(Key, anew, 'attribute_not_exists(firstPlace) OR askedAt < :over', { ...values, ...place }, names))
        return { role: 'first' };
      const item =
        (await change(Key, `${note} ADD ${stored.unreported} :here`, undefined, { ...values, ':here': { SS: [here] } }, names)) ?? {};
      const found = placesIn(item, now - quietMs);
      const places = [...found.values()].map(toTell);
      // All others may have been noted too long ago by now: then there is nothing in common.
      if (places.length < 2) {
        await change(Key, `DELETE ${stored.unreported} :here`, undefined, { ':here': { SS: [here] } });
        return { role: 'first' };
      }
      const mine = item.teller?.S === incident;
      const tells = mine
        ? await change(Key, `DELETE ${stored.unreported} :named`, 'teller = :me', {
            ':named': { SS: [...found.keys()] },
            ':me': { S: incident },
          })
        : isRecent(item, now, windowMs)
          ? null
          : await elect(common, incident, item, found.keys(), now);
      if (tells) return { role: 'teller', places };
      // Only now that it is noted, so that whoever closes the list sees it.
      await setOpen('ADD', common, now);
      return { role: 'quiet', places };
    },

    openMasses: async () =>
      ((await get(openMassesKey)).matters?.SS ?? []).flatMap((text) => {
        const [, of, id] = commonForm.exec(text) ?? [];
        return of === undefined || id === undefined ? [] : [{ of: of as Common['of'], id }];
      }),

    takeUnreported: async (common, now, { windowMs, quietMs }) => {
      const item = await get(matterKey(common));
      const unreported = item[stored.unreported]?.SS ?? [];
      if (unreported.length === 0) {
        await setOpen('DELETE', common, now);
        // One that has come in between.
        if (((await get(matterKey(common)))[stored.unreported]?.SS ?? []).length > 0) await setOpen('ADD', common, now);
        return null;
      }
      if (isRecent(item, now, windowMs)) return null;
      const all = placesIn(item, Number.NEGATIVE_INFINITY);
      const named = [...all].filter(([name, { at }]) => at >= now - quietMs || unreported.includes(name));
      const [, last] = named.findLast(([name]) => unreported.includes(name)) ?? [];
      if (!last || !(await elect(common, `watch ${now}`, item, unreported, now))) return null;
      return { places: named.map(([, one]) => toTell(one)), unreported, incident: last.by };
    },

    putBackUnreported: async (common, { unreported }: UnreportedMasses) => {
      await change(matterKey(common), `ADD ${stored.unreported} :places`, undefined, { ':places': { SS: [...unreported] } });
    },
  };
};
