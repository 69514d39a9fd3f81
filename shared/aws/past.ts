import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../model/duration.ts';
import type { Past, PastItem } from '../ports/past.ts';
import { createDayIndex, dayIndexPermissions, dayOf } from './day-index.ts';
import { prefixOf } from './ledger-keys.ts';

/** IAM actions of the calls. A test compares them with the packaged template. */
export const pastPermissions = dayIndexPermissions;

const prefix = prefixOf('incident');
/** Items that are read at once, which is one call: whole timelines stand in them. */
const pageSize = 100;

/**
 * Past incidents by the index of days: a query for each day and for each thousand incidents of a day, and a call for a hundred incidents.
 * Reads are eventually consistent.
 */
export const createPast = (client: DynamoDBClient, table: string): Past => {
  const { keysOf, get } = createDayIndex(client, table);
  return {
    pages: async function* ({ from, to }) {
      // The last moment of the time is the first that counts: days are named, not counted, from its end.
      for (let day = Math.floor((to - 1) / dayMs); day >= Math.floor(from / dayMs); day--) {
        const keys = await keysOf(dayOf(day * dayMs), from, to - 1, Number.MAX_SAFE_INTEGER);
        for (let at = 0; at < keys.length; at += pageSize) {
          const asked = keys.slice(at, at + pageSize);
          const items = (await get(asked)).map(
            ({ pk, openedAt, incident, outcome, asked }): PastItem => ({
              incident: (pk?.S ?? '').slice(prefix.length),
              openedAt: Number(openedAt?.N),
              opened: incident?.S ?? null,
              outcome: outcome?.S ?? null,
              asked: asked?.SS?.length ?? 0,
            }),
          );
          items.sort((a, b) => b.openedAt - a.openedAt || a.incident.localeCompare(b.incident));
          yield { items, missing: asked.length - items.length };
        }
      }
    },
  };
};
