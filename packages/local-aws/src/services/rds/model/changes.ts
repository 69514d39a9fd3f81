import type * as Sdk from '@aws-sdk/client-rds';
import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import type { Clusters } from './clusters.ts';
import { type Database, type Databases, zoneLetters } from './databases.ts';
import type { Engine } from './engine.ts';
import type { Replication } from './replication.ts';
import type { Storage } from './storage.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;

/** When a weekly window such as `sun:06:00-sun:06:30` begins next. */
export const nextWindow = (window: string, now: number): number => {
  const [, day = 'sun', hours = '6', minutes = '0'] = /^(\w{3}):(\d{2}):(\d{2})/i.exec(window) ?? [];
  // 4 January 1970 was a Sunday.
  const begins = (3 + days.indexOf(day.toLowerCase())) * 24 * 60 * minuteMs + (Number(hours) * 60 + Number(minutes)) * minuteMs;
  return begins + Math.ceil((now + 1 - begins) / weekMs) * weekMs;
};

/** What is made, changed, promoted and deleted, and the states on the way. */
export const createChanges = (
  { clock }: World,
  { announce, after, below, place, remove }: Databases,
  { engine, storage, clusters, replication }: { engine: Engine; storage: Storage; clusters: Clusters; replication: Replication },
) => {
  const set = (database: Database, status: string) => database.status.set(clock.now(), status);

  /** The changes that have to be made, one after the other; then the instance is available, or its storage is optimized. */
  const carryOut = (database: Database): void => {
    const { AllocatedStorage, Iops: _, DBInstanceClass, MultiAZ } = database.pending ?? {};
    const stages: ((next: () => void) => void)[] = [];
    if (DBInstanceClass !== undefined)
      stages.push((next) => {
        announce(database, '0012');
        after(rdsParameters.change, () => {
          engine.stop(database);
          database.class = DBInstanceClass;
          after(rdsParameters.reboot.restart, () => {
            if (!engine.start(database)) return;
            set(database, 'modifying');
            announce(database, '0014');
            next();
          });
        });
      });
    if (MultiAZ !== undefined && MultiAZ !== database.multiAz)
      stages.push((next) => {
        announce(database, MultiAZ ? '0024' : '0030');
        after(rdsParameters.change, () => {
          database.multiAz = MultiAZ;
          announce(database, MultiAZ ? '0025' : '0029');
          next();
        });
      });
    if (AllocatedStorage !== undefined && AllocatedStorage !== database.allocated.now)
      stages.push((next) => {
        announce(database, '0018');
        storage.resize(database, AllocatedStorage, () => {
          announce(database, '0017');
          next();
        });
      });
    if (stages.length === 0) {
      database.pending = undefined;
      return;
    }
    set(database, 'modifying');
    const step = (): void => {
      const stage = stages.shift();
      if (stage) {
        stage(step);
        return;
      }
      database.pending = undefined;
      if (database.status.now !== 'modifying') return;
      if (AllocatedStorage === undefined) set(database, 'available');
      else storage.optimize(database);
    };
    step();
  };

  const backUp = (database: Database): void => {
    set(database, 'backing-up');
    announce(database, '0001');
    after(rdsParameters.backUp, () => {
      announce(database, '0002');
      if (database.status.now === 'backing-up') set(database, 'available');
    });
  };

  /** An instance is there after a while. */
  const arrive = (database: Database): void => {
    after(rdsParameters.create, () => {
      if (database.status.now !== 'creating') return;
      database.up.set(clock.now(), true);
      announce(database, '0005');
      if (database.source !== undefined) announce(database, '0046');
      if (database.cluster === undefined && database.source === undefined) backUp(database);
      else set(database, 'available');
    });
  };

  return {
    modify: (database: Database, pending: Sdk.PendingModifiedValues, immediately: boolean): void => {
      if (Object.keys(pending).length > 0) database.pending = { ...database.pending, ...pending };
      if (database.pending === undefined) return;
      const begin = () => {
        if (database.pending && ['available', 'storage-full', 'storage-optimization'].includes(database.status.now)) carryOut(database);
      };
      // "If ApplyImmediately … all pending changes" are applied, those that waited for the window too.
      if (immediately) after(rdsParameters.begins, begin);
      else clock.at(nextWindow(database.maintenanceWindow, clock.now()), begin);
    },

    create: (placed: Parameters<Databases['place']>[0], cluster: Database | undefined): Database => {
      const zone = placed.zone ?? (cluster ? zoneLetters[clusters.zoneFor(cluster)] : undefined);
      const writer = cluster !== undefined && below(cluster).length === 0;
      const database = place({ ...placed, status: 'creating', writer, ...(zone === undefined ? {} : { zone }) });
      arrive(database);
      return database;
    },

    /** A cluster without members, until somebody creates them. */
    createCluster: (placed: Parameters<Databases['place']>[0]): Database => {
      const cluster = place({ ...placed, status: 'creating' });
      after(rdsParameters.change, () => {
        if (cluster.status.now !== 'creating') return;
        set(cluster, 'available');
        announce(cluster, '0170');
      });
      return cluster;
    },

    removeCluster: (cluster: Database): void => {
      set(cluster, 'deleting');
      after(rdsParameters.remove, () => {
        announce(cluster, '0171');
        remove(cluster);
      });
    },

    /** "The read replica … is rebooted and becomes a standalone DB instance": USER_ReadRepl.Promote. */
    promote: (database: Database): void => {
      set(database, 'modifying');
      after(rdsParameters.promote, () => {
        database.source = undefined;
        set(database, 'rebooting');
        engine.stop(database);
        announce(database, '0004');
        after(rdsParameters.reboot.restart, () => {
          replication.leads(database);
          if (engine.start(database)) backUp(database);
        });
      });
    },

    remove: (database: Database): void => {
      set(database, 'deleting');
      engine.stop(database);
      clusters.leave(database);
      after(rdsParameters.remove, () => {
        // Replicas of what is gone stand alone: USER_ReadRepl, "Deleting the source".
        if (database.kind === 'instance') for (const replica of below(database)) replica.source = undefined;
        announce(database, '0003');
        remove(database);
        clusters.left(database);
      });
    },
  };
};
export type Changes = ReturnType<typeof createChanges>;
