import type { StandardUnit } from '@aws-sdk/client-cloudwatch';
import type { Service } from '../wire/protocol/service.ts';
import type { DocumentEffect } from './document-effect.ts';

/**
 * What the services of the local AWS know of one another. Each is made by `create…(world, …)` in its own folder; what it answers
 * over the wire is its `service`.
 */

/**
 * A metric's value in the minute that ends at `at`, or undefined where there is no datapoint. It must also answer for times in the
 * past, so a source keeps its history as change points and not as one number a minute: ten thousand idle instances cost nothing.
 */
export type MetricSource = (metric: string, dimensions: Readonly<Record<string, string>>, at: number) => number | undefined;

/** A value, or one with how often it occurred. */
export type Sample = number | readonly [value: number, times: number];

/** The same for a metric that several things publish into: the value of each, none where there is no datapoint. */
export type SamplesSource = (...of: Parameters<MetricSource>) => readonly Sample[];

/** A metric that a source has had data for, the newest in the minute that ended at `latest`. */
export type ServedMetric = { namespace: string; name: string; dimensions: Readonly<Record<string, string>>; latest: number };

export type CheckStatus = 'ok' | 'impaired' | 'initializing' | 'insufficient-data' | 'not-applicable';
export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
export type Tag = { key: string; value: string };

export type LaunchSpec = {
  /** Whether AWS lends it a public address; as its subnet has it, where it is left out. */
  publicIp?: boolean | undefined;
  /** An id of one's own, for a world that has to match a given event; drawn where it is left out. */
  id?: string;
  imageId: string;
  instanceType: string;
  availabilityZone: string;
  tags: readonly Tag[];
  spot?: boolean;
  instanceStore?: boolean;
  /** Set where an Auto Scaling group launches: EC2 then adds the `aws:autoscaling:groupName` tag. */
  groupName?: string;
  launchTemplateId?: string;
  /** The version launched from: what it says of volumes, addresses and the like holds where this spec says nothing. */
  launchTemplateVersion?: number;
  /** Metrics every minute rather than every five: what a launch configuration has by default, and a launch template hasn't. */
  detailedMonitoring?: boolean;
};

/** What other services may see of an instance. Always the truth of now: only the wire answers lag. */
export type InstanceView = {
  readonly id: string;
  readonly state: InstanceState;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly launchedAt: number;
  /** Grows with every boot: what was wrong with its software in an earlier one is over. */
  readonly boots: number;
  /** Grows with every boot, and whenever a command starts software again. */
  readonly softwareStarts: number;
  /** When software on it last answered: now, while it does; null where it never has. */
  readonly lastHeard: number | null;
  readonly spot: boolean;
  /** Why it stopped or was terminated, as `DescribeInstances` gives it. */
  readonly stateReason: { readonly code: string; readonly message: string } | null;
  /** As `DescribeInstanceStatus` reports them now. */
  readonly systemStatus: CheckStatus;
  readonly instanceStatus: CheckStatus;
  readonly attachedEbsStatus: CheckStatus;
  /** Whether software on it answers: running, booted, kernel alive, host alive, zone alive. */
  readonly reachable: boolean;
  readonly tags: ReadonlyMap<string, string>;
  readonly groupName: string | null;
  /** The service that alone may change it. */
  readonly operator: string | null;
};

/** A version of a launch template, as far as whoever launches from it must know it. */
export type LaunchTemplateView = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly imageId: string | undefined;
  readonly instanceType: string | undefined;
  /** Of its tag specifications for instances. */
  readonly tags: readonly Tag[];
  readonly spot: boolean;
  readonly detailedMonitoring: boolean;
};

/** Keys, as far as whoever encrypts under them must know them. */
export type Kms = {
  service: Service;
  /** Of the key that EBS encrypts under where nobody names another: `alias/aws/ebs`, AWS's own. */
  ebsKeyArn(): string;
  /** Puts a customer's key with an id of one's own, for a world whose policy names it; its ARN. */
  place(id: string, description: string): string;
  /** The ARN of the key that an id, an ARN or an alias names; undefined if there is none. */
  keyArn(keyId: string): string | undefined;
  isEnabled(keyArn: string): boolean;
  /** Whether EC2 may decrypt a volume under this key for a principal: the key is enabled, and the principal may create a grant for EC2. */
  letsAttach(keyArn: string, principal: string): boolean;
  /** Lets a caller create grants on a key, as a policy of his own that names the key does; returns what takes that back. */
  permitGrants(accessKey: string, keyId: string): () => void;
};

