import type { Cancel } from '../../../core/clock.ts';
import { rdsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { along, type Database, type Databases } from './databases.ts';

const { storage } = rdsParameters;
const minuteMs = 60_000;
const apartMs = storage.apartHours * 60 * minuteMs;

/** GiB in use at a time: what is full grows no further. */
export const usedAt = ({ used, allocated }: Database, at: number): number => {
  const course = used.at(at);
  return course ? Math.min(along(course, at), allocated.at(at) ?? Number.POSITIVE_INFINITY) : 0;
};
/** Whether it is out of space, so that nothing is written. */
export const isFullAt = (database: Database, at: number): boolean => usedAt(database, at) >= (database.allocated.at(at) ?? 0);

/** The least that a change of the storage comes to: a tenth more. */
export const tenthMore = (gib: number): number => Math.ceil((gib * 11) / 10);

export const createStorage = ({ clock }: World, { announce, after, known }: Databases) => {
  const rates = new Map<Database, Set<{ perMinute: number }>>();
  const watches = new Map<Database, Cancel[]>();

  /** Why its storage can't be changed again yet; undefined where it can be. */
  const blocked = ({ status, resizedAt }: Database): { until: number | undefined } | undefined => {
    if (status.now === 'storage-optimization') return { until: undefined };
    const until = (resizedAt ?? Number.NEGATIVE_INFINITY) + apartMs;
    return clock.now() < until ? { until } : undefined;
  };

  const low = (database: Database): void => {
    const size = database.allocated.now;
    const free = size - usedAt(database, clock.now());
    const percent = Math.max(0, Math.round((free / size) * 100));
    const words =
      `The free storage capacity for DB Instance: ${database.id} is low at ${percent}% of the provisioned storage ` +
      `[Provisioned Storage: ${size.toFixed(2)} GB, Free Storage: ${free.toFixed(2)} GB]. ` +
      'You may want to increase the provisioned storage to address this issue.';
    announce(database, '0089', words);
  };

  const full = (database: Database): void => {
    announce(database, '0007');
    if (['available', 'storage-optimization', 'backing-up'].includes(database.status.now)) database.status.set(clock.now(), 'storage-full');
  };

  /** What autoscaling makes of too little free space; it looks again where it has to wait. */
  const autoscale = (database: Database): void => {
    const { allocated, maxAllocated, status } = database;
    if (maxAllocated === undefined || maxAllocated <= allocated.now) return;
    const wait = blocked(database);
    if (wait) {
      announce(database, '0220');
      later(database, wait.until ?? Math.max(clock.now() + 10 * minuteMs, (database.resizedAt ?? 0) + apartMs), () => autoscale(database));
      return;
    }
    if (!['available', 'storage-full', 'backing-up'].includes(status.now)) {
      later(database, clock.now() + storage.autoscaling.minutes * minuteMs, () => autoscale(database));
      return;
    }
    const { least, share, hours } = storage.autoscaling;
    const now = clock.now();
    const grown = usedAt(database, now) - usedAt(database, Math.max(now - 60 * minuteMs, database.createdAt));
    const more = Math.ceil(Math.max(least, allocated.now * share, grown * hours - (allocated.now - usedAt(database, now))));
    // That it doesn't grow as far as it may is assumed.
    if (allocated.now + more > maxAllocated) {
      announce(database, '0224');
      return;
    }
    status.set(clock.now(), 'modifying');
    announce(database, '0217');
    resize(database, allocated.now + more, () => {
      announce(database, '0218');
      if (allocated.now >= maxAllocated * storage.autoscaling.warnsAt) announce(database, '0225', String(allocated.now));
      optimize(database);
    });
  };

  const later = (database: Database, at: number, run: () => void): void => {
    watches.get(database)?.push(clock.at(at, run));
  };

  /** From what it holds now on: says when it is low and full, and lets autoscaling act. */
  const watch = (database: Database): void => {
    for (const cancel of watches.get(database) ?? []) cancel();
    watches.set(database, []);
    if (database.deletedAt !== undefined) return;
    const now = clock.now();
    const { at, value, perMinute } = database.used.now;
    const size = database.allocated.now;
    const lowFrom = size * (1 - storage.low);
    const reaches = (gib: number) => (perMinute > 0 ? Math.ceil(at + ((gib - value) / perMinute) * minuteMs) : Number.POSITIVE_INFINITY);
    // What is low or full already has said so.
    if (usedAt(database, now) < lowFrom && perMinute > 0) later(database, reaches(lowFrom), () => low(database));
    if (usedAt(database, now) < size && perMinute > 0) later(database, reaches(size), () => full(database));
    const lowAt = usedAt(database, now) >= lowFrom ? now : reaches(lowFrom);
    if (Number.isFinite(lowAt)) later(database, lowAt + storage.autoscaling.minutes * minuteMs, () => autoscale(database));
  };

  const flow = (database: Database): void => {
    const now = clock.now();
    const perMinute = [...(rates.get(database) ?? [])].reduce((sum, rate) => sum + rate.perMinute, 0);
    database.used.set(now, { at: now, value: usedAt(database, now), perMinute, floor: 0 });
    watch(database);
  };

  /** It has another size after a while. */
  const resize = (database: Database, gib: number, done: () => void): void => {
    after(rdsParameters.change, () => {
      if (database.deletedAt !== undefined) return;
      // Full until now: what waited to be written begins here.
      const now = clock.now();
      database.used.set(now, { ...database.used.now, at: now, value: usedAt(database, now) });
      database.allocated.set(now, gib);
      database.resizedAt = now;
      done();
      watch(database);
    });
  };

  const optimize = (database: Database): void => {
    database.status.set(clock.now(), 'storage-optimization');
    after(storage.optimizing, () => {
      if (database.status.now === 'storage-optimization') database.status.set(clock.now(), 'available');
    });
  };

  return {
    blocked,
    watch,
    resize,
    optimize,
    /** An instance takes so many GiB a minute from now on; returns what ends it. What has been written stays. */
    fill: (id: string, gibPerMinute: number): (() => void) => {
      const database = known('instance', id);
      const rate = { perMinute: gibPerMinute };
      const flows = rates.get(database) ?? new Set();
      rates.set(database, flows.add(rate));
      flow(database);
      return () => {
        flows.delete(rate);
        flow(database);
      };
    },
  };
};
export type Storage = ReturnType<typeof createStorage>;
