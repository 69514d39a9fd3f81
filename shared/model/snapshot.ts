import type { CertificateFacts } from './certificate.ts';
import type { ClusterMembers } from './cluster-members.ts';
import type { ReadersFacts } from './cluster-readers.ts';
import type { ContainerHostFacts } from './container-host.ts';
import type { ContainerServiceFacts } from './container-service.ts';
import type { DatabaseState } from './database-state.ts';
import type { StorageFacts } from './database-storage.ts';
import type { DiskFacts, FileSystemName } from './disk.ts';
import type { ReplicasFacts } from './instance-replicas.ts';
import { type LifecycleState, stageOf } from './member-lifecycle.ts';
import type { ReleaseEvidence } from './release.ts';
import type { ReplicaFacts } from './replica.ts';

/** A word of AWS's. `unknown`: it gave none, or one that this version does not know. */
export type Word<Known extends string> = Known | 'unknown';

/** docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
/** docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusSummary.html */
export type CheckStatus = 'ok' | 'impaired' | 'insufficient-data' | 'not-applicable' | 'initializing';
/** docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'unhealthy.draining' | 'unused' | 'draining' | 'unavailable';
/** docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
/** docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Instance.html */
export type MemberHealth = 'Healthy' | 'Unhealthy';

/**
 * The result of a live look. Plain data, because it is checkpointed: of large collections it has the counts, and single entries only for
 * what the incident is about. Times are milliseconds since the epoch.
 */
export type InstanceFacts = {
  id: string;
  state: Word<InstanceState>;
  /** `Client.…` if the customer's side caused the state, `Server.…` if AWS did, null if AWS gives no reason. */
  stateReason: string | null;
  /** When it was last stopped, according to EC2; null if unknown. */
  stoppedAt: number | null;
  instanceType: string;
  availabilityZone: string;
  /** The zone id, which is the same for all accounts, such as `use1-az1`; null if unknown. */
  zoneId: string | null;
  launchedAt: number;
  /** Only the tags that decisions depend on; owners may write anything into others. */
  tags: Record<string, string>;
  rootDevice: 'ebs' | 'instance-store' | 'unknown';
  /** Whether it has instance store volumes, which a stop erases; null if unknown. */
  instanceStore: boolean | null;
  /** A spot instance, or one in a capacity reservation that its owner may reclaim: EC2 may terminate it, and a stop may be final. */
  spot: boolean;
  /** Whether EC2 recovers it from a failed host by itself, as far as the instance's setting and its type say. */
  autoRecovery: boolean;
  groupName: string | null;
  /** Its public IPv4 address. One that isn't elastic changes with a stop and start. */
  address: { ip: string; elastic: boolean } | null;
  /** Ids of its attached EBS volumes. */
  volumes: string[];
  /** The service that manages it, if EC2 reserves it for that service. */
  operator: string | null;
};

/** An event that AWS has scheduled for the instance. */
export type ScheduledEventFacts = { code: string; notBefore: number | null; notAfter: number | null };

/** `state` is the instance's state in the same answer; the others are check results (`ok`, `impaired`, `initializing` …). */
export type StatusFacts = {
  state: Word<InstanceState>;
  system: Word<CheckStatus>;
  /** When the system check began to fail; null if it passes. */
  systemImpairedSince: number | null;
  /** When a look first found it passing again after one of the same incident that had found it failing. */
  systemPassesSince?: number;
  instance: Word<CheckStatus>;
  attachedEbs: Word<CheckStatus> | null;
  /** Scheduled events that are not completed. */
  scheduled: ScheduledEventFacts[];
};

/** One member of an Auto Scaling group. */
export type MemberFacts = {
  instanceId: string;
  lifecycleState: Word<LifecycleState>;
  health: Word<MemberHealth>;
  protectedFromScaleIn: boolean;
  /** What it was launched from, as `launchedFrom` writes it; null if Auto Scaling doesn't say. */
  source?: string | null;
};

/** How many members a group has, and how many of them are in service, healthy in service, or joining. */
type MemberCount = { all: number; inService: number; working: number; joining: number };