/** What a world may have of EC2 beside instances and volumes. Times in milliseconds since the epoch. */
export type PlacedSnapshot = {
  id: string;
  startedAt: number;
  state?: 'completed' | 'error' | 'pending';
  message?: string;
  volumeId?: string;
};
/** An EC2 Fleet (`fleet-…`) or a Spot Fleet request (`sfr-…`). */
export type PlacedFleet = {
  id: string;
  createdAt: number;
  activity?: 'error' | 'fulfilled' | 'pending_fulfillment' | 'pending_termination';
  fulfilled?: number;
  target?: number;
};
export type PlacedReservation = {
  id: string;
  createdAt: number;
  state?: 'active' | 'cancelled' | 'expired';
  free?: number;
  total?: number;
};

/** Puts it there; what has that id already stays as it is. */
export type Described = {
  snapshot(placed: PlacedSnapshot): void;
  fleet(placed: PlacedFleet): void;
  reservation(placed: PlacedReservation): void;
};

/** What runs on instances, and what a command can do there. Each throws a RangeError for an instance that doesn't exist. */
export type Software = {
  /** Ends a process, which most boots bring back; returns what starts it again. */
  kill(instanceId: string, name: string): () => void;
  /** Keeps a process that isn't there from being started; returns what ends that. */
  hold(instanceId: string, name: string): () => void;
  /** Starts a process, or starts it again; false where it won't start. */
  restart(instanceId: string, name: string): boolean;
  /** Whether a process runs, and since when that is so. */
  process(instanceId: string, name: string): { readonly runs: boolean; readonly since: number };
  /** Frees so much of the file system at `path`, its root where that is left out, or of its memory, in percent of the whole; what filled it is over. */
  free(instanceId: string, percent: { disk?: number | undefined; memory?: number | undefined; path?: string | undefined }): void;
  /** Starts all that can be started again, and frees disk and memory. */
  remedy(instanceId: string): void;
};

/** Which file system fills up, and how fast; drawn where it is left out. */
export type Filling = { path?: string | undefined; percentAnHour?: number | undefined; gibAnHour?: number | undefined };

/** What there may be on a volume. `used` is in percent; a file system at `/` is in a partition unless it is said not to be. */
export type FileSystemSpec = { path: string; fstype?: string | undefined; partitioned?: boolean | undefined; used?: number | undefined };

/** One row of `lsblk --json --bytes`. */
export type BlockDevice = {
  name: string;
  serial: string | null;
  mountpoint: string | null;
  fstype: string | null;
  /** Of the device or the partition; what the file system has of it is `fssize`. */
  size: number;
  fssize: number | null;
  'fsuse%': string | null;
  children?: BlockDevice[];
};

/** What a command can do with an instance's disks. Each throws a RangeError for an instance or a volume that doesn't exist. */
export type Disks = {
  blockDevices(instanceId: string): readonly BlockDevice[];
  /** Puts a file system on a volume, which is mounted whenever the volume is attached; it is new, whatever there was before. */
  format(volumeId: string, spec: FileSystemSpec): void;
  /**
   * Lets a partition and its file system have all of their volume: of what is mounted at a path, of a device, or of a volume by its id or
   * serial number. Whether that changed anything; undefined where there is no such file system.
   */
  extend(instanceId: string, which: string): boolean | undefined;
};

