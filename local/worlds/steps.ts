import * as z from 'zod';
import { documentEffectSchema, faultSchema } from '#local-aws/faults';
import { duration } from '../../shared/model/duration.ts';
import { domain } from './certificates.ts';
import { releases } from './containers.ts';
import { databaseSteps } from './databases.ts';
import { versionNumber } from './looked-at.ts';
import { instanceRef, lasts, name, step, zone } from './values.ts';

type FailStart = Extract<(typeof faultSchema.options)[number], { shape: { reason: unknown; count: unknown } }>;
const failStart = (faultSchema.options.find((option) => option.shape.fault.value === 'fail-start') as FailStart).shape;
const fillDisk = (
  faultSchema.options.find((option) => option.shape.fault.value === 'fill-disk') as Extract<
    (typeof faultSchema.options)[number],
    { shape: { percentAnHour: unknown } }
  >
).shape;
const failRenewal = (
  faultSchema.options.find((option) => option.shape.fault.value === 'fail-renewal') as Exclude<
    Extract<(typeof faultSchema.options)[number], { shape: { reason: unknown } }>,
    FailStart
  >
).shape;
const failCall = faultSchema.options.find((option) => option.shape.fault.value === 'fail-call') as Extract<
  (typeof faultSchema.options)[number],
  { shape: { operation: unknown } }
>;
const { service, operation, code, message, status, rate, when, count } = failCall.shape;

/** Who does it, as CloudTrail names him. */
const by = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a short name')
  .default('operator');
const share = z.number().min(0).max(1);
const durationMs = z.number().positive().max(900_000);

const processName = z.string().min(1).max(255);