/** Counts members by stage. */
export const countMembers = (members: readonly MemberFacts[]): MemberCount => {
  const stages = members.map(({ lifecycleState, health }) => ({ stage: stageOf(lifecycleState), health }));
  const inService = stages.filter(({ stage }) => stage === 'in-service');
  return {
    all: members.length,
    inService: inService.length,
    working: inService.filter(({ health }) => health === 'Healthy').length,
    joining: stages.filter(({ stage }) => stage === 'joining').length,
  };
};

/**
 * A group's instance maintenance policy, in percent of the desired capacity.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy-overview-and-considerations.html
 */
export type MaintenancePolicy = { minHealthy: number; maxHealthy: number };

/** What new members are launched from. */
export type LaunchSource =
  | { kind: 'template'; id: string | null; name: string | null; version: string }
  | { kind: 'configuration'; name: string };

/**
 * A launch source in one word, to compare what members were launched from with what a new one would be. Auto Scaling gives a member's version as
 * a number, also where the group's is `$Latest`: assumed, on the ground of https://github.com/hellofresh/eks-rolling-update, which compares them.
 */
export const launchedFrom = (source: LaunchSource): string =>
  source.kind === 'configuration' ? `configuration ${source.name}` : `${source.id ?? source.name} ${source.version}`;

/** How many working members were launched from each source; those of an unknown one count for none. */
export const workingBySource = (members: readonly MemberFacts[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { source, lifecycleState, health } of members)
    if (source && stageOf(lifecycleState) === 'in-service' && health === 'Healthy') counts[source] = (counts[source] ?? 0) + 1;
  return counts;
};

/** An Auto Scaling group. */
export type GroupFacts = {
  name: string;
  min: number;
  max: number;
  desired: number;
  healthCheckType: string;
  healthCheckGraceSeconds: number;
  cooldownSeconds: number;
  /** How long a new member takes to carry its share; null where the group has no such setting. */
  warmUpSeconds: number | null;
  maintenance: MaintenancePolicy | null;
  /** How long its lifecycle hooks may delay a leaving member; null if not looked up. */
  drainSeconds: number | null;
  /** Whether it registers its members with target groups or load balancers. */
  balanced: boolean;
  launchSource: LaunchSource | null;
  /** Launch templates of its own instance types, which some of its new members are launched from instead. */
  otherSources?: LaunchSource[];
  /** How many working members were launched from what, by `launchedFrom`. */
  working?: Record<string, number>;
  suspendedProcesses: string[];
  count: MemberCount;
  /** The members that the incident is about, if still listed. */
  members: MemberFacts[];
  tags: Record<string, string>;
  deleting: boolean;
  /** Null if unknown. */
  createdAt?: number | null;
};

/** An instance of RDS, or a cluster where the policy lets it be failed over. */
export type DatabaseFacts = {
  id: string;
  state: Word<DatabaseState>;
  availabilityZone: string;
  /** Whether a standby in another zone may take over. Absent for a cluster, or where it was not looked for. */
  multiAz?: boolean;
  /** Its cluster, which may fail over if this member restarts; null if it is in none. */
  cluster: string | null;
  /** Changes that a reboot or the next maintenance window may apply, by name. */
  pending: string[];
  /** The weekly window for maintenance, such as `sat:23:45-sun:00:15` in UTC; null if unknown. */
  maintenanceWindow: string | null;
  /** Absent if the policy doesn't name it, or for a member of a cluster, which has none of its own. */
  storage?: StorageFacts;
  /** Its members, if it is a cluster. Absent for an instance. */
  members?: ClusterMembers;
  /** What decides about another reader, if it is a cluster whose load the incident is about. */
  reading?: ReadersFacts;
  /** What decides about a replica of it, if the policy names the instance and the incident is about its load. */
  replicas?: ReplicasFacts;
  /** What it replicates, if the incident is about that; null if nothing. */
  replica?: ReplicaFacts | null;
  tags: Record<string, string>;
};

/** What a function has reserved of the account's concurrency. */
export type ConcurrencyFacts = {
  /** Null if it has none of its own. */
  reserved: number | null;
  /** What is left to functions without a reserve. */
  unreserved: number;
  /** The most executions at once of the last minutes, and how many invocations were throttled. */
  most: number;
  throttles: number;
};

