import { whyNoWriter } from '../model/cluster-members.ts';
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

/** The instance has as much storage as was asked for before. */
export const storageHasGrown: HealthCheck = {
  id: 'storage-has-grown',
  check: ({ facts: { database }, before }) => {
    const asked = before.database?.storage?.next ?? null;
    if (!database?.storage || asked === null) return unknown('the storage is not known');
    const { allocated, wanted } = database.storage;
    const says = `${database.id} has ${allocated} GiB`;
    if (allocated >= asked) return healthy(says);
    return (wanted ?? 0) >= asked ? unknown(`${says}, and is being given ${wanted}`) : unhealthy(`${says} of ${asked}`);
  },
};

/** The database is available, and replicates nothing any more. */
export const replicaStandsAlone: HealthCheck = {
  id: 'replica-stands-alone',
  check: ({ facts: { database } }) => {
    if (!database) return unknown('RDS lists no such instance');
    const { id, state, replica } = database;
    if (replica === undefined) return unknown(`what ${id} replicates was not looked at`);
    if (replica) return unhealthy(`${id} still is ${replica.reader ? 'a reader' : 'a replica'} of ${replica.source.id}`);
    return state === 'unknown' || databaseStages[state] !== 'up'
      ? unknown(`${id} replicates nothing any more, and is ${state}`)
      : healthy(`${id} is available, and replicates nothing any more`);
  },
};

/** The cluster is available, and so is its writer, which has metrics. */
export const writerServes: HealthCheck = {
  id: 'writer-serves',
  check: ({ facts: { database } }) => {
    if (!database?.members) return unknown('RDS lists no such cluster');
    const { id, state, members } = database;
    if (state !== 'available') return unknown(`${id} is ${state === 'unknown' ? 'in an unknown state' : state}`);
    if (!members.heard) return unknown(`the metrics of ${id} can't be read`);
    const why = whyNoWriter(members);
    return why === null ? healthy(`${id} is available, and its writer ${members.writer?.id} serves`) : unhealthy(`${id}: ${why}`);
  },
};

/** The reader or the read replica that was added is available. */
export const readerServes: HealthCheck = {
  id: 'reader-serves',
  check: ({ facts: { database } }) => {
    const own = database?.reading?.own ?? database?.replicas?.own;
    if (!own) return unknown('RDS lists nothing that was added to');
    const { id, state } = own;
    if (state === null) return unhealthy(`there is no reader ${id}`);
    if (state === 'available') return healthy(`reader ${id} is available`);
    const says = `reader ${id} is ${state === 'unknown' ? 'in an unknown state' : state}`;
    return state !== 'unknown' && databaseStages[state] === 'down' ? unhealthy(says) : unknown(says);
  },
};
