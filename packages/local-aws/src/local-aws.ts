import { type Backends, createBackends } from './core/backends.ts';
import { createDispatcher } from './core/dispatch.ts';
import { createFaults, type Faults } from './core/faults.ts';
import type { AutoScaling, CloudWatch, Ec2, Kms, LoadBalancing, Queues, SystemsManager } from './core/service-interfaces.ts';
import { createThrottle, type ThrottleMode } from './core/throttle.ts';
import { createWorld, type Shared, type World, type WorldOptions } from './core/world.ts';
import { type Acm, createAcm } from './services/acm/index.ts';
import { createApplicationAutoScaling } from './services/application-autoscaling/index.ts';
import { createAutoScaling } from './services/autoscaling/index.ts';
import { createCloudTrail } from './services/cloudtrail/index.ts';
import { createCloudWatch } from './services/cloudwatch/index.ts';
import type { DynamoDbOptions } from './services/dynamodb/index.ts';
import { createEc2 } from './services/ec2/index.ts';
import { createEcs, type Ecs } from './services/ecs/index.ts';
import { createLoadBalancing } from './services/elb/index.ts';
import { createEventBridge, type EventBridge } from './services/eventbridge/index.ts';
import type { Neighbours } from './services/eventbridge/model/neighbours.ts';
import { createIam, type Iam } from './services/iam/index.ts';
import { createAuthentication, createAuthorization } from './services/iam/model/access.ts';
import { type Identity, identityOf } from './services/iam/model/identity.ts';
import type { Look } from './services/iam/model/requested.ts';
import { createKms } from './services/kms/index.ts';
import type { AccessOptions } from './services/kms/model/access.ts';
import { createLambda, type Lambda } from './services/lambda/index.ts';
import type { LambdaHooks, OnCallback, OnInvoke } from './services/lambda/model/hooks.ts';
import { createLogs, type Logs } from './services/logs/index.ts';
import { createRds, type Rds } from './services/rds/index.ts';
import { createRoute53, type Route53 } from './services/route53/index.ts';
import { createSsm } from './services/ssm/index.ts';
import { createSts } from './services/sts/index.ts';
import { createSynthetics, type Synthetics } from './services/synthetics/index.ts';
import { createGateway, type Interceptor } from './wire/gateway.ts';
import type { HttpRequest, HttpResponse } from './wire/protocol/http.ts';

/** A world, and what is outside of it: functions that are invoked, limits, and whoever sees or is exempt from its calls. */
export type LocalAwsOptions = WorldOptions &
  DynamoDbOptions &
  AccessOptions & {
    /** Carries out the invocations of Lambda functions; without it there are no functions. */
    onInvoke?: OnInvoke;
    /** Takes the answers to durable executions' callbacks; without it all are over. */
    onCallback?: OnCallback;
    /** Lists durable executions; without it there are none. */
    executions?: LambdaHooks['executions'];
    /** Lambda's concurrency: 1000, none of it reserved, unless told otherwise. */
    concurrency?: LambdaHooks['concurrency'];
    /** More that sees every call, between throttles and faults: an observer, say. */
    interceptors?: readonly Interceptor[];
    /** `off` lets callers be as fast as they like: `aws` unless told otherwise. */
    throttle?: ThrottleMode;
    /** Milliseconds by which token buckets have refilled over and above simulated time, for a world whose clock may stand still. */
    refilled?: () => number;
    /** Access keys whose calls are never throttled and that no fault touches: for whoever sets a world up. */
    exempt?: readonly string[];
    /** Whose calls no fault touches, though they are throttled; nobody's unless told otherwise. */
    spares?: (accessKey: string) => boolean;
  };

/** What an account and region has around it: others that it can reach, on the same clock. */
export type Surroundings = {
  clock: World['clock'];
  identity: Identity;
  neighbours: Neighbours;
  /** What a resolver on the internet is told of a name. */
  resolve: Route53['resolve'];
  hasRegion(region: string): boolean;
  /** Moves all of them. */
  advanceTo(time: number): Promise<void>;
};