/** A Lambda function, at the alias that serves. */
export type FunctionFacts = {
  kind: 'function';
  /** Its name, without an alias or a version. */
  id: string;
  tags: Record<string, string>;
  /** The alias that serves, and the version that it points to; null if none is named, or it doesn't exist. */
  alias: { name: string; version: string; revisionId: string } | null;
  /** Why there is no release that could be rolled back; null if there may be one. */
  unreleased: string | null;
  /** How the alias is being shifted; null if it isn't. */
  shifting: string | null;
  /** Null if it was not looked for. */
  release: ReleaseEvidence | null;
  /** Null if the policy doesn't name it. */
  concurrency: ConcurrencyFacts | null;
};

/** A service that actions may target. */
export type ServiceFacts = FunctionFacts | ContainerServiceFacts;

/** A queue whose dead letters another one gets. */
export type SourceQueueFacts = {
  /** Its name. */
  id: string;
  tags: Record<string, string>;
  /** Messages that can be received; null if SQS doesn't say. */
  waiting: number | null;
  /** A message is dead after so many receives, each of which takes so long. */
  maxReceives: number;
  visibilitySeconds: number;
};

/** A task of SQS's that moves messages out of a queue. */
export type MoveFacts = { startedAt: number; active: boolean };

/** A queue of SQS. */
export type QueueFacts = {
  /** Its name. */
  id: string;
  arn: string;
  tags: Record<string, string>;
  fifo: boolean;
  /** Whether it is encrypted under a customer's own key. */
  ownKey: boolean;
  /** Messages in it, whether they can be received now or not; null if SQS doesn't say. */
  messages: number | null;
  /** What processes its messages: `group/NAME` or `service/CLUSTER/NAME`, as the policy or a tag names it; null if neither does. */
  consumer: string | null;
  /** The queues whose dead letters it gets; null if not looked up. */
  sources: SourceQueueFacts[] | null;
  /** The newest tasks that move its messages, newest first. */
  moves: MoveFacts[];
};

/**
 * How long it takes at most until messages that were moved back are dead again, in seconds: each receive has its visibility timeout, and
 * consumers ask for messages now and then.
 */
export const deadAgainWithin = ({ sources }: Pick<QueueFacts, 'sources'>): number =>
  Math.max(0, ...(sources ?? []).map(({ maxReceives, visibilitySeconds }) => maxReceives * visibilitySeconds)) + 120;

/** A task of ECS. */
export type TaskFacts = {
  /** Its ARN. */
  id: string;
  tags: Record<string, string>;
  /** `CLUSTER/NAME` of the service that it is of. */
  service: string;
  /** What ECS says of it: `RUNNING`, and `HEALTHY`, `UNHEALTHY` or `UNKNOWN` by its own health checks. */
  state: string;
  health: string;
  /** Its address among the targets. */
  address: string;
  /** When it started, in milliseconds since the epoch; null if it hasn't. */
  startedAt: number | null;
};

/** A CloudWatch alarm. */
export type AlarmFacts = {
  name: string;
  state: Word<AlarmState>;
  updatedAt: number | null;
  composite: boolean;
  /** Whether its state comes from an evaluation; `SetAlarmState` sets it by hand and leaves no datapoints. */
  evaluated: boolean;
  /** False if its actions are disabled. EventBridge receives its changes all the same. */
  actionsEnabled: boolean;
  /** ARNs of its own actions in the ALARM state. */
  actions: string[];
  /** Its period times its evaluation periods; null where it has none. */
  evaluationSeconds: number | null;
  /** Its period, or the longest of its metrics', in seconds. Left out by looks of earlier versions. */
  periodSeconds?: number | null;
  /** Its comparison operator in CloudWatch's words; null for one without a comparison. */
  comparison?: string | null;
  /** What it measures, each as `namespace name`; empty if that names no metric, as for a query. Left out where it was not read. */
  metrics?: string[];
  /** The file systems that its metrics tell of. Left out where they tell of none. */
  fileSystems?: FileSystemName[];
};

/** A heartbeat: when the last beat came; null if none ever did. */
export type BeatFacts = { name: string; lastAt: number | null };

/** The health of a target on one port, or on several with the same state. */
export type TargetFacts = { id: string; state: Word<TargetState> };

