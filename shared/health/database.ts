import { databaseStages } from '../model/database-state.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** Events that say no more than that the instance was down, and is over once it is available. */
const restarts = new Set(['RDS-EVENT-0004', 'RDS-EVENT-0006']);

/**
 * RDS reports the instance as available. Without an alarm that doesn't show that what RDS has reported is over, such as broken replication,
 * unless it was a restart.
 */
export const databaseIsAvailable: HealthCheck = {
  id: 'database-is-available',
  check: ({ facts: { database }, incident }) => {
    if (!database) return unknown('RDS lists no such instance');
    const { id, state } = database;
    const stage = state === 'unknown' ? 'unknown' : databaseStages[state];
    if (stage === 'down') return unhealthy(`${id} is ${state}`);
    if (stage !== 'up') return unknown(`${id} is ${state === 'unknown' ? 'in an unknown state' : state}`);
    if (incident.alarm || restarts.has(incident.evidence.eventId ?? '')) return healthy(`${id} is available`);
    return unknown(`${id} is available, which doesn't show that what was reported is over`);
  },
};
