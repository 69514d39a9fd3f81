import type { Call, LocalAws } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** In percent of CPU: who is below has nothing that another could take off it, and who is above is not idle. */
const idle = 50;
/** Metrics come by the minute and up to two late, and a look averages over minutes. */
const visibleMs = 15 * minuteMs;

/**
 * The readers that selfheal adds to clusters of databases, and the replicas to instances, and deletes. `most`: by the policy; null if none may
 * be added. `named`: the instances that may get replicas.
 */
export const createReadersMade = (
  the: () => LocalAws,
  most: number | null,
  named: ReadonlySet<string>,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  /** Its own, with the cluster or the source of each. */
  const own = new Map<string, string>();

  const wasAbove = (metric: string, dimensions: Readonly<Record<string, string>>, least: number): boolean => {
    const now = the().world.clock.now();
    for (let at = now - visibleMs; at <= now; at += minuteMs) {
      const values = the().rds.metrics(metric, dimensions, at);
      if (values.some((one) => (typeof one === 'number' ? one : Math.max(...one)) > least)) return true;
    }
    return false;
  };

  /** Whether it has replicas that nobody reads from: one more is of no use. */
  const hasIdleReplicas = (source: string): boolean => {
    const ids = new Set([...the().rds.listMetrics()].flatMap(({ dimensions }) => dimensions.DBInstanceIdentifier ?? []));
    const replicas = [...ids].filter((id) => the().rds.get('instance', id)?.source === source);
    return replicas.length > 0 && !replicas.some((id) => wasAbove('CPUUtilization', { DBInstanceIdentifier: id }, idle));
  };

  /** What a call of either kind asks for, before RDS may refuse it. */
  const added = (id: string, of: string, kind: 'cluster' | 'instance', isBusy: () => boolean): void => {
    const has = the().rds.get(kind, of)?.readers ?? 0;
    // One that is asked for again, since the answer was lost, is refused.
    own.set(id, of);
    if (the().rds.get('instance', id) !== undefined) return;
    if (has + 1 > (most ?? 0)) object('own-readers', of, `is given a reader beside ${has}, of at most ${most ?? 'none'}`);
    if (!isBusy()) object('not-failing', of, 'is given a reader, and none was busy');
  };

  return {
    /** A call of selfheal's as it is asked for, before RDS may refuse it. */
    before: ({ operation, input }: Call): void => {
      const id = String(input.DBInstanceIdentifier);
      if (operation === 'CreateDBInstance') {
        const cluster = String(input.DBClusterIdentifier);
        added(id, cluster, 'cluster', () => wasAbove('CPUUtilization', { DBClusterIdentifier: cluster, Role: 'READER' }, idle));
      }
      if (operation === 'CreateDBInstanceReadReplica') {
        const source = String(input.SourceDBInstanceIdentifier);
        const of = { DBInstanceIdentifier: source };
        added(id, source, 'instance', () => wasAbove('CPUUtilization', of, idle));
        if (hasIdleReplicas(source)) object('not-failing', source, 'is given a replica, and those that it has are idle');
        if (!named.has(source)) object('own-readers', source, 'is given a replica, and the policy does not name it');
        if (input.PubliclyAccessible === true && the().rds.get('instance', source)?.public !== true)
          object('own-readers', source, 'is given a replica that is public');
      }
      if (operation !== 'DeleteDBInstance') return;
      if (!own.has(id)) object('own-readers', id, 'is deleted, and selfheal has not added it');
      const source = own.get(id);
      const of = the().rds.get('instance', id)?.source;
      if (source !== undefined && the().rds.get('cluster', source) === undefined && of !== source)
        object('own-readers', id, 'is deleted, and is no replica any more');
      if (the().rds.get('cluster', source ?? '')?.writer === id) object('own-readers', id, 'is deleted while it takes writes');
    },
  };
};
