import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import type { Database, Databases } from './databases.ts';
import type { Replication } from './replication.ts';

/** Engines that stop and start: by a call, by a fault, or because RDS sees to it. */
export const createEngine = ({ clock }: World, { announce, after, known, tellOfGroup }: Databases, replication: Replication) => {
  /** Its connections end; until it is up again nobody has an answer. */
  const stop = (database: Database): void => {
    database.boots++;
    database.up.set(clock.now(), false);
    database.connections.set(clock.now(), 0);
  };

  /** It is up, unless something that a start can't mend is in the way; says whether. */
  const start = (database: Database): boolean => {
    const now = clock.now();
    if (database.lost.size > 0) return false;
    if (database.parameters.bad) {
      database.status.set(now, 'incompatible-parameters');
      announce(database, '0035', 'A parameter is set to a value that this DB instance class can not start with.');
      return false;
    }
    if (database.parameters.status === 'pending-reboot') database.parameters.status = 'in-sync';
    database.up.set(now, true);
    database.connections.set(now, rdsParameters.connections.idle);
    database.status.set(now, 'available');
    replication.restarted(database);
    announce(database, '0006');
    return true;
  };

  const swapZone = (database: Database): void => {
    database.zone = database.zone === 0 ? 1 : 0;
    // What was lost was in the zone that it has left.
    database.lost.clear();
  };

  /**
   * Restarts the engine of an instance. All connections end, and pending changes are applied, as "some parameter changes … are applied on
   * the next call to RebootDBInstance": https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html.
   */
  const reboot = (database: Database, failover: boolean): void => {
    database.status.set(clock.now(), 'rebooting');
    if (failover) announce(database, '0013');
    after(rdsParameters.reboot.shutdown, () => {
      if (database.status.now !== 'rebooting') return;
      stop(database);
      announce(database, '0004');
      after(rdsParameters.reboot.restart, () => {
        if (database.status.now !== 'rebooting') return;
        if (failover) swapZone(database);
        const { AllocatedStorage, DBInstanceClass, MultiAZ } = database.pending ?? {};
        if (AllocatedStorage !== undefined) database.allocated.set(clock.now(), AllocatedStorage);
        if (DBInstanceClass !== undefined) database.class = DBInstanceClass;
        if (MultiAZ !== undefined) database.multiAz = MultiAZ;
        database.pending = undefined;
        if (start(database) && failover) announce(database, '0049');
      });
    });
  };

  /** What kept it down is over: it starts, unless it is down for something else. */
  const revive = (database: Database): void => {
    if (database.up.now || database.deletedAt !== undefined) return;
    if (['available', 'failed', 'rebooting'].includes(database.status.now)) start(database);
  };

  /** RDS itself starts it again a little later, unless somebody else has by then. */
  const restartSoon = (database: Database): void => {
    const { boots } = database;
    after(rdsParameters.reboot.restart, () => {
      if (database.boots === boots) revive(database);
    });
  };

  return {
    reboot,
    restartSoon,
    revive,
    start,
    stop,

    /** The standby in the other zone takes over, after RDS has seen that the engine is gone. */
    failOverAlone: (database: Database): void => {
      const { boots } = database;
      const isGone = () => database.boots === boots && !database.up.now;
      after(rdsParameters.detection, () => {
        if (!isGone()) return;
        announce(database, '0013');
        after(rdsParameters.multiAzFailover, () => {
          if (!isGone()) return;
          swapZone(database);
          if (start(database)) announce(database, '0049');
        });
      });
    },

    /** Clients leak connections until none is left; a restart ends that. Returns what ends it. */
    exhaustConnections: (id: string): (() => void) => {
      const database = known('instance', id);
      const { boots } = database;
      const set = (connections: number) => {
        if (database.boots === boots) database.connections.set(clock.now(), connections);
      };
      set(rdsParameters.connections.most);
      return () => set(rdsParameters.connections.idle);
    },

    /**
     * A parameter gets a value that the engine can't start with: it is noticed at the next restart, which comes at once unless `reboots`
     * is false. Returns what corrects the parameter; the instance then has to be rebooted.
     */
    breakParameters: (id: string, reboots: boolean): (() => void) => {
      const database = known('instance', id);
      database.parameters = { ...database.parameters, status: 'pending-reboot', bad: true };
      tellOfGroup(database.parameters.group, '0037', 'shared_buffers to 99999999 with apply method pending-reboot.');
      if (reboots) reboot(database, false);
      return () => {
        database.parameters.bad = false;
      };
    },

    /** Work in `inSeconds` that takes the instance down for `seconds`; returns what calls it off. */
    maintain: (id: string, inSeconds: number, seconds: number): (() => void) => {
      const database = known('instance', id);
      database.maintenanceAt = clock.now() + inSeconds * 1000;
      announce(database, '0230');
      return clock.after(inSeconds * 1000, () => {
        if (database.status.now !== 'available') return;
        database.status.set(clock.now(), 'maintenance');
        announce(database, '0026');
        stop(database);
        clock.after(seconds * 1000, () => {
          database.maintenanceAt = undefined;
          if (database.status.now !== 'maintenance') return;
          database.status.set(clock.now(), 'available');
          start(database);
          announce(database, '0027');
        });
      });
    },
  };
};
export type Engine = ReturnType<typeof createEngine>;