export type Ec2 = {
  service: Service;
  /** Namespaces `AWS/EC2` (CPUUtilization, StatusCheckFailed*, NetworkIn …) and `CWAgent` (mem_used_percent, disk_used_percent, procstat_lookup_pid_count). */
  metrics: MetricSource;
  listMetrics(): Iterable<ServedMetric>;
  get(instanceId: string): InstanceView | undefined;
  /** A volume as it is, with the instance that it is attached to. */
  volume(volumeId: string): { tags: ReadonlyMap<string, string>; sizeGiB: number; instanceId: string | null } | undefined;
  list(): Iterable<InstanceView>;
  /** Starts an instance. Throws the `AwsError` that AWS gives where there is no capacity, no quota or a wrong image. */
  launch(spec: LaunchSpec): InstanceView;
  /** Puts a volume with an id of one's own that is attached to nothing, for a world that has to match a given event. */
  placeVolume(id: string, createdAt: number): void;
  /** Snapshots, fleets and capacity reservations, which are described and never change. */
  placed: Described;
  /**
   * As a user's call, which termination protection refuses, or as Auto Scaling does it, which no protection stops. The state reason is
   * `Client.UserInitiatedShutdown` either way: Auto Scaling calls EC2 like a user.
   */
  terminate(instanceId: string, by: 'user' | 'service'): void;
  /** The region's zones, each with the default VPC's subnet in it. */
  zones: readonly { readonly name: string; readonly id: string; readonly subnetId: string }[];
  /** A version (`$Default`, `$Latest` or a number) of the launch template with this id or name; undefined if there is none. */
  launchTemplate(idOrName: string, version: string): LaunchTemplateView | undefined;
  /** The instance joins a group (it gets the `aws:autoscaling:groupName` tag), or leaves its group (it loses the tag). */
  setGroupName(instanceId: string, groupName: string | null): void;
  /** From now on only this service may change the instance; null: everybody may. */
  setOperator(instanceId: string, principal: string | null): void;
  /** Busy share of its CPU, in percent, from now on. */
  setLoad(instanceId: string, percent: number): void;
  /** Stops it as nobody's call does: from its operating system (`Client.InstanceInitiatedShutdown`) or by EC2 (`Server.InternalError`). */
  shutDown(instanceId: string, by: 'guest' | 'service'): void;
  /** Carries out an alarm's action, which CloudTrail tells of as a call of CloudWatch's. Throws the `AwsError` that the call ends with. */
  alarmAction(verb: AlarmEc2Action, instanceId: string): void;
  /** Announces that EC2 stops the instance at `notBefore` because its host is retired; returns what withdraws it. */
  scheduleRetirement(instanceId: string, notBefore: number): () => void;
  /** Makes launches fail with `VcpuLimitExceeded` above this many running vCPUs; returns what restores the limit before. */
  limitVcpus(vcpus: number): () => void;
  /** Makes launches fail with `InvalidAMIID.NotFound`; returns what brings the image back. */
  deregisterImage(imageId: string): () => void;
  /**
   * Lets the next `count` starts of an instance be accepted and fail with this state reason; `over` is called after the last one.
   * Returns what withdraws it. Throws a RangeError for an instance that doesn't exist.
   */
  failStarts(instanceId: string, code: string, count: number, over: () => void): () => void;
  software: Software;
  /**
   * Lets one instance, or all that are launched from a template (one version of it, or all) or by a group, take so many seconds to
   * run, and to boot once they do; returns what ends it.
   */
  slowBoot(
    launched: { target: string; version?: number | undefined },
    seconds: { pending?: number | undefined; boot?: number | undefined },
  ): () => void;
  /**
   * Whatever is launched from now on from a template or by a group fails so many seconds after its launch, and after every reboot.
   * Returns what ends it; an instance that hangs by then goes on hanging until it is rebooted.
   */
  badRelease(
    launched: { target: string; version?: number | undefined },
    defect: { after: number; kind: 'hang-kernel' | 'shut-down' },
  ): () => void;
  /** The faults that are EC2's; each returns what ends it. Throws a RangeError for a target that doesn't exist. */
  disks: Disks;
  /** Lets the next modification of a volume fail; returns what withdraws that. Throws a RangeError for a volume that doesn't exist. */
  failModification(volumeId: string, over: () => void): () => void;
  faults: Readonly<{ 'fill-disk': (target: string, how?: Filling) => () => void }> &
    Readonly<
      Record<
        'hang-kernel' | 'fail-host' | 'impair-volume' | 'break-volume' | 'leak-memory' | 'interrupt-spot' | 'exhaust-zone' | 'dark-zone',
        (target: string) => () => void
      >
    >;
};

/** What can go wrong with certificates, by their ARNs. Throws a RangeError for one that doesn't exist. */
export type CertificateFaults = {
  /** Returns what ends it. */
  blockRenewal(arn: string, reason: 'CAA_ERROR' | 'DOMAIN_NOT_ALLOWED' | 'DOMAIN_VALIDATION_DENIED' | 'OTHER'): () => void;
};

/** What can go wrong with hosted zones, each by its id or name. Throws a RangeError for what doesn't exist. */
export type DnsFaults = {
  deleteRecord(zone: string, name: string, type: string): void;
  /** Returns what mends it. */
  misdelegate(zone: string): () => void;
};