/** One account and region of AWS in this process, without a socket. */
export type LocalAws = {
  options: LocalAwsOptions;
  world: World;
  kms: Kms;
  ec2: Ec2;
  autoScaling: AutoScaling;
  cloudWatch: CloudWatch;
  eventBridge: EventBridge;
  iam: Iam;
  loadBalancing: LoadBalancing;
  logs: Logs;
  ssm: SystemsManager;
  lambda: Lambda;
  rds: Rds;
  queues: Queues;
  ecs: Ecs;
  acm: Acm;
  route53: Route53;
  synthetics: Synthetics;
  faults: Faults;
  backends: Backends;
  /** The names of the operations of each service, by what it signs as. */
  served: ReadonlyMap<string, readonly string[]>;
  /** Answers any service's request, DynamoDB's, SNS's and SQS's too; give it to `inProcess` or to a server. Never rejects. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Brings what is due to topics, queues and functions; returns how many deliveries were taken. */
  dispatch(): Promise<number>;
  /** Moves the clock to `time`, dispatching deliveries at the simulated moment at which they come up. */
  advanceTo(time: number): Promise<void>;
  close(): Promise<void>;
};

/** An interceptor that leaves some callers alone. */
const exempting = (isExempt: (accessKey: string) => boolean, { before, after }: Interceptor): Interceptor => ({
  before: (call) => {
    if (!isExempt(call.context.accessKey)) before?.(call);
  },
  after: (call) => (isExempt(call.context.accessKey) ? undefined : after?.(call)),
});

