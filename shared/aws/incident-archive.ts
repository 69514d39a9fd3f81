import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Incidents, RecordedIncident } from '../ports/incident-archive.ts';
import { createDayIndex, dayIndexPermissions, dayOf } from './day-index.ts';
import { prefixOf } from './ledger-keys.ts';

/** IAM actions of the calls. A test compares them with the packaged template. */
export const incidentsPermissions = dayIndexPermissions;

/** In days. Incidents are kept for 90 days, so no earlier day needs a query. */
const retentionDays = 91;
/** Queries of days under way at the same time. */
const daysAtOnce = 8;

const prefix = prefixOf('incident');

/** Past incidents in the ledger. Reads are eventually consistent. */
export const createIncidents = (client: DynamoDBClient, table: string): Incidents => {
  const { keysOf, get } = createDayIndex(client, table);
  const recorded = async (keys: readonly string[]): Promise<RecordedIncident[]> =>
    (await get(keys)).map(({ pk, openedAt, incident, outcome }) => ({
      incident: (pk?.S ?? '').slice(prefix.length),
      openedAt: Number(openedAt?.N ?? 0),
      resource: incident?.S ? (JSON.parse(incident.S) as Incident).resource : null,
      outcome: outcome?.S ? (JSON.parse(outcome.S) as Outcome) : null,
    }));

  return {
    keys: async (to) => {
      const days = Array.from({ length: retentionDays + 1 }, (_, i) => dayOf(to - i * dayMs));
      const found: string[][] = [];
      for (let i = 0; i < days.length; i += daysAtOnce) {
        const some = days.slice(i, i + daysAtOnce).map((day) => keysOf(day, 0, to, Number.MAX_SAFE_INTEGER));
        found.push(...(await Promise.all(some)));
      }
      return found.flat().map((pk) => pk.slice(prefix.length));
    },
    recent: async ({ from, to, limit }) => {
      const keys: string[] = [];
      const last = Math.max(from, to - retentionDays * dayMs);
      for (let at = to; dayOf(at) >= dayOf(last) && keys.length < limit; at -= dayMs) {
        keys.push(...(await keysOf(dayOf(at), from, to, limit - keys.length)));
      }
      return (await recorded(keys)).sort((a, b) => b.openedAt - a.openedAt || a.incident.localeCompare(b.incident));
    },
  };
};