/** The targets of a target group. */
export type TargetsFacts = {
  /** Ports: all, the healthy ones, and those that should answer and don't. */
  all: number;
  healthy: number;
  unhealthy: number;
  /** Hosts of these ports, and how many have a port that should answer and doesn't. */
  hosts: number;
  unhealthyHosts: number;
  /** The targets that the incident is about, one entry per state. */
  own: TargetFacts[];
};

/** What one look found. */
export type ResourceSnapshot = {
  at: number;
  /** Whether everything was read anew, with nothing reused from an earlier look. */
  full: boolean;
  /** Null if not requested, or if it doesn't exist (any more). */
  instance: InstanceFacts | null;
  status: StatusFacts | null;
  group: GroupFacts | null;
  alarm: AlarmFacts | null;
  targets: TargetsFacts | null;
  /** Absent if not requested. */
  database?: DatabaseFacts | null;
  /** Absent if not requested, or if it is none of the services that actions may target. */
  service?: ServiceFacts | null;
  /** Absent if not requested. */
  queue?: QueueFacts | null;
  /** Absent if not requested. */
  task?: TaskFacts | null;
  /** Absent if not requested. */
  certificate?: CertificateFacts | null;
  /** Absent if not requested, or if no agent of ECS is what the incident is about. */
  host?: ContainerHostFacts | null;
  /** Absent if not requested: only where a disk fills up and the policy names what may be done. */
  disks?: DiskFacts;
  /** What should bring work to the function or the queue and is disabled, in words for people. Left out if nothing is. */
  disabledMappings?: string[];
  /** The heartbeat that the incident is about. Left out if it is about none. */
  beat?: BeatFacts;
  /** Parts of the look that AWS refused, with reasons for people. A null part then means nothing. Only if no action will be taken. */
  refused?: string[];
};

/** The parts of a look that are resources which actions may target. */
export type TreatedFacts = Pick<ResourceSnapshot, 'instance' | 'group' | 'database' | 'service' | 'queue' | 'task' | 'certificate'>;

/** Target states that are not a failure: healthy, joining, leaving or unused. */
const harmlessStates: ReadonlySet<TargetFacts['state']> = new Set(['healthy', 'initial', 'draining', 'unused']);
/** Whether a target should answer and doesn't. */
export const isUnhealthy = ({ state }: TargetFacts): boolean => !harmlessStates.has(state);

/** Summarises all targets; `about` are the ids that the incident is about. */
export const sumTargets = (targets: readonly TargetFacts[], about: readonly string[]): TargetsFacts => {
  const unhealthy = targets.filter(isUnhealthy);
  const own = targets.filter(({ id }) => about.includes(id)).map(({ id, state }) => [`${id} ${state}`, { id, state }] as const);
  return {
    all: targets.length,
    healthy: targets.filter(({ state }) => state === 'healthy').length,
    unhealthy: unhealthy.length,
    hosts: new Set(targets.map(({ id }) => id)).size,
    unhealthyHosts: new Set(unhealthy.map(({ id }) => id)).size,
    own: [...new Map(own).values()],
  };
};

/** Whether none of a target's ports that should answer does: one port's health says little about the host. */
export const hasNoHealthyTarget = (targets: readonly TargetFacts[], id: string): boolean => {
  const own = targets.filter((target) => target.id === id && target.state !== 'unused' && target.state !== 'draining');
  return own.length > 0 && own.every(({ state }) => state === 'unhealthy');
};

/**
 * The instance to treat: the one under treatment while it is unhealthy, then the next. An instance that still answers on another port comes
 * last, since a person has to look at what serves there.
 */
export const instanceToTreat = (targets: readonly TargetFacts[], known: string | undefined): string | null => {
  const sick = [...new Set(targets.filter(({ id, state }) => state === 'unhealthy' && id.startsWith('i-')).map(({ id }) => id))];
  if (known !== undefined && sick.includes(known)) return known;
  return sick.find((id) => hasNoHealthyTarget(targets, id)) ?? sick[0] ?? known ?? null;
};

/** The group member that the looked-up instance is; null if there is none. */
export const member = (facts: ResourceSnapshot): MemberFacts | null =>
  facts.group?.members.find(({ instanceId }) => instanceId === facts.instance?.id) ?? null;
