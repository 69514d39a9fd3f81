import { ApplicationAutoScalingClient, RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import { FailoverDBClusterCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import * as z from 'zod';
import type { Fault } from '#local-aws';
import { duration } from '../../shared/model/duration.ts';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { lasts, name, step, zone } from './values.ts';

const gib = z.number().positive().max(65_536);

const database = z.strictObject({
  kind: z.enum(['instance', 'cluster']).default('instance'),
  status: z.string().min(1).default('available'),
  optedIn: z.boolean().default(true),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
  engine: z.string().min(1).max(40).optional(),
  /** Its weekly maintenance window in UTC, such as `sat:23:45-sun:00:15`. */
  maintenance: z.string().min(1).optional(),
  /** Changes that are not applied yet, as RDS lists them. */
  pending: z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])).optional(),
  zone: zone.optional(),
  /** Whether an instance has a standby in another zone. */
  multiAz: z.boolean().optional(),
  /** GiB that an instance has, of them in use, and up to where its storage grows by itself. */
  storage: gib.optional(),
  used: gib.optional(),
  growsTo: gib.optional(),
  /** The instance that a read replica replicates from. */
  replicaOf: name.optional(),
  /** For how many days backups are kept; 0 for none. */
  backupDays: z.int().min(0).max(35).optional(),
  /** Whether it has a public address. */
  public: z.boolean().optional(),
  /** A cluster's readers, besides its writer: `shop` has the writer `shop-0` and the readers `shop-1`, `shop-2` …, one zone after the other. */
  readers: z.int().min(0).max(15).optional(),
  /** Aurora Auto Scaling sees to how many readers a cluster has, up to so many. */
  scalesTo: z.int().min(1).max(15).optional(),
});

export const databasesSchema = z.record(name, database).default({});
type Databases = z.output<typeof databasesSchema>;

const membersOf = (id: string, readers: number | undefined): string[] =>
  readers === undefined ? [] : Array.from({ length: readers + 1 }, (_, i) => `${id}-${i}`);

/** What can be expected of a database in the end. */
export const databaseState = z.strictObject({
  status: z.string().min(1).optional(),
  /** Whether clients have an answer; of a cluster: whether its writer answers. */
  serves: z.boolean().optional(),
  /** The member of a cluster that takes writes. */
  writer: name.optional(),
  zone: zone.optional(),
  /** GiB. */
  storage: gib.optional(),
  /** Whether it has ever been full. */
  filled: z.boolean().optional(),
  /** How many readers or read replicas there are. */
  readers: z.int().min(0).optional(),
});
export type DatabaseState = z.output<typeof databaseState>;

/** Its true state now; null where there is none. */
export const databaseStateOf = ({ aws: { rds } }: Host, id: string): Required<DatabaseState> | null => {
  const found = rds.get('cluster', id) ?? rds.get('instance', id);
  if (!found) return null;
  const { status, serves, writer = 'nobody', allocated, filled, readers } = found;
  return { status, serves, writer, zone: zone.parse(found.zone.at(-1)), storage: allocated, filled, readers };
};

/** What steps may name: databases, and the members of clusters. */
export const databaseNames = (databases: Databases): string[] =>
  Object.entries(databases).flatMap(([id, { readers }]) => [id, ...membersOf(id, readers)]);

/** Puts them into the world, as they have been since `createdAt`. */
export const placeDatabases = async ({ aws: { rds }, operator }: Host, databases: Databases, createdAt: number): Promise<void> => {
  for (const [id, { kind, status, optedIn, tags: own, ...more }] of Object.entries(databases)) {
    const { engine, maintenance, pending, multiAz, storage, used, growsTo, replicaOf, backupDays } = more;
    const tags = { ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...own };
    const common = { createdAt, tags, ...(engine === undefined ? {} : { engine }) };
    rds.place({
      ...common,
      id,
      kind,
      status,
      ...(maintenance === undefined ? {} : { maintenanceWindow: maintenance }),
      ...(pending === undefined ? {} : { pending }),
      ...(more.zone === undefined ? {} : { zone: more.zone }),
      ...(multiAz === undefined ? {} : { multiAz }),
      ...(storage === undefined ? {} : { allocated: storage }),
      ...(used === undefined ? {} : { used }),
      ...(growsTo === undefined ? {} : { maxAllocated: growsTo }),
      ...(replicaOf === undefined ? {} : { source: replicaOf }),
      ...(backupDays === undefined ? {} : { backupDays }),
      ...(more.public === undefined ? {} : { public: more.public }),
    });
    for (const [i, member] of membersOf(id, more.readers).entries())
      rds.place({ ...common, id: member, kind: 'instance', cluster: id, writer: i === 0, zone: (['a', 'b', 'c'] as const)[i % 3] ?? 'a' });
    if (more.scalesTo === undefined) continue;
    const target = { ServiceNamespace: 'rds', ResourceId: `cluster:${id}`, ScalableDimension: 'rds:cluster:ReadReplicaCount' } as const;
    const bounds = { MinCapacity: 1, MaxCapacity: more.scalesTo };
    await operator.of(ApplicationAutoScalingClient).send(new RegisterScalableTargetCommand({ ...target, ...bounds }));
  }
};

