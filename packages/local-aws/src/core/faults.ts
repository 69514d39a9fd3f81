import * as z from 'zod';
import type { Interceptor } from '../wire/gateway.ts';
import { AwsError } from '../wire/protocol/errors.ts';
import { databaseFaults, isDatabaseFault, startDatabaseFault } from './database-faults.ts';
import { documentEffectSchema } from './document-effect.ts';
import { deliveryParameters } from './model-parameters.ts';
import type {
  AutoScaling,
  CertificateFaults,
  DnsFaults,
  Ec2,
  EcsFaults,
  LambdaFaults,
  LoadBalancing,
  Queues,
  RdsFaults,
  SystemsManager,
} from './service-interfaces.ts';
import type { Delivery, World } from './world.ts';

export { documentEffectSchema } from './document-effect.ts';

const rate = z.number().min(0).max(1);
const target = z.string().min(1);
const instance = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'must be an instance id');

/** A volume's own id, or that of the instance whose root volume is meant. */
const volume = z.string().regex(/^(vol|i)-[0-9a-f]{8,17}$/, 'must be the id of a volume or an instance');

const queue = z.string().regex(/^[\w-]{1,75}(\.fifo)?$/, "must be a queue's name");

/** As the CloudWatch agent finds it: what an alarm has as `exe` or `pattern`. */
const processName = z.string().min(1).max(255);

const onTarget = <Kind extends keyof Ec2['faults'] | 'wrong-delegation'>(kind: Kind, on: z.ZodString = target) =>
  z.strictObject({ fault: z.literal(kind), target: on });

/** Services by the names that people give them, and how their requests are signed. */
const signingNames = {
  ec2: 'ec2',
  autoscaling: 'autoscaling',
  cloudwatch: 'monitoring',
  monitoring: 'monitoring',
  eventbridge: 'events',
  events: 'events',
  elb: 'elasticloadbalancing',
  elasticloadbalancing: 'elasticloadbalancing',
  cloudtrail: 'cloudtrail',
  ssm: 'ssm',
  sts: 'sts',
  iam: 'iam',
  kms: 'kms',
  lambda: 'lambda',
  rds: 'rds',
  ecs: 'ecs',
  'application-autoscaling': 'application-autoscaling',
  acm: 'acm',
  route53: 'route53',
  synthetics: 'synthetics',
  logs: 'logs',
  dynamodb: 'dynamodb',
  sns: 'sns',
  sqs: 'sqs',
} as const;

const failCall = z.strictObject({
  fault: z.literal('fail-call'),
  service: z.enum(Object.keys(signingNames) as (keyof typeof signingNames)[]),
  /** An operation's name, or `*` for all of the service's. */
  operation: z.string().min(1).default('*'),
  code: z.string().min(1).default('InternalError'),
  message: z.string().optional(),
  status: z.int().min(400).max(599).default(500),
  rate: rate.default(1),
  /** `before` refuses the call; `after` lets it take effect and loses its answer. */
  when: z.enum(['before', 'after']).default('before'),
  /** Ends by itself after so many failed calls. */
  count: z.int().min(1).optional(),
});

/** A group's lifecycle hooks are completed so many seconds after they began; without it they hang until their timeout. */
const answerHooks = z.strictObject({
  fault: z.literal('answer-hooks'),
  target,
  /** One of the group's hooks; all of them where it is left out. */
  hook: z.string().min(1).optional(),
  afterSeconds: z.number().min(0).max(172_800),
  result: z.enum(['CONTINUE', 'ABANDON']).default('CONTINUE'),
});

const deliver = z.strictObject({
  fault: z.literal('deliver'),
  how: z.enum(['duplicate', 'delay', 'reorder', 'lose']),
  rate: rate.default(1),
  /** Only events that a rule of another bus has sent on, from another account or region say. */
  forwarded: z.boolean().default(false),
});

const functionName = z.string().regex(/^[a-zA-Z0-9-_]{1,64}$/, "must be a function's name");
const durationMs = z.number().positive().max(900_000);

