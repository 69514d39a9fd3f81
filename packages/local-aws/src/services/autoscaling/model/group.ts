import type { Cancel } from '../../../core/clock.ts';
import type { ScalingPolicy } from './adjustment.ts';
import type { EventuallyConsistent } from './describe-view.ts';
import type { HealthyPercentage } from './healthy-percentage.ts';
import type { MetricHistory } from './metric-history.ts';
import type { Distribution, Override, TemplateReference } from './mixed.ts';
import type { Refresh } from './refresh-record.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
export type Lifecycle =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Terminating:Retained'
  | 'Detaching'
  | 'Warmed:Pending'
  | 'Warmed:Pending:Wait'
  | 'Warmed:Pending:Proceed'
  | 'Warmed:Running'
  | 'Warmed:Stopped'
  | 'Warmed:Terminating'
  | 'Warmed:Terminating:Wait'
  | 'Warmed:Terminating:Proceed'
  | 'Warmed:Terminating:Retained';

/** What a lifecycle state counts as. Desired capacity is made of `pending` and `inService`. */
export type Bucket = 'pending' | 'inService' | 'standby' | 'terminating' | 'warm';

const buckets: Readonly<Record<Lifecycle, Bucket>> = {
  Pending: 'pending',
  'Pending:Wait': 'pending',
  'Pending:Proceed': 'pending',
  InService: 'inService',
  EnteringStandby: 'standby',
  Standby: 'standby',
  Terminating: 'terminating',
  'Terminating:Wait': 'terminating',
  'Terminating:Proceed': 'terminating',
  'Terminating:Retained': 'terminating',
  Detaching: 'terminating',
  'Warmed:Pending': 'warm',
  'Warmed:Pending:Wait': 'warm',
  'Warmed:Pending:Proceed': 'warm',
  'Warmed:Running': 'warm',
  'Warmed:Stopped': 'warm',
  'Warmed:Terminating': 'warm',
  'Warmed:Terminating:Wait': 'warm',
  'Warmed:Terminating:Proceed': 'warm',
  'Warmed:Terminating:Retained': 'warm',
};

export const bucketOf = (member: Member): Bucket => buckets[member.lifecycle];

/** What a group launches from. `version` of a template is as it was asked for: `$Default`, `$Latest` or a number. */
export type LaunchSource =
  | { kind: 'template'; template: TemplateReference }
  | { kind: 'mixed'; template: TemplateReference; overrides: readonly Override[]; distribution: Distribution }
  | { kind: 'configuration'; name: string };

export type ActivityStatus =
  | 'PreInService'
  | 'InProgress'
  | 'MidLifecycleAction'
  | 'WaitingForELBConnectionDraining'
  | 'Successful'
  | 'Failed'
  | 'Cancelled';

/** Where an instance comes from and where it goes to, as events tell it. */
export type Place = 'EC2' | 'AutoScalingGroup' | 'WarmPool';

export type Activity = {
  readonly id: string;
  readonly kind: 'launch' | 'terminate' | 'move';
  readonly origin: Place;
  readonly destination: Place;
  readonly instanceId: string | null;
  readonly zone: string;
  readonly startedAt: number;
  readonly cause: string;
  description: string;
  status: ActivityStatus;
  message: string | null;
  progress: number;
  endedAt: number | null;
};

/** What a describe call shows of a member. */
export type DescribeView = { readonly lifecycle: Lifecycle; readonly health: 'Healthy' | 'Unhealthy'; readonly protected: boolean };

export type Transition = 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING';
export type HookResult = 'CONTINUE' | 'ABANDON';

export type Hook = {
  readonly name: string;
  transition: Transition;
  heartbeatSeconds: number;
  defaultResult: HookResult;
  metadata: string | undefined;
  targetArn: string | undefined;
  roleArn: string | undefined;
};

/** A lifecycle action under way: one hook that holds one member. */
export type Wait = { readonly token: string; readonly hook: Hook; readonly startedAt: number; timeout: Cancel };

/** Somebody who completes the lifecycle actions of a group's hooks, so long after each has begun. */
export type HookAnswer = { readonly hook: string | undefined; readonly afterSeconds: number; readonly result: HookResult };