/** What happens to databases, by their names, or by those of a cluster's members. */
export const databaseSteps = [
  /** Clients of an instance leak connections until it is rebooted. */
  step('exhaust-connections', { database: name, ...lasts }),
  /** What an instance stores grows by so many GiB a minute. */
  step('fill-storage', { database: name, gibPerMinute: z.number().positive(), ...lasts }),
  /** A cluster's writer, or an instance, is gone; with `failsOver: false` RDS doesn't see to it by itself. */
  step('lose-writer', {
    database: name,
    loss: z.enum(['process', 'zone', 'storage']).default('process'),
    failsOver: z.boolean().default(true),
    ...lasts,
  }),
  /** A read replica or a reader is so many `seconds` behind, and so many more every minute, until it is rebooted. */
  step('lag-replica', {
    database: name,
    seconds: z.number().min(0).default(0),
    perMinute: z.number().min(0).default(0),
    state: z.enum(['replicating', 'unreadable', 'stopped']).default('replicating'),
    survives: z.boolean().default(false),
    ...lasts,
  }),
  /**
   * Percent of one instance's CPU, asked of an instance or a cluster's writer, or read from all its readers together, or `reads`: from an
   * instance alone, whose clients know of no replicas.
   */
  step('load-database', {
    database: name,
    percent: z.number().positive(),
    role: z.enum(['writer', 'readers', 'reads']).default('writer'),
    ...lasts,
  }),
  /** An instance can't start with its parameters, and is restarted now if `reboots`; once they are corrected it has to be rebooted. */
  step('break-parameters', { database: name, reboots: z.boolean().default(true), ...lasts }),
  /** Maintenance of an instance, announced now, which takes it down for so long. */
  step('maintain-database', { database: name, in: duration, takes: duration.default(300) }),
  /** A database's status changes, and RDS gives the reason in an event. */
  step('change-database', { database: name, status: z.string().min(1).max(60), message: z.string().min(1).max(300) }),

  // What people do.
  /** Gives an instance more storage. */
  step('grow-database', { database: name, storage: gib }),
  /** Lets a reader of a cluster take writes. */
  step('fail-over', { database: name, to: name.optional() }),
] as const;
type DatabaseStep = z.output<(typeof databaseSteps)[number]>;

const kinds: ReadonlySet<string> = new Set(databaseSteps.map(({ shape }) => shape.do.value));
export const isDatabaseStep = (one: { do: string }): one is DatabaseStep => kinds.has(one.do);

/** Carries one out; `lasting` injects a fault for so many seconds. Throws what AWS refuses it with. */
export const performDatabaseStep = async (
  one: DatabaseStep,
  { host: { aws, operator }, databases, lasting }: { host: Host; databases: Databases; lasting: (fault: Fault, seconds?: number) => void },
): Promise<void> => {
  const { database: target } = one;
  switch (one.do) {
    case 'exhaust-connections':
      return lasting({ fault: one.do, target }, one.for);
    case 'fill-storage':
      return lasting({ fault: one.do, target, gibPerMinute: one.gibPerMinute }, one.for);
    case 'lose-writer':
      return lasting({ fault: one.do, target, loss: one.loss, failsOver: one.failsOver }, one.for);
    case 'lag-replica': {
      const { seconds, perMinute, state, survives } = one;
      return lasting({ fault: one.do, target, seconds, perMinute, state, survives }, one.for);
    }
    case 'load-database':
      return lasting({ fault: one.do, target, percent: one.percent, on: one.role }, one.for);
    case 'break-parameters':
      return lasting({ fault: one.do, target, reboots: one.reboots }, one.for);
    case 'maintain-database':
      return lasting({ fault: one.do, target, inSeconds: one.in, seconds: one.takes });
    case 'change-database': {
      const kind = databases[target]?.kind ?? 'instance';
      return aws.rds.change(kind, target, one.status, { message: one.message, categories: ['notification'] });
    }
    case 'grow-database': {
      const input = { DBInstanceIdentifier: target, AllocatedStorage: one.storage, ApplyImmediately: true };
      return void (await operator.of(RDSClient).send(new ModifyDBInstanceCommand(input)));
    }
    case 'fail-over': {
      const input = { DBClusterIdentifier: target, TargetDBInstanceIdentifier: one.to };
      return void (await operator.of(RDSClient).send(new FailoverDBClusterCommand(input)));
    }
  }
};
