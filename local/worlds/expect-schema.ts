import * as z from 'zod';
import { guards } from '../../shared/guards/index.ts';
import { duration } from '../../shared/model/duration.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { formerGuardIds } from '../../shared/model/guard-id.ts';
import { statuses } from '../../shared/model/status.ts';
import { databaseState } from './databases.ts';

const guardIds = [...guards.map(({ id }) => id), ...formerGuardIds] as [string, ...string[]];
const count = z.int().min(0);
const amount = z.union([count, z.strictObject({ atMost: count })]);
export type Amount = z.output<typeof amount>;

/** Of the outcomes that fit `resource` and `failure`, so many must be like the rest. */
const outcome = z.strictObject({
  /** An instance, a member, a group, or any id such as a zone's. */
  resource: z.string().min(1).max(2048).optional(),
  failure: z.enum(failureIds).optional(),
  status: z.enum(statuses),
  verified: z.boolean().optional(),
  /** Loud by default: quiet ones are recorded without a notification. */
  quiet: z.boolean().default(false),
  /** What was done, in this order; in a dry run, what would have been. */
  actions: z.array(z.string()).optional(),
  /** Stands somewhere in the reason that people are given. */
  reason: z.string().min(1).optional(),
  /** Stands somewhere in the story of the incident. */
  story: z.string().min(1).optional(),
  /** What guards said at some time: the last word on an action, or an answer that was waited out. */
  guards: z.partialRecord(z.enum(guardIds), z.enum(['pass', 'hold', 'skip', 'ask', 'escalate'])).optional(),
  /**
   * The first message about the incident, an interim one or an approval request too, came within this: counted from its signal, or
   * from when its instance came to a stop.
   */
  told: z.strictObject({ within: duration, since: z.enum(['signal', 'stopped']).default('signal') }).optional(),
  /** So many outcomes. */
  count: count.default(1),
});

/** What is true of an instance or a group in the end. */
const resource = z.strictObject({
  state: z.enum(['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped']).optional(),
  /** An instance's public address, held against the one that it began with. */
  address: z.enum(['same', 'changed', 'none']).optional(),
  /** Whether an instance passes its checks, or a group has as many members in service as it wants. */
  healthy: z.boolean().optional(),
  desired: count.optional(),
  inService: count.optional(),
});
export type ExpectedResource = z.output<typeof resource>;

export const expectSchema = z.strictObject({
  outcomes: z.array(outcome).default([]),
  /** Loud outcomes by status; a status that isn't named may be there as often as it likes. */
  counts: z.partialRecord(z.enum(statuses), amount).optional(),
  /** All outcomes, quiet ones too. */
  incidents: amount.optional(),
  /** Actions done, in all. */
  actions: amount.optional(),
  /** Messages to people: outcomes and interim notifications. */
  messages: amount.optional(),
  approvals: amount.optional(),
  /** People were first notified within this time, counted from the first step. */
  told: z.strictObject({ within: duration }).optional(),
  /** Records that intake could not read. */
  rejected: amount.optional(),
  /** Steps that AWS refuses: none, where it is left out. */
  refused: amount.optional(),
  /** How the fleet is left, by its names. */
  resources: z.record(z.string().min(1).max(64), resource).optional(),
  /** Requests that failed, of those that a step sends to a target group, by its name. */
  failedRequests: z.record(z.string().min(1).max(64), amount).optional(),
  /** An ECS service in the end, by its name; steady: its deployment is over, and all that is wanted runs. */
  services: z
    .record(
      z.string().min(1).max(64),
      z.strictObject({ desired: count.optional(), running: count.optional(), revision: count.optional(), steady: z.boolean().optional() }),
    )
    .optional(),
  /** Messages in a queue in the end, whether they can be seen or not, by its name. */
  queues: z.record(z.string().min(1).max(64), amount).optional(),
  /** Databases in the end, by their names. */
  databases: z.record(z.string().min(1).max(64), databaseState).optional(),
  /** A certificate in the end, by its name: its status, and that of its renewal, as ACM has them. */
  certificates: z
    .record(z.string().min(1).max(64), z.strictObject({ status: z.string().min(1).optional(), renewal: z.string().min(1).optional() }))
    .optional(),
  /** The sizes of an instance's file systems in the end, in GiB, by their paths. */
  fileSystems: z.record(z.string().min(1).max(64), z.record(z.string().startsWith('/'), amount)).optional(),
  /** An observer watches every call and the true state of the world, and objects to nothing. */
  promises: z.literal('kept').optional(),
  /** How often selfheal makes a call with effect, by service and operation. */
  calls: z.record(z.string().regex(/^[a-z0-9]+:[A-Za-z]+$/, 'must be a call such as ec2:RebootInstances'), amount).optional(),
  never: z.array(z.string().regex(/^[a-z0-9]+:[A-Za-z*]+$/, 'must be a call such as ec2:StopInstances, or ec2:*')).optional(),
});
export type Expectation = z.output<typeof expectSchema>;
export type ExpectedOutcome = z.output<typeof outcome>;