/** Everything that can be broken in the local AWS. */
export const faultSchema = z.discriminatedUnion('fault', [
  onTarget('hang-kernel', instance),
  onTarget('fail-host', instance),
  onTarget('impair-volume', volume),
  onTarget('break-volume', volume),
  z.strictObject({
    fault: z.literal('fail-start'),
    target: instance,
    /** The state reason that the instance then has. */
    reason: z
      .string()
      .regex(/^(Client|Server)\.[A-Za-z.]{1,100}$/, "must be a state reason's code such as Client.InternalError")
      .default('Client.InternalError'),
    /** Ends by itself after so many starts. */
    count: z.int().min(1).default(1),
  }),
  z.strictObject({
    fault: z.literal('slow-boot'),
    /** An instance, a group, or a launch template by its id or name. */
    target,
    /** This version of the launch template; all where it is left out. */
    version: z.int().min(1).optional(),
    /** Seconds from the launch or start to `running`, and from there until the operating system answers. */
    pending: z.number().min(0).optional(),
    boot: z.number().min(0).optional(),
  }),
  z.strictObject({
    fault: z.literal('bad-release'),
    /** A group, or a launch template by its id or name: what is launched from now on is bad. */
    target,
    /** This version of the launch template; all where it is left out. */
    version: z.int().min(1).optional(),
    /** Seconds from the launch until it fails, and from every reboot. */
    after: z.number().min(0),
    kind: z.enum(['hang-kernel', 'shut-down']).default('hang-kernel'),
  }),
  /** At once, from its operating system or by EC2; there is nothing to end. */
  z.strictObject({ fault: z.literal('shut-down'), target: instance, by: z.enum(['guest', 'service']).default('guest') }),
  /** It is dead until it is started again: by the fault's end, by a command, and by most reboots. */
  z.strictObject({ fault: z.literal('kill-process'), target: instance, process: processName }),
  /** While this lasts, nothing starts the process once it is dead. */
  z.strictObject({ fault: z.literal('process-wont-start'), target: instance, process: processName }),
  /** The agent of Systems Manager is dead until it is started again, as by most reboots. */
  z.strictObject({
    fault: z.literal('lose-agent'),
    target: instance,
    /** `false`: as if it had never had one. */
    registered: z.boolean().default(true),
  }),
  /** What running a document does from now on. */
  documentEffectSchema.extend({
    fault: z.literal('document-does'),
    target: z.string().regex(/^[a-zA-Z0-9_\-.]{3,128}$/, "must be a document's name"),
    /** In this version; in all where it is left out. */
    version: z
      .string()
      .regex(/^[1-9]\d*$/, 'must be digits')
      .optional(),
  }),
  onTarget('leak-memory', instance),
  z.strictObject({
    fault: z.literal('fill-disk'),
    target: instance,
    /** What is mounted there. */
    path: z.string().startsWith('/').default('/'),
    /** How fast, in percent of it or in GiB; drawn where both are left out. */
    percentAnHour: z.number().positive().optional(),
    gibAnHour: z.number().positive().optional(),
  }),
  /** The next ModifyVolume of a volume is taken and fails. */
  z.strictObject({ fault: z.literal('fail-modification'), target: z.string().regex(/^vol-[0-9a-f]{8,17}$/, 'must be a volume id') }),
  onTarget('interrupt-spot', instance),
  onTarget('exhaust-zone'),
  onTarget('dark-zone'),
  z.strictObject({
    fault: z.literal('sick-target'),
    target: instance,
    /** What listens on it; all ports where it is left out. */
    port: z.int().min(1).max(65_535).optional(),
    /** Its ARN or its name; all that the instance is registered with where it is left out. */
    targetGroup: z.string().min(1).optional(),
  }),
  /**
   * So many requests a second go through a load balancer to a target group, by its ARN or name. A target answers at most `each` a second
   * in time; all that come to it, where it is left out.
   */
  z.strictObject({
    fault: z.literal('send-requests'),
    target,
    perSecond: z.number().positive(),
    each: z.number().positive().optional(),
  }),
  ...databaseFaults,
  /** Somebody deletes a record of a hosted zone, which is meant by its id or its name; there is nothing to end. */
  z.strictObject({
    fault: z.literal('delete-record'),
    target,
    name: z.string().min(1).max(255),
    type: z.string().min(1).max(10).default('CNAME'),
  }),
  /** ACM can't renew a certificate, by its ARN, for this reason. */
  z.strictObject({
    fault: z.literal('fail-renewal'),
    target,
    reason: z.enum(['CAA_ERROR', 'DOMAIN_NOT_ALLOWED', 'DOMAIN_VALIDATION_DENIED', 'OTHER']).default('CAA_ERROR'),
  }),
  /** The parent zone names other name servers than the hosted zone's own. */
  onTarget('wrong-delegation'),
  /** What consumes a queue fails at a share of its messages, as when something behind it is down. */
  z.strictObject({ fault: z.literal('fail-consumer'), target: queue, share: rate.default(1) }),
  /** What consumes a queue takes only this share of what it could. */
  z.strictObject({ fault: z.literal('slow-consumer'), target: queue, share: rate.default(0.1) }),
  /** So many messages that no consumer of a queue can process while this lasts. */
  z.strictObject({ fault: z.literal('poison-messages'), target: queue, count: z.int().min(1).max(100_000).default(1) }),
  /** So many messages a second are sent to a queue; no consumer can ever process a share of them. */
  z.strictObject({
    fault: z.literal('send-messages'),
    target: queue,
    perSecond: z.number().positive().max(10_000),
    poison: rate.default(0),
  }),
  z.strictObject({
    fault: z.literal('bad-task-definition'),
    /** `family`, or one of its revisions as `family:revision`. */
    target,
    /** Its image can't be pulled (of a family: its registry doesn't answer), its software exits so many seconds after each start, or answers this share of the requests with an error. */
    kind: z.enum(['cannot-pull', 'exits', 'errors']).default('cannot-pull'),
    after: z.number().min(0).default(20),
    ratio: rate.default(0.5),
  }),
  z.strictObject({
    fault: z.literal('lose-container-agent'),
    /** A container instance, by its EC2 instance, or a cluster: all that it has. */
    target,
    /** Its process dies, and a command can start it again; or it runs, and can't reach ECS. */
    how: z.enum(['dies', 'cut-off']).default('dies'),
  }),
  /** Percent of what one task of the service `CLUSTER/SERVICE` may use, spread over all that run. */
  z.strictObject({
    fault: z.literal('add-service-load'),
    target,
    percent: z.number().positive(),
    of: z.enum(['cpu', 'memory']).default('cpu'),
    /** It is over once the service has been deployed again, as a leak is. */
    untilDeployed: z.boolean().default(false),
  }),
  /** Each task of the service `CLUSTER/SERVICE` takes so many seconds longer to start. */
  z.strictObject({ fault: z.literal('slow-task-start'), target, seconds: z.number().positive() }),
  /** The oldest task of the service `CLUSTER/SERVICE` fails its target group's checks; with `overlooked`, ECS doesn't act on that. */
  z.strictObject({ fault: z.literal('sick-task'), target, overlooked: z.boolean().default(true) }),
  /** This share of a function's invocations fails, in all versions: what it depends on is down. */
  z.strictObject({ fault: z.literal('function-errs'), target: functionName, errors: rate.default(1) }),
  /** Invocations take so long on average, in all versions; above the timeout they fail. */
  z.strictObject({ fault: z.literal('slow-function'), target: functionName, durationMs }),
  /** So many invocations a minute instead of what there were. */
  z.strictObject({
    fault: z.literal('invoke-function'),
    target: functionName,
    perMinute: z.number().min(0),
    /** The alias or version that callers name; they name none where it is left out. */
    qualifier: z.string().min(1).max(128).optional(),
  }),
  /** Somebody publishes a version whose code fails so often, and moves the alias to it. There is nothing to end: its code stays so. */
  z.strictObject({
    fault: z.literal('bad-deploy'),
    target: functionName,
    /** Without one, only `$LATEST` changes. */
    alias: z.string().min(1).max(128).optional(),
    errors: rate.default(0.5),
    durationMs: durationMs.optional(),
    /** The share of the alias that it gets; all where it is left out. */
    weight: rate.optional(),
    /** Who, by his access key, as CloudTrail then tells. */
    by: z.string().min(1).max(64).default('deployer'),
  }),
  /** Lambda itself disables an event source mapping, by its id, or all of a function. There is nothing to end. */
  z.strictObject({
    fault: z.literal('disable-mapping'),
    target,
    result: z.string().min(1).max(300).default('PROBLEM: Function call failed'),
  }),
  z.strictObject({ fault: z.literal('add-load'), target, percent: z.number().positive() }),
  answerHooks,
  failCall,
  deliver,
]);

