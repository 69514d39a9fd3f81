import type { Call, LocalAws } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** In percent of CPU: who is below has nothing that another could take off it, and who is above is not idle. */
const idle = 50;
/** Metrics come by the minute and up to two late, and a look averages over minutes. */
const visibleMs = 15 * minuteMs;

/** The readers that selfheal adds to clusters of databases, and deletes. `most`: by the policy; null if none may be added. */
export const createReadersMade = (
  the: () => LocalAws,
  most: number | null,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  /** Its own, with the cluster of each. */
  const own = new Map<string, string>();

  const wasBusy = (cluster: string): boolean => {
    const now = the().world.clock.now();
    for (let at = now - visibleMs; at <= now; at += minuteMs) {
      const cpus = the().rds.metrics('CPUUtilization', { DBClusterIdentifier: cluster, Role: 'READER' }, at);
      if (cpus.some((cpu) => (typeof cpu === 'number' ? cpu : Math.max(...cpu)) > idle)) return true;
    }
    return false;
  };

  return {
    /** A call of selfheal's as it is asked for, before RDS may refuse it. */
    before: ({ operation, input }: Call): void => {
      const id = String(input.DBInstanceIdentifier);
      if (operation === 'CreateDBInstance') {
        const cluster = String(input.DBClusterIdentifier);
        const has = the().rds.get('cluster', cluster)?.readers ?? 0;
        // One that is asked for again, since the answer was lost, is refused.
        own.set(id, cluster);
        const isNew = the().rds.get('instance', id) === undefined;
        if (isNew && has + 1 > (most ?? 0)) object('own-readers', cluster, `is given a reader beside ${has}, of at most ${most ?? 'none'}`);
        if (isNew && !wasBusy(cluster)) object('not-failing', cluster, 'is given a reader, and none was busy');
      }
      if (operation !== 'DeleteDBInstance') return;
      if (!own.has(id)) object('own-readers', id, 'is deleted, and selfheal has not added it');
      if (the().rds.get('cluster', own.get(id) ?? '')?.writer === id) object('own-readers', id, 'is deleted while it takes writes');
    },
  };
};
