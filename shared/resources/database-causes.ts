import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { describeUsage, usageLookBackMs, usageMetrics, worstOf } from '../model/database-usage.ts';
import { clockTime, dayMs, minuteMs } from '../model/duration.ts';
import { utc } from '../model/text.ts';
import { pendingOf } from './database-pending.ts';
import { readRdsEvents } from './rds-events.ts';
import { readMetrics } from './read-metrics.ts';
import type { ResourceKind, TreatedLook } from './resource-kind.ts';

type Clients = Parameters<TreatedLook>[0];

/** Alarms on them say that too much is asked of a database, and not by whom or why. */
const strained = /^(CPUUtilization|DatabaseConnections|FreeableMemory|DBLoad(CPU|NonCPU)?)$/;

/** How far back RDS's events of an instance are read, and how many. */
const eventsMs = 3 * 60 * minuteMs;
const maxEvents = 5;
/** Those of a parameter group: what was changed weeks ago may fail at the next restart. RDS keeps events for 14 days. */
const groupEventsMs = 14 * dayMs;
const maxGroupEvents = 3;

const readUsage = async (clients: Clients, id: string, now: number): Promise<string> => {
  const queries = usageMetrics.map((metric) => ({
    ...{ namespace: 'AWS/RDS', metric, statistic: worstOf(metric) },
    dimensions: { DBInstanceIdentifier: id },
  }));
  const found = await readMetrics(clients, queries, now - usageLookBackMs, now);
  return describeUsage(new Map(usageMetrics.map((metric, i) => [metric, found[i] ?? new Map()] as const)), now);
};

const waitingIn = (found: DBInstance): string => {
  const pending = pendingOf(found);
  return pending.length === 0 ? 'no change is pending, and its parameters are applied' : `pending changes: ${pending.join(', ')}`;
};

/**
 * What can be read of a database that is short of something or whose parameters failed, without Performance Insights: what it has used, what
 * RDS has said of it, and which changes wait or were made to its parameters. The queries themselves can't be read.
 */
export const databaseCauses: NonNullable<ResourceKind['causes']> = {
  isAsked: ({ kind, evidence }) =>
    kind === 'rds' ? /parameter/i.test(evidence.message ?? '') : evidence.namespace === 'AWS/RDS' && strained.test(evidence.metric ?? ''),
  read: async (clients, { resource: { id } }, part, now) => {
    const describe = () => clients.of(RDSClient).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    const [usage, events, instances] = await Promise.all([
      part('its metrics', () => readUsage(clients, id, now)),
      part("RDS's events", () => readRdsEvents(clients.of(RDSClient), id, 'db-instance', eventsMs)),
      part('its pending changes', describe),
    ]);
    const found = instances?.DBInstances?.[0];
    const groups = (found?.DBParameterGroups ?? []).flatMap(({ DBParameterGroupName }) => DBParameterGroupName ?? []);
    const changes = await Promise.all(
      groups.map(async (group) => {
        const made = await part(`changes of parameter group ${group}`, () =>
          readRdsEvents(clients.of(RDSClient), group, 'db-parameter-group', groupEventsMs),
        );
        const lines = (made ?? []).slice(0, maxGroupEvents).map(({ at, message }) => `${message} (${utc(at)})`);
        return lines.length > 0 ? [`parameter group ${group}: ${lines.join('; ')}`] : [];
      }),
    );
    const said = (events ?? []).slice(0, maxEvents).map(({ at, message }) => `${clockTime(at)} ${message}`);
    return [
      ...(usage ? [usage] : []),
      ...(found ? [waitingIn(found)] : instances ? ['which changes are pending is not known: RDS gave an empty answer'] : []),
      ...changes.flat(),
      ...(events ? [said.length > 0 ? `RDS said in the last 3 h: ${said.join('; ')}` : 'RDS said nothing of it in the last 3 h'] : []),
    ];
  },
};
