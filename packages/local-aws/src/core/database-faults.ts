import * as z from 'zod';
import type { RdsFaults } from './service-interfaces.ts';

const target = z.string().min(1);

/** What can be broken in databases. Targets are instances and clusters, by their names. */
export const databaseFaults = [
  /** Clients of an instance leak connections until it is rebooted. */
  z.strictObject({ fault: z.literal('exhaust-connections'), target }),
  /** What an instance stores grows by so many GiB a minute; once it is full, nothing is written any more. */
  z.strictObject({ fault: z.literal('fill-storage'), target, gibPerMinute: z.number().positive() }),
  /** The writer of a cluster, or an instance, is gone: its process dies, its zone is dark, or its storage is lost. */
  z.strictObject({
    fault: z.literal('lose-writer'),
    target,
    loss: z.enum(['process', 'zone', 'storage']).default('process'),
    /** `false`: RDS doesn't see to it by itself. */
    failsOver: z.boolean().default(true),
  }),
  /** A read replica or a reader falls behind until it is rebooted. */
  z.strictObject({
    fault: z.literal('lag-replica'),
    target,
    /** At once, and more every minute. */
    seconds: z.number().min(0).default(0),
    perMinute: z.number().min(0).default(0),
    /** `unreadable` publishes no lag, `stopped` replicates nothing. */
    state: z.enum(['replicating', 'unreadable', 'stopped']).default('replicating'),
    /** A reboot doesn't end it. */
    survives: z.boolean().default(false),
  }),
  /**
   * Percent of an instance's CPU, asked of an instance or a cluster's writer, or read from all its readers together, or `reads`: from an
   * instance alone, whatever replicas it has.
   */
  z.strictObject({
    fault: z.literal('load-database'),
    target,
    percent: z.number().positive(),
    on: z.enum(['writer', 'readers', 'reads']).default('writer'),
  }),
  /** A parameter gets a value that an instance can't start with; it is restarted at once where `reboots`. */
  z.strictObject({ fault: z.literal('break-parameters'), target, reboots: z.boolean().default(true) }),
  /** Work on an instance, announced so many seconds ahead, which takes it down for so many. */
  z.strictObject({
    fault: z.literal('maintain-database'),
    target,
    inSeconds: z.number().min(0).default(0),
    seconds: z.number().positive().default(300),
  }),
] as const;
export type DatabaseFault = z.output<(typeof databaseFaults)[number]>;

const kinds: ReadonlySet<string> = new Set(databaseFaults.map(({ shape }) => shape.fault.value));
export const isDatabaseFault = (fault: { fault: string }): fault is DatabaseFault => kinds.has(fault.fault);

/** Returns what ends it. Throws a RangeError for a target that doesn't exist. */
export const startDatabaseFault = (fault: DatabaseFault, faults: RdsFaults): (() => void) => {
  switch (fault.fault) {
    case 'exhaust-connections':
      return faults.exhaustConnections(fault.target);
    case 'fill-storage':
      return faults.fillStorage(fault.target, fault.gibPerMinute);
    case 'lose-writer':
      return faults.loseWriter(fault.target, fault.loss, fault.failsOver);
    case 'lag-replica':
      return faults.lagReplica(fault.target, fault);
    case 'load-database':
      return faults.load(fault.target, fault.percent, fault.on);
    case 'break-parameters':
      return faults.breakParameters(fault.target, fault.reboots);
    case 'maintain-database':
      return faults.maintain(fault.target, fault.inSeconds, fault.seconds);
  }
};