/** A fault as it is asked for; what has a default may be left out. */
export type Fault = z.input<typeof faultSchema>;
type FullFault = z.output<typeof faultSchema>;
type FailCall = z.output<typeof failCall>;
type Deliver = z.output<typeof deliver>;

/** The faults of one local AWS: those injected, and what they do to calls and deliveries. */
export type Faults = {
  /** Sees to `fail-call`. */
  interceptor: Interceptor;
  /** Breaks something; returns the fault's id. Throws a ZodError for a fault that is none, a RangeError for a target or an operation that doesn't exist. */
  inject(fault: Fault): string;
  /** Ends a fault; false if no fault has this id or it has ended. What it broke doesn't heal by itself unless its cause was outside. */
  end(id: string): boolean;
  /** The faults that last, oldest first. */
  active(): readonly { id: string; fault: FullFault }[];
  /**
   * Takes what is due to be delivered out of the world's outbox, after the `deliver` faults have duplicated, delayed, reordered and
   * lost what they draw. What they hold back comes with a later call, once the clock has reached it.
   */
  deliveries(): Delivery[];
  /** Whether `deliveries` has something to hand out now. */
  anyDeliveries(): boolean;
};

/** Whether the service that is signed for by this name has this operation. */
export type Serves = (signingName: string, operation: string) => boolean;