/** Of an alarm in CloudWatch; the fleet's names may stand in it as `${web}`. */
const alarm = z.string().min(1).max(255);
const logName = z.string().regex(/^[\w./#-]{1,512}$/, 'must be a name of CloudWatch Logs such as /shop/api');
const toInstance = <Do extends string>(what: Do) => step(what, { on: instanceRef });

/** All that can happen to a scenario's world: what breaks, what people do, what AWS does, what is delivered. */
export const stepSchema = z.discriminatedUnion('do', [
  // What breaks.
  toInstance('hang-kernel'),
  toInstance('fail-host'),
  toInstance('leak-memory'),
  /** A file system fills up; how fast is drawn where neither percent nor GiB an hour are said. */
  step('fill-disk', { on: instanceRef, path: fillDisk.path, percentAnHour: fillDisk.percentAnHour, gibAnHour: fillDisk.gibAnHour }),
  toInstance('interrupt-spot'),
  /** A process dies; it is started again by a command, and by most reboots. */
  step('kill-process', { on: instanceRef, process: processName }),
  /** Nothing starts the process once it is dead. */
  step('process-wont-start', { on: instanceRef, process: processName, ...lasts }),
  /** The agent of Systems Manager dies; most reboots start it again. */
  step('lose-agent', { on: instanceRef, ...lasts }),
  /** What running a document does from now on. */
  step('document-does', { document: z.string().min(3).max(128), ...documentEffectSchema.shape, ...lasts }),
  /** Its root volume answers no more. */
  step('impair-volume', { on: instanceRef, ...lasts }),
  /** Its root volume is in state `error`. */
  step('break-volume', { on: instanceRef, ...lasts }),
  /** Its next starts are accepted and fail, with this state reason. */
  step('fail-start', { on: instanceRef, reason: failStart.reason, count: failStart.count }),
  /** What listens on one of its ports, or on all, fails its load balancer's checks, and the instance is well. */
  step('sick-target', { on: instanceRef, port: z.int().min(1).max(65_535).optional(), targetGroup: name.optional(), ...lasts }),
  /** Hangs now, and again and again, each time so long after it is well. */
  step('relapse', { on: instanceRef, every: duration.default(300), ...lasts }),
  /** A new version of the group's template, whose members hang, or shut down, so long after they are launched. */
  step('bad-release', { on: name, after: duration, kind: z.enum(['hang-kernel', 'shut-down']).default('hang-kernel'), ...lasts }),
  /** An instance, or every member of a group, takes so long to answer after each launch or start. */
  step('slow-boot', { on: instanceRef, boot: duration, ...lasts }),
  /** The group's launch template is deleted, or the image that it names is gone: nothing can be launched from it. */
  step('break-template', { on: name }),
  step('break-image', { on: name, ...lasts }),
  step('dark-zone', { zone, ...lasts }),
  step('exhaust-zone', { zone, ...lasts }),
  /** Percent of one instance's CPU, shared by the group. */
  step('add-load', { on: name, percent: z.number().positive(), ...lasts }),
  /** So many requests a second go through a load balancer to a target group, of which each target answers at most so many in time. */
  step('send-requests', { on: name, perSecond: z.number().positive(), each: z.number().positive().optional(), ...lasts }),
  /** A host of the web answers with this status; with `receives` a message arrives all the same. */
  step('break-site', {
    site: z.string().min(1).max(253),
    status: z.int().min(100).max(599).default(503),
    receives: z.boolean().default(false),
    ...lasts,
  }),
  /** Software writes these lines to CloudWatch Logs. */
  step('write-logs', { group: logName, stream: logName.default('software'), messages: z.array(z.string().min(1)).min(1).max(1000) }),
  ...databaseSteps,
  /** The next time that the volume of what is mounted there is modified, that fails. */
  step('fail-modification', { on: instanceRef, path: fillDisk.path }),
  /** The parent zone of a hosted zone names other name servers. */
  step('wrong-delegation', { zone: domain, ...lasts }),
  /** ACM can't renew a certificate. */
  step('fail-renewal', { certificate: name, reason: failRenewal.reason, ...lasts }),
  /** What consumes a queue fails at a share of its messages, as when something behind it is down, or takes only a share of what it could. */
  step('fail-consumer', { queue: name, share: z.number().min(0).max(1).default(1), ...lasts }),
  step('slow-consumer', { queue: name, share: z.number().min(0).max(1).default(0.1), ...lasts }),
  /** Messages that no consumer of a queue can process while this lasts. */
  step('poison-messages', { queue: name, count: z.int().min(1).max(100_000).default(1), ...lasts }),
  /** So many more messages a second; no consumer can ever process a share of them. */
  step('send-messages', {
    queue: name,
    perSecond: z.number().positive().max(10_000),
    poison: z.number().min(0).max(1).default(0),
    ...lasts,
  }),
  /** What a function depends on is down, or slow: so many of its invocations fail, in all versions, or take so long on average. */
  step('function-errs', { function: name, errors: share.default(1), ...lasts }),
  step('slow-function', { function: name, durationMs, ...lasts }),
  /** So many invocations a minute instead of what there were, of an alias or a version if one is named. */
  step('invoke-function', { function: name, qualifier: z.string().min(1).max(64).optional(), perMinute: z.number().min(0), ...lasts }),
  /**
   * The agent of a container instance, or of all of a cluster, dies, so that a command can start it again, or runs and can't reach ECS.
   */
  step('lose-container-agent', {
    on: instanceRef.optional(),
    cluster: name.optional(),
    how: z.enum(['dies', 'cut-off']).default('dies'),
    ...lasts,
  }),
  /** Percent of what one task of an ECS service may use, shared by all. */
  step('add-service-load', {
    service: name,
    percent: z.number().positive(),
    of: z.enum(['cpu', 'memory']).default('cpu'),
    /** It is over once the service has been deployed again, as a leak is. */
    untilDeployed: z.boolean().default(false),
    ...lasts,
  }),
  /** The newest revision that a service has, or all of them, can't be started any more, exit, or answer with errors. */
  step('break-service', {
    service: name,
    as: z.enum(['cannot-pull', 'exits', 'errors']).default('cannot-pull'),
    revisions: z.enum(['newest', 'all']).default('newest'),
    ...lasts,
  }),
  /** Each task of an ECS service takes so much longer to start. */
  step('slow-task-start', { service: name, by: duration, ...lasts }),
  /** A task of an ECS service fails its target group's checks; ECS doesn't act on that where it is `overlooked`. */
  step('sick-task', { service: name, overlooked: z.boolean().default(true), ...lasts }),
  /** AWS stops it, or announces that it will after so long. */
  toInstance('stop-by-aws'),
  step('retire', { on: instanceRef, in: duration }),
  step('fail-calls', { service, operation, code, message, status, rate, when, count, ...lasts }),
  step('deliveries', { how: z.enum(['duplicate', 'delay', 'reorder', 'lose']), rate: z.number().min(0).max(1).default(1), ...lasts }),
  /** Somebody stops executions of selfheal's that run: the oldest ones, so many, or every one. */
  step('stop-executions', { count: z.int().min(1).optional() }),
  /** Every fault ends. What it broke doesn't heal by that, unless its cause was outside, as a dark zone's or a hung kernel's is. */
  step('all-clear', {}),

  /**
   * A job sends a beat, once or again and again, until `stop-beating` or for so long. One that runs on an instance sends none while nothing
   * answers there.
   */
  step('beat', { heartbeat: z.string().min(1).max(64), on: instanceRef.optional(), every: duration.optional(), ...lasts }),
  step('stop-beating', { heartbeat: z.string().min(1).max(64) }),

  // What people do.
  toInstance('stop'),
  toInstance('start'),
  toInstance('reboot'),
  toInstance('terminate'),
  /** From the operating system of the instance. */
  toInstance('shut-down'),
  step('tag', { on: instanceRef, key: z.string().min(1).max(128), value: z.string().max(256) }),
  step('untag', { on: instanceRef, key: z.string().min(1).max(128) }),
  step('protect', { on: instanceRef, from: z.enum(['stop', 'termination', 'scale-in']) }),
  /** Also its bounds, where they are said. */
  step('resize', {
    on: name,
    desired: z.int().min(0).max(1000),
    min: z.int().min(0).max(1000).optional(),
    max: z.int().min(0).max(1000).optional(),
  }),
  /** With all its members. */
  step('delete-group', { on: name }),
  step('suspend', { on: name, processes: z.array(z.string().min(1)).min(1), ...lasts }),
  step('resume', { on: name, processes: z.array(z.string().min(1)).min(1) }),
  /** An instance refresh: every member is replaced, one after the other. */
  step('deploy', { on: name }),
  /** Takes a member out of service, and puts it back; with `decrement: false` the group replaces it. */
  step('enter-standby', { on: instanceRef, decrement: z.boolean().default(true) }),
  toInstance('exit-standby'),
  step('detach', { on: instanceRef, decrement: z.boolean().default(true) }),
  step('attach', { on: instanceRef, group: name }),
  /** Answers a hook of the group, or all of them, so long after each began. */
  step('answer-hooks', {
    on: name,
    hook: name.optional(),
    after: duration,
    result: z.enum(['CONTINUE', 'ABANDON']).default('CONTINUE'),
    ...lasts,
  }),
  /** Puts an alarm of the fleet into a state by hand, as a drill does. */
  step('force-alarm', { alarm, state: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']).default('ALARM') }),
  /** Turns an alarm's actions off or on, or deletes it. */
  step('silence-alarm', { alarm, ...lasts }),
  step('unsilence-alarm', { alarm }),
  step('delete-alarm', { alarm }),
  /** An alarm takes missing data for something else. */
  step('treat-missing', { alarm, as: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']) }),
  /** A key is disabled, or put on its way to deletion, or selfheal's role may create grants on it or no longer. */
  step('change-key', { key: name, state: z.enum(['Enabled', 'Disabled', 'PendingDeletion']).optional(), grants: z.boolean().optional() }),
  /**
   * New code for a function, so many of whose invocations fail; with an alias, a version of it that the alias points to from then on, or
   * that gets so much of what the alias gets.
   */
  step('deploy-function', {
    ...{ function: name, alias: name.optional(), weight: share.optional() },
    ...{ errors: share.default(0), durationMs: durationMs.optional(), by },
  }),
  /** Somebody lets an alias point to another version, or send it so much of what the alias gets. */
  step('move-alias', { function: name, alias: name, version: versionNumber, weight: share.optional(), by }),
  step('delete-version', { function: name, version: versionNumber, by }),
  /** Reserves concurrency, or none any more. */
  step('reserve-concurrency', { function: name, reserved: z.int().min(0).nullable(), by }),
  /** Disables what reads queues for a function: somebody, or Lambda itself where nobody is named. */
  step('disable-mapping', { function: name, by: by.removeDefault().optional() }),
  /**
   * A new deployment of an ECS service: of what it has, or of new software that is well, whose image can't be pulled, that exits `after` each
   * start, or that answers a `ratio` of the requests with an error.
   */
  step('deploy-service', {
    service: name,
    as: z.enum(releases).default('same'),
    ratio: z.number().min(0).max(1).default(0.5),
    after: duration.default(20),
  }),
  /** A person stops the deployment that is under way, with a rollback, or deploys the revision before. */
  step('roll-service-back', { service: name }),
  step('scale-service', { service: name, desired: z.int().min(0).max(100) }),
  /** A person has the dead letters in a queue moved back to where they came from. */
  step('move-messages', { queue: name, perSecond: z.int().min(1).max(500).optional() }),
  /** Deletes the record by which a certificate is validated, or another one of a zone. */
  step('delete-record', {
    certificate: name.optional(),
    zone: domain.optional(),
    name: domain.optional(),
    type: z.string().min(1).max(10).default('CNAME'),
  }),
  /** A new version of selfheal is deployed, with these settings in place of the scenario's. */
  step('change-policy', { policy: z.record(z.string(), z.unknown()) }),
  step('switch', { to: z.enum(['on', 'dry-run', 'off']) }),
  /** A person pauses a resource for a while, as `selfheal pause` does. */
  step('pause', { on: instanceRef, for: duration, because: z.string().min(1).max(300) }),
  /** A member's roles trust nobody any more, or again as they did. */
  step('shut-out', { out: z.boolean() }),
  /** An alarm of this account on the load of another account's group, which fires: nobody there has agreed to be treated by it. */
  step('watch-other', { account: z.string().regex(/^\d{12}$/, 'must be 12 digits'), group: name }),
  step('calendar', { name: z.string().min(3).max(300), open: z.boolean() }),

  // Deliveries in addition to the world's own events.
  step('deliver', {
    /** The event itself, or the file that holds it, from the scenario's folder on. */
    event: z.unknown().optional(),
    file: z.string().min(1).max(500).optional(),
    times: z.int().min(1).max(1000).default(1),
    every: duration.default(0),
    /** So many bytes more than it has to have. */
    padding: z.int().min(1).max(1_000_000).optional(),
  }),
  /**
   * Redelivers all events that intake has received so far, or only those about one resource; `batched`: as records of one queue, between
   * two that nothing can read.
   */
  step('redeliver', { on: instanceRef.optional(), batched: z.boolean().default(false) }),
]);
export type Step = z.output<typeof stepSchema>;
/** A step as it is written. */
export type WrittenStep = z.input<typeof stepSchema>;
