/** What a live look says. Plain data, since it is checkpointed; times are milliseconds since the epoch. */
export type InstanceFacts = {
  id: string;
  state: string;
  /** `Client.…` if somebody asked for the state, `Server.…` if AWS did it, null where AWS gives no reason. */
  stateReason: string | null;
  instanceType: string;
  availabilityZone: string;
  /** As AWS names the zone for every account alike, such as `use1-az1`; null where it isn't told. */
  zoneId: string | null;
  launchedAt: number;
  tags: Record<string, string>;
  rootDevice: 'ebs' | 'instance-store' | 'unknown';
  /** Whether the instance type brings disks that a stop would empty; null if that could not be found out. */
  instanceStore: boolean | null;
  /** A spot instance, or one in a capacity reservation that its owner may take back: EC2 may end it, and a stop may be for good. */
  spot: boolean;
  /** EC2 moves it off a failed host by itself, where the instance type allows that. */
  autoRecovery: boolean;
  groupName: string | null;
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

export type GroupFacts = {
  name: string;
  min: number;
  max: number;
  desired: number;
  healthCheckType: string;
  healthCheckGraceSeconds: number;
  cooldownSeconds: number;
  suspendedProcesses: string[];
  members: MemberFacts[];
  tags: Record<string, string>;
  /** The group is being deleted. */
  deleting: boolean;
};

export type AlarmFacts = {
  name: string;
  state: string;
  updatedAt: number | null;
  composite: boolean;
  /** Set by an evaluation of its metric, and not by hand (`SetAlarmState`), which leaves no datapoints behind. */
  evaluated: boolean;
};

export type TargetFacts = { id: string; state: string; reason: string | null };

export type Facts = {
  at: number;
  /** Nothing of it was taken over from an earlier look. */
  full: boolean;
  /** Null: not asked for, or it doesn't exist (any more). */
  instance: InstanceFacts | null;
  status: StatusFacts | null;
  group: GroupFacts | null;
  alarm: AlarmFacts | null;
  targets: TargetFacts[] | null;
};

/** What a target group's targets say besides `healthy` that is no failure: they are on their way in or out, or aren't used. */
const restful = new Set(['healthy', 'initial', 'draining', 'unused']);
export const unhealthyTargets = (facts: Facts): TargetFacts[] => (facts.targets ?? []).filter(({ state }) => !restful.has(state));

/** The instance behind the target to be treated: the one under treatment while it is sick, then the next one. */
export const instanceToTreat = (targets: readonly TargetFacts[], known: string | undefined): string | null => {
  const sick = targets.filter(({ id, state }) => state === 'unhealthy' && id.startsWith('i-')).map(({ id }) => id);
  if (known !== undefined && sick.includes(known)) return known;
  return sick[0] ?? known ?? null;
};

export const member = (facts: Facts): MemberFacts | null =>
  facts.group?.members.find(({ instanceId }) => instanceId === facts.instance?.id) ?? null;