/** The faults that are RDS's; each returns what ends it. Throws a RangeError for a target that doesn't exist. */
export type RdsFaults = {
  exhaustConnections(instance: string): () => void;
  /** It can't start with its parameters; restarts it at once where `reboots`. Once corrected, it has to be rebooted. */
  breakParameters(instance: string, reboots: boolean): () => void;
  /** Announces work on it in so many seconds, which takes it down for so many. */
  maintain(instance: string, inSeconds: number, seconds: number): () => void;
  /** It takes so many GiB more every minute. */
  fillStorage(instance: string, gibPerMinute: number): () => void;
  /** A cluster's writer, or an instance, is gone, and RDS fails over by itself or doesn't. */
  loseWriter(database: string, loss: 'process' | 'zone' | 'storage', failsOver: boolean): () => void;
  /** A read replica, or a reader of a cluster, falls behind, so many seconds at once and so many a minute, or its lag can't be read. */
  lagReplica(
    instance: string,
    falling: { seconds: number; perMinute: number; state: 'replicating' | 'unreadable' | 'stopped'; survives: boolean },
  ): () => void;
  /** So many percent of an instance's CPU are asked of it, or of all its readers together. */
  load(database: string, percent: number, on: 'writer' | 'readers' | 'reads'): () => void;
};

/** What takes the messages of a queue. */
export type QueueConsumer = {
  /** Messages a second: of each member where it runs on a group or a service, else of all together. */
  rate: number;
  /** An Auto Scaling group by its name, an ECS service as `CLUSTER/NAME`, or a function as an event source mapping names it. */
  on?: { group: string } | { service: string } | { function: string } | undefined;
};

/** Who works on messages, as far as queues must know. */
export type QueueWorkers = {
  /** How many healthy members a group has; undefined where there is no such group. */
  group(name: string): number | undefined;
  /** How many tasks of a service run; undefined where there is no such service. */
  service(clusterAndName: string): number | undefined;
  /** Hands so many messages to a function; how many of them fail. Undefined where it takes none. */
  function(name: string, messages: number): number | undefined;
};

export type QueueView = {
  readonly name: string;
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
};

/** What works on a queue now: the functions that do, and the share of what is taken that fails for a cause outside of the messages. */
export type QueueWork = {
  readonly tags: ReadonlyMap<string, string>;
  /** The queue that gets what was received too often. */
  readonly deadLetters: string | undefined;
  readonly functions: readonly string[];
  /** Groups by their names, and services as `CLUSTER/NAME`. */
  readonly members: readonly string[];
  readonly failing: number;
};

/** Each that lasts returns what ends it, and throws a RangeError for a queue that doesn't exist. */
export type Queues = {
  metrics: MetricSource;
  listMetrics(): Iterable<ServedMetric>;
  list(): readonly QueueView[];
  /** Undefined for a queue that doesn't exist. */
  work(queue: string): QueueWork | undefined;
  /** From now on, these work on messages too. */
  employ(workers: Partial<QueueWorkers>): void;
  consume(queue: string, consumer: QueueConsumer): () => void;
  /** Sends so many messages a second; no consumer can ever process a share of them. */
  send(queue: string, messages: { perSecond: number; poison: number }): () => void;
  /** Puts messages there that no consumer can process; the end lets them be processed. */
  poison(queue: string, count: number): () => void;
  /** Lets a share of what consumers take fail. */
  failConsumers(queue: string, share: number): () => void;
  /** Lets consumers take only this share of what they could. */
  slowConsumers(queue: string, share: number): () => void;
};

/** The faults that are ECS's; each returns what ends it. Throws a RangeError for a target that doesn't exist. */
export type EcsFaults = {
  /** By `family` or `family:revision`. */
  badTaskDefinition(definition: string, defect: { kind: 'cannot-pull' | 'exits' | 'errors'; after: number; ratio: number }): () => void;
  /** Of one container instance, by its EC2 instance, or of all those of a cluster. */
  loseAgents(instanceOrCluster: string, how: 'dies' | 'cut-off'): () => void;
  /** Services by `cluster/name`. */
  addLoad(service: string, percent: number, how: { of: 'cpu' | 'memory'; untilDeployed: boolean }): () => void;
  slowStart(service: string, seconds: number): () => void;
  sickTask(service: string, overlooked: boolean): () => void;
};

