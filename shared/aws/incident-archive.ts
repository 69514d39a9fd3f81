import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Incidents, RecordedIncident } from '../ports/incident-archive.ts';
import { prefixOf } from './ledger-keys.ts';

/** IAM actions of the calls: the query is on the index, the rest on the table. A test compares them with the packaged template. */
export const incidentsPermissions = ['dynamodb:Query', 'dynamodb:BatchGetItem'] as const;

/** The index of the ledger with incidents by the UTC day of their opening, in order. */
export const byDay = 'by-day';

/** The UTC day of milliseconds since the epoch, such as `2026-03-02`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** In days. Incidents are kept for 90 days, so no earlier day needs a query. */
const retentionDays = 91;
/**
 * The maximum number of keys in a BatchGetItem call.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
const batchSize = 100;
/** A batch is incomplete beyond 16 MB or when DynamoDB throttles; the rest is requested again this often. */
const batchTries = 8;

const prefix = prefixOf('incident');
/** Queries of days under way at the same time. */
const daysAtOnce = 8;

/** Past incidents in the ledger. Reads are eventually consistent. */
export const createIncidents = (client: DynamoDBClient, table: string): Incidents => {
  const keysOf = async (date: string, from: number, to: number, limit: number): Promise<string[]> => {
    const keys: string[] = [];
    let start: Record<string, never> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: byDay,
          KeyConditionExpression: '#day = :day AND openedAt BETWEEN :from AND :to',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': { S: date }, ':from': { N: String(from) }, ':to': { N: String(to) } },
          ScanIndexForward: false,
          Limit: Math.min(limit - keys.length, 1000),
          ExclusiveStartKey: start,
        }),
      );
      keys.push(...Items.flatMap(({ pk }) => (pk?.S ? [pk.S] : [])));
      start = LastEvaluatedKey as typeof start;
    } while (start && keys.length < limit);
    return keys;
  };

  const get = async (keys: readonly string[]): Promise<RecordedIncident[]> => {
    const found: RecordedIncident[] = [];
    for (let from = 0; from < keys.length; from += batchSize) {
      let wanted: { pk: { S: string } }[] | undefined = keys.slice(from, from + batchSize).map((pk) => ({ pk: { S: pk } }));
      for (let tries = 0; wanted?.length && tries < batchTries; tries++) {
        const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted } } }));
        for (const { pk, openedAt, incident, outcome } of Responses?.[table] ?? []) {
          found.push({
            incident: (pk?.S ?? '').slice(prefix.length),
            openedAt: Number(openedAt?.N ?? 0),
            resource: incident?.S ? (JSON.parse(incident.S) as Incident).resource : null,
            outcome: outcome?.S ? (JSON.parse(outcome.S) as Outcome) : null,
          });
        }
        wanted = UnprocessedKeys?.[table]?.Keys as typeof wanted;
      }
    }
    return found;
  };

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
      return (await get(keys)).sort((a, b) => b.openedAt - a.openedAt || a.incident.localeCompare(b.incident));
    },
  };
};
