import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { along, type Database, type Databases, isAurora, type Lag, servesAt } from './databases.ts';

/** How a replica falls behind from a moment on. A restart of the replica ends it, unless it `survives` that. */
export type Falling = {
  /** At once. */
  seconds: number;
  /** And so much more every minute. */
  perMinute: number;
  state: Lag['state'];
  survives: boolean;
};

/** Whether it replicates from somebody: a read replica, or a member of a cluster that isn't its writer. */
export const isReplicaAt = ({ cluster, source, writer }: Database, at: number): boolean =>
  cluster === undefined ? source !== undefined : writer.at(at) === false;

/** Seconds behind at a time: undefined where it can't be read, -1 where nothing is replicated, as AWS publishes it. */
export const lagAt = (database: Database, at: number): number | undefined => {
  const lag = database.lag.at(at);
  if (!lag || lag.state === 'unreadable' || !servesAt(database, at)) return undefined;
  return lag.state === 'stopped' ? -1 : along(lag, at);
};

/** Of those that serve at a time, the readers of a cluster or the read replicas of an instance. */
export const readersAt = ({ belowAt }: Databases, database: Database, at: number): Database[] =>
  belowAt(database, at).filter((one) => isReplicaAt(one, at) && servesAt(one, at));

export const createReplication = ({ clock }: World, { announce, known }: Databases) => {
  const falls = new Map<Database, Falling>();
  const base = (database: Database) => (isAurora(database) ? rdsParameters.lag.aurora : rdsParameters.lag.replica);

  const behind = (database: Database, falling: Falling): void => {
    const at = clock.now();
    const { now } = database.lag;
    const value = (now.state === 'stopped' ? now.value : along(now, at)) + falling.seconds;
    database.lag.set(at, { at, value, perMinute: falling.perMinute, floor: base(database), state: falling.state });
    if (falling.state === 'stopped') announce(database, '0045');
  };

  /** It replicates again, and catches up with what it has missed. */
  const catchUp = (database: Database): void => {
    const at = clock.now();
    const { now } = database.lag;
    const resumed = now.state === 'stopped';
    const value = along(now, at);
    if (!resumed && now.state === 'replicating' && value <= base(database)) return;
    database.lag.set(at, { at, value, perMinute: -rdsParameters.lag.catchUp, floor: base(database), state: 'replicating' });
    if (resumed) announce(database, '0046');
  };

  return {
    /** A replica's engine is up again. */
    restarted: (database: Database): void => {
      if (falls.get(database)?.survives) return;
      falls.delete(database);
      catchUp(database);
    },
    /** What takes writes is behind nobody. */
    leads: (database: Database): void => {
      falls.delete(database);
      const at = clock.now();
      database.lag.set(at, { at, value: base(database), perMinute: 0, floor: base(database), state: 'replicating' });
    },
    fall: (id: string, falling: Falling): (() => void) => {
      const database = known('instance', id);
      if (!isReplicaAt(database, clock.now())) throw new RangeError(`The database instance ${id} replicates from nobody`);
      falls.set(database, falling);
      behind(database, falling);
      return () => {
        if (falls.get(database) !== falling) return;
        falls.delete(database);
        catchUp(database);
      };
    },
  };
};
export type Replication = ReturnType<typeof createReplication>;