export type Member = {
  readonly instanceId: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly spot: boolean;
  /** What it was launched from, with the template's version as a number; null for one that was attached. */
  readonly source: LaunchSource | null;
  readonly joinedAt: number;
  readonly described: EventuallyConsistent<DescribeView | null>;
  /** By hook name; what happens when the last is done stands in `proceed`. */
  readonly waits: Map<string, Wait>;
  proceed: ((result: HookResult, reason: string) => void) | null;
  lifecycle: Lifecycle;
  protected: boolean;
  inServiceSince: number | null;
  /** Why it is unhealthy, as the activity's cause says it; `at once` where the group doesn't pace itself. */
  unhealthy: { readonly reason: string; readonly atOnce: boolean } | null;
  elbHealthy: boolean;
  /** Target groups that the group has put it into: those of its coming into service, while AddToLoadBalancer was not suspended. */
  readonly targetGroupArns: Set<string>;
  /** A launch or a termination that isn't over. */
  activity: Activity | null;
  /** Whether its termination is a replacement for its health. */
  beingReplaced: boolean;
  /** Its next step, and the verdict on its health that is pending. */
  step: Cancel | null;
  verdict: { readonly of: 'state' | 'status'; readonly cancel: Cancel } | null;
};

export type GroupTag = { readonly key: string; readonly value: string; readonly propagate: boolean };

export type WarmPool = {
  minSize: number;
  maxPrepared: number | undefined;
  state: 'Stopped' | 'Running';
  reuseOnScaleIn: boolean | undefined;
};

export type Settings = {
  min: number;
  max: number;
  desired: number;
  cooldownSeconds: number;
  zones: readonly string[];
  subnets: string | undefined;
  source: LaunchSource;
  healthCheckType: string;
  graceSeconds: number;
  terminationPolicies: readonly string[];
  newMembersProtected: boolean;
  capacityRebalance: boolean | undefined;
  maxLifetimeSeconds: number | undefined;
  warmupSeconds: number | undefined;
  maintenance: HealthyPercentage | undefined;
  /** What becomes of a member whose termination hook was abandoned. */
  onTerminateHookAbandon: 'retain' | 'terminate' | undefined;
  targetGroupArns: readonly string[];
  context: string | undefined;
  desiredType: string | undefined;
};

export type Group = {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly settings: Settings;
  /** All of them, those on standby, in the warm pool or on their way out included, in the order in which they joined. */
  readonly members: Map<string, Member>;
  /** Members that have left, as long as describe calls still show them. */
  readonly leaving: Map<string, Member>;
  readonly counts: Record<Bucket, number>;
  readonly hooks: Map<string, Hook>;
  readonly hookAnswers: Set<(member: Member, wait: Wait) => void>;
  readonly tags: Map<string, GroupTag>;
  readonly policies: Map<string, ScalingPolicy>;
  /** Process → reason. */
  readonly suspended: Map<string, string>;
  /** Oldest first. */
  readonly activities: Activity[];
  readonly refreshes: Refresh[];
  readonly history: MetricHistory;
  readonly loads: Map<number, number>;
  readonly warmPool: { pool: WarmPool | null; deleting: boolean };
  /** Why desired capacity is what it is, until the group has got there. */
  desiredCause: string | null;
  /** Members that were taken out for their health and that a launch has still to make up for. */
  replacements: number;
  /** When capacity was last changed, for the cooldown. */
  scaledAt: number | null;
  failures: { count: number; since: number; retryAt: number } | null;
  deleting: boolean;
  wakeUp: { readonly at: number; readonly cancel: Cancel } | null;
  stopChecks: Cancel;
};

export const isRetained = ({ lifecycle }: Pick<Member, 'lifecycle'>): boolean => lifecycle.endsWith(':Retained');

export const capacityOf = ({ counts }: Group): number => counts.pending + counts.inService;

export const inState = (group: Group, ...states: readonly Lifecycle[]): Member[] =>
  [...group.members.values()].filter(({ lifecycle }) => states.includes(lifecycle));
