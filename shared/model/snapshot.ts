import { stageOf } from './member-lifecycle.ts';

/**
 * What a live look says. Plain data, since it is checkpointed: of what there may be thousands of it holds the counts, and of single ones
 * only those that the incident is about. Times are milliseconds since the epoch.
 */
export type InstanceFacts = {
  id: string;
  state: string;
  /** `Client.…` if somebody asked for the state, `Server.…` if AWS did it, null where AWS gives no reason. */
  stateReason: string | null;
  /** When it was stopped last, as EC2 tells; null where it doesn't. */
  stoppedAt: number | null;
  instanceType: string;
  availabilityZone: string;
  /** As AWS names the zone for every account alike, such as `use1-az1`; null where it isn't told. */
  zoneId: string | null;
  launchedAt: number;
  /** Those that something is decided by; an owner may have written anything into the others. */
  tags: Record<string, string>;
  rootDevice: 'ebs' | 'instance-store' | 'unknown';
  /** Whether the instance type brings disks that a stop would empty; null if that could not be found out. */
  instanceStore: boolean | null;
  /** A spot instance, or one in a capacity reservation that its owner may take back: EC2 may end it, and a stop may be for good. */
  spot: boolean;
  /** EC2 moves it off a failed host by itself, where the instance type allows that. */
  autoRecovery: boolean;
  groupName: string | null;
  /** Its public IPv4 address; one that isn't elastic is another one after a stop and a start. */
  address: { ip: string; elastic: boolean } | null;
  /** The EBS volumes that are attached to it. */
  volumes: string[];
  /** The service that manages it, where EC2 lets nobody else do so. */
  operator: string | null;
};

export type ScheduledEventFacts = { code: string; notBefore: number | null; notAfter: number | null };

/** `state` is the instance's own, as the status look saw it; the others are the checks' words (`ok`, `impaired`, `initializing` …). */
export type StatusFacts = {
  state: string;
  system: string;
  /** Since when the system check has failed; null if it hasn't. */
  systemImpairedSince: number | null;
  instance: string;
  attachedEbs: string | null;
  /** What AWS has scheduled for the instance and not yet completed. */
  scheduled: ScheduledEventFacts[];
};

export type MemberFacts = { instanceId: string; lifecycleState: string; health: string; protectedFromScaleIn: boolean };

/** How many members a group has, and how many of them are in service, are in service and healthy, or are on their way in. */
type MemberCount = { all: number; inService: number; working: number; joining: number };

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
 * How much of a group its owner wants healthy and at most there while members are replaced, in percent of the desired capacity.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy-overview-and-considerations.html
 */
export type MaintenancePolicy = { minHealthy: number; maxHealthy: number };

/** What new members are launched from. */
export type LaunchSource =
  | { kind: 'template'; id: string | null; name: string | null; version: string }
  | { kind: 'configuration'; name: string };

export type GroupFacts = {
  name: string;
  min: number;
  max: number;
  desired: number;
  healthCheckType: string;
  healthCheckGraceSeconds: number;
  cooldownSeconds: number;
  /** How long a member that has been launched takes to do its share; null where the group doesn't say. */
  warmUpSeconds: number | null;
  maintenance: MaintenancePolicy | null;
  /** How long its hooks may hold back a member that leaves; null where that was not asked for. */
  drainSeconds: number | null;
  /** It registers its members with target groups or load balancers. */
  balanced: boolean;
  launchSource: LaunchSource | null;
  suspendedProcesses: string[];
  count: MemberCount;
  /** Those that the incident is about, as far as they are still listed. */
  members: MemberFacts[];
  tags: Record<string, string>;
  /** The group is being deleted. */
  deleting: boolean;
  /** Null where it isn't told. */
  createdAt?: number | null;
};

export type AlarmFacts = {
  name: string;
  state: string;
  updatedAt: number | null;
  composite: boolean;
  /** Set by an evaluation of its metric, and not by hand (`SetAlarmState`), which leaves no datapoints behind. */
  evaluated: boolean;
  /** False: somebody silenced it. EventBridge tells of its changes all the same. */
  actionsEnabled: boolean;
  /** ARNs of what it does by itself when it goes off. */
  actions: string[];
  /** How long the alarm takes to see a change of its metric: its period times its evaluation periods; null where it has none. */
  evaluationSeconds: number | null;
  /** How its value is compared with its threshold, in CloudWatch's words; null for one that compares nothing. */
  comparison?: string | null;
};

/** What is told of one port of a target, or of more than one alike: an instance may serve on several. */
export type TargetFacts = { id: string; state: string };

export type TargetsFacts = {
  /** Ports: all of them, those that answer, and those that should and don't. */
  all: number;
  healthy: number;
  unhealthy: number;
  /** What they are ports of, and of how many of these one should answer and doesn't. */
  hosts: number;
  unhealthyHosts: number;
  /** Those that the incident is about, each of their states once. */
  own: TargetFacts[];
};

export type Facts = {
  at: number;
  /** Nothing of it was taken over from an earlier look. */
  full: boolean;
  /** Null: not asked for, or it doesn't exist (any more). */
  instance: InstanceFacts | null;
  status: StatusFacts | null;
  group: GroupFacts | null;
  alarm: AlarmFacts | null;
  targets: TargetsFacts | null;
  /** Parts of the look that were refused, and why, for people: null among the others says nothing then. Only where nothing will be done. */
  refused?: string[];
};

/** What a target group's targets say besides `healthy` that is no failure: they are on their way in or out, or aren't used. */
const restful = new Set(['healthy', 'initial', 'draining', 'unused']);
export const isUnhealthy = ({ state }: TargetFacts): boolean => !restful.has(state);

/** What is kept of all targets: `about` are the ids that the incident is about. */
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

/** Whether no port of a target that should answer does: health of one port alone says nothing of the host. */
export const isWhollySick = (targets: readonly TargetFacts[], id: string): boolean => {
  const own = targets.filter((target) => target.id === id && target.state !== 'unused' && target.state !== 'draining');
  return own.length > 0 && own.every(({ state }) => state === 'unhealthy');
};

/**
 * The instance behind the targets to be treated: the one under treatment while it is sick, then the next one. One of which a port still
 * answers comes last: somebody has to look at what serves on the other.
 */
export const instanceToTreat = (targets: readonly TargetFacts[], known: string | undefined): string | null => {
  const sick = [...new Set(targets.filter(({ id, state }) => state === 'unhealthy' && id.startsWith('i-')).map(({ id }) => id))];
  if (known !== undefined && sick.includes(known)) return known;
  return sick.find((id) => isWhollySick(targets, id)) ?? sick[0] ?? known ?? null;
};

export const member = (facts: Facts): MemberFacts | null =>
  facts.group?.members.find(({ instanceId }) => instanceId === facts.instance?.id) ?? null;