/** What can go wrong with functions; each returns what ends it. Throws a RangeError for what doesn't exist or can't be done. */
export type LambdaFaults = {
  /** This share of the invocations of all its versions fails, for a cause outside of its code. */
  fail(functionName: string, errors: number): () => void;
  /** Its invocations take so long on average, or longer. */
  slow(functionName: string, durationMs: number): () => void;
  /** So many invocations a minute, by what callers name: an alias, a version, or the function alone where that is empty. */
  invoked(functionName: string, target: string, perMinute: number): () => void;
  /** Somebody publishes a new version with this behaviour, and an alias, if one is named, points to it, or sends it a share of what it gets. */
  deploy(
    functionName: string,
    how: { alias?: string | undefined; weight?: number | undefined; errors: number; durationMs?: number | undefined; by: string },
  ): void;
  /** Lambda itself disables an event source mapping: this one, or all of a function. */
  disableMapping(target: string, result: string): void;
};

export type GroupView = {
  readonly name: string;
  readonly arn: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly memberIds: readonly string[];
  readonly inServiceIds: readonly string[];
  /** Launched, and not in service yet. */
  readonly pendingIds: readonly string[];
  /** How its last launch that is over ended, and when. */
  readonly lastLaunch: { readonly at: number; readonly failed: boolean } | null;
  readonly tags: ReadonlyMap<string, string>;
  /** The members that the group keeps registered with a target group. */
  targetsIn(targetGroupArn: string): readonly string[];
};

export type AutoScaling = {
  service: Service;
  /** `AWS/EC2` metrics with the dimension `AutoScalingGroupName` (mean over members), and `AWS/AutoScaling` group metrics. */
  metrics: MetricSource;
  /** The `AWS/EC2` metrics of each of its members, by the dimension `AutoScalingGroupName`. */
  memberMetrics: SamplesSource;
  get(groupName: string): GroupView | undefined;
  list(): Iterable<GroupView>;
  /** Work that the whole group shares, in percent of one instance's CPU; returns what takes it away again. */
  addLoad(groupName: string, percent: number): () => void;
  /** From now on, alarms execute scaling policies, and target tracking has its alarms. */
  scaleByAlarms(cloudWatch: CloudWatch): void;
  /**
   * Completes the lifecycle actions of the group's hooks, or of one of them, so long after each has begun; without it they wait until
   * their heartbeat times out. Returns what stops it.
   */
  answerHooks(groupName: string, answer: { hook: string | undefined; afterSeconds: number; result: 'CONTINUE' | 'ABANDON' }): () => void;
  /** Load balancers say how long they let an instance drain that its group has just taken out of its target groups; in seconds. */
  drainsBy(secondsOf: (instanceId: string) => number): void;
  /**
   * What a load balancer's health check found. An unhealthy member is replaced if its group's health check type is ELB and its
   * grace period is over. Does nothing for an instance that is in no group.
   */
  setElbHealth(instanceId: string, healthy: boolean): void;
};

export type AlarmEc2Action = 'stop' | 'terminate' | 'reboot' | 'recover';

/** An alarm that performs an action, as whoever carries it out sees it. */
export type ActingAlarm = {
  readonly name: string;
  readonly arn: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly threshold: number;
  /** The newest value of what it watches; undefined where there is none. */
  readonly value: number | undefined;
};

/** What alarms do to other services. Throws an `AwsError` for what can't be done, which the alarm's history tells. */
export type AlarmActions = {
  ec2(verb: AlarmEc2Action, instanceId: string): void;
  /** Again once a minute while the alarm stays in its state. */
  scalingPolicy(policyArn: string, alarm: ActingAlarm): void;
};

export type CloudWatch = {
  service: Service;
  /** A value of a metric in the minute of `at`, put by a service of AWS's as `PutMetricData` would put it. */
  publish(metric: Omit<ServedMetric, 'latest'>, value: number, of: { at: number; unit: StandardUnit }): void;
  /**
   * Called for a metric of `namespace` that nobody has put by hand. Several sources of one namespace are asked in turn. Periods below a
   * minute have data only where the source is `fast`: asked for them, it is one that publishes every ten seconds.
   */
  addSource(namespace: string, source: MetricSource, fast?: boolean): void;
  addSamples(namespace: string, source: SamplesSource): void;
  /** What `ListMetrics` shows besides the metrics that were put by hand. */
  addListing(list: () => Iterable<ServedMetric>): void;
  /** From now on, these carry out the actions of alarms. */
  carryOut(actions: Partial<AlarmActions>): void;
};