/** An embedded AWS: every service on one clock and one source of randomness. The same options give the same history. */
export const createLocalAws = (options: LocalAwsOptions, surroundings?: Surroundings): LocalAws => {
  const shared: Shared = { clock: surroundings?.clock, sessionOf: (accessKey) => identity.sessions.get(accessKey) };
  const world = createWorld(options, shared);
  const { clock } = world;
  const identity = surroundings?.identity ?? identityOf(world);
  const neighbours = surroundings?.neighbours;
  const kms = createKms(world, options);
  const ec2 = createEc2(world, kms);
  const autoScaling = createAutoScaling(world, ec2);
  const cloudWatch = createCloudWatch(world);
  const eventBridge = createEventBridge(world, { identity, neighbours, publish: cloudWatch.publish });
  const iam = createIam(world, identity);
  const logs = createLogs(world, cloudWatch.publish);
  const loadBalancing = createLoadBalancing(world, ec2, autoScaling);
  const ssm = createSsm(world, ec2);
  const lambda = createLambda(world, options);
  const rds = createRds(world);
  const ecs = createEcs(world, ec2, loadBalancing);
  const applicationAutoScaling = createApplicationAutoScaling(world);
  const route53 = createRoute53(world);
  const acm = createAcm(world, surroundings?.resolve ?? route53.resolve);
  const synthetics = createSynthetics(world);

  const backends = createBackends(world, { ...options, identity, neighbours });
  const { queues } = backends;
  queues.employ({
    group: (name) => autoScaling.get(name)?.inServiceIds.filter((id) => ec2.get(id)?.reachable).length,
    service: ecs.running,
    function: lambda.work,
  });

  cloudWatch.addSource('AWS/EC2', ec2.metrics);
  cloudWatch.addSource('CWAgent', ec2.metrics, true);
  cloudWatch.addListing(ec2.listMetrics);
  cloudWatch.addSamples('AWS/EC2', autoScaling.memberMetrics);
  cloudWatch.addSource('AWS/AutoScaling', autoScaling.metrics);
  cloudWatch.addSource('AWS/ApplicationELB', loadBalancing.metrics);
  cloudWatch.addListing(loadBalancing.listMetrics);
  cloudWatch.addSource('AWS/CertificateManager', acm.metrics);
  cloudWatch.addListing(acm.listMetrics);
  cloudWatch.addSamples('AWS/RDS', rds.metrics);
  cloudWatch.addListing(rds.listMetrics);
  cloudWatch.addSource('AWS/SQS', queues.metrics);
  cloudWatch.addListing(queues.listMetrics);
  cloudWatch.addSource('AWS/ECS', ecs.metrics);
  cloudWatch.addListing(ecs.listMetrics);
  cloudWatch.addSamples('AWS/Lambda', lambda.metrics);
  cloudWatch.addListing(lambda.listMetrics);

  cloudWatch.carryOut({ ec2: ec2.alarmAction });
  autoScaling.scaleByAlarms(cloudWatch);

  const described = [rds, ecs, applicationAutoScaling, acm, route53, synthetics];
  const trail = createCloudTrail(world);
  const parts = [
    kms,
    ec2,
    autoScaling,
    cloudWatch,
    eventBridge,
    loadBalancing,
    trail,
    ssm,
    createSts(world, identity),
    iam,
    lambda,
    ...described,
    logs,
  ];
  const services = parts.map(({ service }) => service);
  const served = new Map<string, readonly string[]>([
    ...services.map(({ signingName, operations }): [string, string[]] => [signingName, Object.keys(operations)]),
    ...backends.all.map(({ signingName, operations }): [string, readonly string[]] => [signingName, operations]),
  ]);
  /** What the backends can do is theirs to know. */
  const serves = (signingName: string, operation: string) =>
    backends.all.some((backend) => backend.signingName === signingName) || (served.get(signingName)?.includes(operation) ?? false);
  const faults = createFaults(world, { ec2, autoScaling, loadBalancing, queues, rds, ecs, lambda, ssm, route53, acm }, serves);
  const { exempt = [], spares = () => false } = options;
  const isExempt = (accessKey: string) => exempt.includes(accessKey);
  const isSpared = (accessKey: string) => isExempt(accessKey) || spares(accessKey);
  const refilled = options.refilled ?? (() => 0);
  const throttle = options.throttle === 'off' ? {} : createThrottle({ now: () => world.clock.now() + refilled() });
  const operations = new Map(services.map((service) => [service.signingName, service.operations]));
  const look: Look = (service, name, input) => {
    const { account, region } = world;
    const context = { now: clock.now(), requestId: '', account, region, accessKey: '', userAgent: '' };
    try {
      return operations.get(service)?.[name]?.run(input, context) as Record<string, unknown> | undefined;
    } catch {
      return undefined;
    }
  };
  const authorize = createAuthorization({ world, identity, look, hashKey: backends.dynamoDb.hashKey });
  const interceptors = [
    { before: authorize },
    exempting(isExempt, throttle),
    ...(options.interceptors ?? []),
    exempting(isSpared, faults.interceptor),
  ];
  const { handle } = createGateway(
    world,
    services,
    interceptors,
    backends.all,
    createAuthentication(identity, clock.now, surroundings?.hasRegion),
  );
  const dispatch = createDispatcher({ world, identity, backends, lambda, faults, eventBridge, neighbours });

  return {
    options,
    world,
    kms,
    ec2,
    autoScaling,
    cloudWatch,
    eventBridge,
    iam,
    loadBalancing,
    logs,
    ssm,
    lambda,
    rds,
    queues,
    ecs,
    acm,
    route53,
    synthetics,
    faults,
    backends,
    served,
    handle,
    dispatch,
    advanceTo: async (time) => {
      if (surroundings) return surroundings.advanceTo(time);
      for (let next = world.clock.next(); next !== undefined && next <= time; next = world.clock.next()) {
        world.clock.advanceTo(next);
        if (faults.anyDeliveries()) await dispatch();
      }
      world.clock.advanceTo(time);
      await dispatch();
    },
    close: () => backends.close(),
  };
};
