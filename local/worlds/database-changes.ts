import type { Call, LocalAws } from '#local-aws';
import { hourMs, minuteMs, secondMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** RDS makes no change of the storage sooner after the last one, and nobody fails one cluster over more often. */
const apartMs = 6 * hourMs;
/** Who is so far behind loses writes; in seconds. */
const maxLag = 1;
/** Metrics come by the minute and up to two late: what has begun since can't be known. */
const visibleMs = 3 * minuteMs;

const sizeOf = ({ service, operation, input }: Call): number | null =>
  service === 'rds' && operation === 'ModifyDBInstance' && input.AllocatedStorage !== undefined ? Number(input.AllocatedStorage) : null;

/** What selfheal does to the storage of databases, and who it lets take writes. `most`: GiB, by the policy; null if none may grow. */
export const createDatabaseChanges = (
  the: () => LocalAws,
  most: number | null,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  /** When each was last changed, by whomever. */
  const grown = new Map<string, number>();
  const failedOver = new Map<string, number>();

  const metric = (name: string, id: string, at: number): number | undefined => {
    const [sample] = the().rds.metrics(name, { DBInstanceIdentifier: id }, at);
    return typeof sample === 'number' ? sample : sample?.[0];
  };
  const lagAt = (id: string, at: number): number | undefined => {
    const ms = metric('AuroraReplicaLag', id, at);
    return ms === undefined ? metric('ReplicaLag', id, at) : ms / secondMs;
  };
  /** Whether it holds of all that could be known. */
  const always = (holds: (at: number) => boolean): boolean => {
    const now = the().world.clock.now();
    for (let at = now - visibleMs; at <= now; at += 15 * secondMs) if (!holds(at)) return false;
    return true;
  };

  const checkFailover = ({ input }: Call): void => {
    const { rds, world } = the();
    const id = String(input.DBClusterIdentifier);
    const heir = String(input.TargetDBInstanceIdentifier);
    const writer = rds.get('cluster', id)?.writer;
    const wrong = (text: string) => object('heir', id, text);
    if (input.TargetDBInstanceIdentifier === undefined) wrong('is failed over to whomever RDS chooses');
    else if (always((at) => (lagAt(heir, at) ?? maxLag) >= maxLag)) wrong(`is failed over to ${heir}, which is behind, or nobody can tell`);
    if (writer !== undefined && rds.get('instance', writer)?.zone === rds.get('instance', heir)?.zone)
      wrong(`is failed over to ${heir}, in the zone of ${writer}`);
    if (writer !== undefined && always((at) => metric('CPUUtilization', writer, at) !== undefined))
      object('not-failing', id, `is failed over, and its writer ${writer} serves`);
    if (world.clock.now() - (failedOver.get(id) ?? Number.NEGATIVE_INFINITY) < apartMs) wrong('is failed over again within six hours');
  };

  return {
    /** A call of selfheal's as it is asked for, before RDS may refuse it. */
    before: (call: Call): void => {
      if (call.operation === 'FailoverDBCluster') checkFailover(call);
      const size = sizeOf(call);
      if (size === null) return;
      const id = String(call.input.DBInstanceIdentifier);
      const since = the().world.clock.now() - (grown.get(id) ?? Number.NEGATIVE_INFINITY);
      if (size > (most ?? 0)) object('storage-bounds', id, `is asked to grow to ${size} GiB, of at most ${most ?? 'none'}`);
      if (since < apartMs)
        object('storage-bounds', id, `is asked to grow ${Math.round(since / minuteMs)} min after its storage was changed`);
    },
    /** Anybody's call that RDS has accepted. */
    after: (call: Call): void => {
      const now = () => the().world.clock.now();
      if (sizeOf(call) !== null) grown.set(String(call.input.DBInstanceIdentifier), now());
      if (call.operation === 'FailoverDBCluster') failedOver.set(String(call.input.DBClusterIdentifier), now());
    },
  };
};