/** Requests since the world began: all of them, and those that ended with an error of the load balancer's or of a target. */
export type RequestTotals = { readonly total: number; readonly failed: number };

export type TargetGroupView = {
  readonly arn: string;
  readonly name: string;
  readonly targets: readonly { readonly instanceId: string; readonly port: number; readonly state: string }[];
  readonly requests: RequestTotals & { readonly perSecond: number };
};

export type LoadBalancing = {
  service: Service;
  metrics: MetricSource;
  listMetrics(): Iterable<ServedMetric>;
  /** Puts a target group with an ARN of one's own behind a load balancer, for a world that has to match a given event. */
  place(targetGroupArn: string, instanceIds: readonly string[]): void;
  /** Puts a load balancer with an ARN of one's own. */
  placeBalancer(arn: string, createdAt: number): void;
  /**
   * Software on an instance that fails its health checks while the instance itself is well: what listens on one port or on all, for
   * the target group with this ARN or name or for all. Returns what mends it; a reboot does, too. Throws a RangeError for an instance
   * or a target group that doesn't exist.
   */
  sickenTarget(target: { instanceId: string; port?: number | undefined; targetGroup?: string | undefined }): () => void;
  /**
   * Sends so many more requests a second through a load balancer to the target group with this ARN or name; returns what ends them. Of
   * all that come to a target, it answers at most `each` a second in time: as many as there are, where it is left out. Throws a RangeError for a target group that doesn't exist or that no load balancer uses.
   */
  sendRequests(targetGroup: string, perSecond: number, each?: number): () => void;
  /** Registers what listens on a port of an instance, or takes it out; does nothing for a target group that doesn't exist. */
  register(targetGroupArn: string, instanceId: string, port: number): void;
  deregister(targetGroupArn: string, instanceId: string, port: number): void;
  /** What a target group says of a target; undefined where no load balancer asks for it. */
  stateOf(targetGroupArn: string, instanceId: string, port: number): string | undefined;
  /** From now on, software that is in health answers this share of its requests with an error. */
  answerErrors(ratioOf: (instanceId: string, port: number) => number): void;
  /** That share has changed somewhere. */
  updateErrors(): void;
  /** What answers at addresses, in groups whose targets are not instances; undefined where nothing has the address. */
  addAddresses(find: (address: string) => { state: string; reachable: boolean } | undefined): void;
  /** What has become of the requests to a target group, to measure harm. Throws a RangeError for one that doesn't exist. */
  requests(targetGroup: string): RequestTotals;
  list(): readonly TargetGroupView[];
};

export type DocumentParameterType = 'String' | 'StringList' | 'Boolean' | 'Integer' | 'MapList' | 'StringMap';

/** A command document that a world has without anybody having created it. */
export type PlacedDocument = {
  name: string;
  /** Its number, as digits; the only version of a new document, and its default. `1` where it is left out. */
  version?: string;
  /** What it declares. A parameter without a default must be given. */
  parameters?: Readonly<
    Record<string, { type?: DocumentParameterType; default?: string | readonly string[]; allowedValues?: readonly string[] }>
  >;
  effect?: DocumentEffect;
};

/** Change calendars, as whoever has the open and closed times at hand makes them. Times in milliseconds since the epoch. */
export type Calendar = { openByDefault: boolean; events: readonly { start: number; end: number }[] };

export type SystemsManager = {
  service: Service;
  putParameter(name: string, value: string): void;
  /** Makes a change calendar without writing iCalendar text, or replaces one. */
  putCalendar(name: string, calendar: Calendar): void;
  /** Puts a version of a command document there, or replaces it. */
  placeDocument(placed: PlacedDocument): void;
  /**
   * Lets a document, in one version or in all, have another effect from now on; returns what ends that. Throws a RangeError for a
   * document that doesn't exist.
   */
  changeEffect(name: string, version: string | undefined, effect: DocumentEffect): () => void;
  /** An instance's agent dies; where `registered` is false, as if it had never been there. Returns what brings it back. */
  loseAgent(instanceId: string, registered: boolean): () => void;
};