/** The faults of a world, over the services that they break. */
export const createFaults = (
  world: World,
  {
    ec2,
    autoScaling,
    loadBalancing,
    queues,
    rds,
    ecs,
    lambda,
    ssm,
    route53,
    acm,
  }: {
    ec2: Ec2;
    autoScaling: AutoScaling;
    loadBalancing: LoadBalancing;
    queues: Queues;
    rds: { faults: RdsFaults };
    ecs: { faults: EcsFaults };
    lambda: { faults: LambdaFaults };
    ssm: SystemsManager;
    route53: DnsFaults;
    acm: CertificateFaults;
  },
  serves: Serves,
): Faults => {
  const random = world.random.fork('faults');
  const active = new Map<string, { fault: FullFault; undo: () => void }>();
  /** Those of them that every call and every delivery is held against, however many others there are. */
  const ofCalls = new Map<string, FailCall>();
  const ofDeliveries = new Map<string, Deliver>();
  /** Deliveries that a fault held back and that are due now; no fault touches them again. */
  const released: Delivery[] = [];
  let count = 0;

  const launched = ({ target, version }: Extract<FullFault, { fault: 'slow-boot' | 'bad-release' }>) => {
    if (version === undefined && (ec2.get(target) || autoScaling.get(target))) return { target };
    const template = ec2.launchTemplate(target, String(version ?? '$Default'));
    if (!template)
      throw new RangeError(`there is no group or launch template ${target}${version === undefined ? '' : `, version ${version}`}`);
    return { target: template.id, version };
  };

  const start = (fault: FullFault, id: string): (() => void) => {
    if (isDatabaseFault(fault)) return startDatabaseFault(fault, rds.faults);
    switch (fault.fault) {
      case 'fail-call':
        if (fault.operation !== '*' && !serves(signingNames[fault.service], fault.operation))
          throw new RangeError(`the local AWS has no operation ${fault.operation.slice(0, 100)} of ${fault.service}`);
        return () => {};
      case 'deliver':
        return () => {};
      case 'answer-hooks':
        return autoScaling.answerHooks(fault.target, { hook: fault.hook, afterSeconds: fault.afterSeconds, result: fault.result });
      case 'add-load':
        if (!autoScaling.get(fault.target)) throw new RangeError(`no Auto Scaling group is called ${fault.target}`);
        return autoScaling.addLoad(fault.target, fault.percent);
      case 'send-requests':
        return loadBalancing.sendRequests(fault.target, fault.perSecond, fault.each);
      case 'sick-target':
        return loadBalancing.sickenTarget({ instanceId: fault.target, port: fault.port, targetGroup: fault.targetGroup });
      case 'slow-boot':
        return ec2.slowBoot(launched(fault), fault);
      case 'bad-release':
        return ec2.badRelease(launched(fault), fault);
      case 'shut-down':
        ec2.shutDown(fault.target, fault.by);
        return () => {};
      case 'kill-process':
        return ec2.software.kill(fault.target, fault.process);
      case 'process-wont-start':
        return ec2.software.hold(fault.target, fault.process);
      case 'lose-agent':
        return ssm.loseAgent(fault.target, fault.registered);
      case 'document-does': {
        const { fault: _, target, version, ...effect } = fault;
        return ssm.changeEffect(target, version, effect);
      }
      case 'fail-start':
        return ec2.failStarts(fault.target, fault.reason, fault.count, () => end(id));
      case 'fail-consumer':
        return queues.failConsumers(fault.target, fault.share);
      case 'slow-consumer':
        return queues.slowConsumers(fault.target, fault.share);
      case 'poison-messages':
        return queues.poison(fault.target, fault.count);
      case 'send-messages':
        return queues.send(fault.target, fault);
      case 'function-errs':
        return lambda.faults.fail(fault.target, fault.errors);
      case 'slow-function':
        return lambda.faults.slow(fault.target, fault.durationMs);
      case 'invoke-function':
        return lambda.faults.invoked(fault.target, fault.qualifier ?? '', fault.perMinute);
      case 'bad-deploy':
        lambda.faults.deploy(fault.target, fault);
        return () => {};
      case 'disable-mapping':
        lambda.faults.disableMapping(fault.target, fault.result);
        return () => {};
      case 'fill-disk':
        return ec2.faults[fault.fault](fault.target, fault);
      case 'fail-modification':
        return ec2.failModification(fault.target, () => end(id));
      case 'delete-record':
        route53.deleteRecord(fault.target, fault.name, fault.type);
        return () => {};
      case 'fail-renewal':
        return acm.blockRenewal(fault.target, fault.reason);
      case 'wrong-delegation':
        return route53.misdelegate(fault.target);
      case 'bad-task-definition':
        return ecs.faults.badTaskDefinition(fault.target, fault);
      case 'lose-container-agent':
        return ecs.faults.loseAgents(fault.target, fault.how);
      case 'add-service-load':
        return ecs.faults.addLoad(fault.target, fault.percent, fault);
      case 'slow-task-start':
        return ecs.faults.slowStart(fault.target, fault.seconds);
      case 'sick-task':
        return ecs.faults.sickTask(fault.target, fault.overlooked);
      default:
        return ec2.faults[fault.fault](fault.target);
    }
  };

  const end = (id: string): boolean => {
    const found = active.get(id);
    if (!found) return false;
    active.delete(id);
    ofCalls.delete(id);
    ofDeliveries.delete(id);
    found.undo();
    return true;
  };

  const remaining = new Map<string, number>();
  const strikes = (id: string, fault: FailCall, service: string, operation: string): boolean => {
    if (signingNames[fault.service] !== service) return false;
    if (fault.operation !== '*' && fault.operation !== operation) return false;
    if (!random.chance(fault.rate)) return false;
    const left = (remaining.get(id) ?? fault.count ?? Number.POSITIVE_INFINITY) - 1;
    remaining.set(id, left);
    if (left <= 0) end(id);
    return true;
  };

  const interceptor: Interceptor = {
    before: ({ service, operation }) => {
      for (const [id, fault] of ofCalls) {
        if (fault.when === 'before' && strikes(id, fault, service, operation))
          throw new AwsError(fault.code, fault.message ?? `${fault.code}: injected into ${operation}`, fault.status);
      }
    },
    after: ({ service, operation }) => {
      for (const [id, fault] of ofCalls) {
        if (fault.when === 'after' && strikes(id, fault, service, operation)) return 'lose';
      }
      return undefined;
    },
  };

  const hold = (delivery: Delivery, { least, most }: { least: number; most: number }) =>
    world.clock.after(random.between(least, most) * 1000, () => released.push(delivery));

  /** What one fault makes of one delivery: itself if it may go on its way now. */
  const meddle = (delivery: Delivery, { how, rate, forwarded }: Deliver): Delivery | undefined => {
    if (forwarded && !('forwarded' in delivery)) return delivery;
    if (!random.chance(rate)) return delivery;
    if (how === 'duplicate') {
      hold(delivery, deliveryParameters.duplicateAfter);
      return delivery;
    }
    if (how !== 'lose') hold(delivery, how === 'delay' ? deliveryParameters.delay : deliveryParameters.overtaken);
    return undefined;
  };

  return {
    interceptor,
    inject: (wanted) => {
      const fault = faultSchema.parse(wanted);
      const id = `fault-${count + 1}`;
      const undo = start(fault, id);
      count++;
      active.set(id, { fault, undo });
      if (fault.fault === 'fail-call') ofCalls.set(id, fault);
      if (fault.fault === 'deliver') ofDeliveries.set(id, fault);
      return id;
    },
    end,
    active: () => [...active].map(([id, { fault }]) => ({ id, fault })),
    deliveries: () => {
      const fresh = world.outbox.splice(0);
      const due = fresh.flatMap((delivery) => {
        let current: Delivery | undefined = delivery;
        for (const fault of ofDeliveries.values()) current = current && meddle(current, fault);
        return current ? [current] : [];
      });
      return [...released.splice(0), ...due];
    },
    anyDeliveries: () => released.length > 0 || world.outbox.length > 0,
  };
};
