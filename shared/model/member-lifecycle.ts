/**
 * The stage of a member in its group.
 * - `in-service`: the group counts on it.
 * - `joining`: launched and not in service yet.
 * - `leaving`: being removed, which lifecycle hooks may delay for hours.
 * - `set-aside`: in the group without serving: on standby, in the warm pool, or being repaired by the group itself.
 * - `out`: still listed, but no longer counted.
 */
type MemberStage = 'in-service' | 'joining' | 'leaving' | 'set-aside' | 'out';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html and, for what is retained, .../instance-lifecycle-policy.html */
export const stages = {
  InService: 'in-service',
  Pending: 'joining',
  'Pending:Wait': 'joining',
  'Pending:Proceed': 'joining',
  Terminating: 'leaving',
  'Terminating:Wait': 'leaving',
  'Terminating:Proceed': 'leaving',
  'Terminating:Retained': 'out',
  Terminated: 'out',
  Detaching: 'out',
  Detached: 'out',
  Quarantined: 'out',
  EnteringStandby: 'set-aside',
  Standby: 'set-aside',
  ReplacingRootVolume: 'set-aside',
  'ReplacingRootVolume:Wait': 'set-aside',
  'ReplacingRootVolume:Proceed': 'set-aside',
  RootVolumeReplaced: 'set-aside',
  'Warmed:Pending': 'set-aside',
  'Warmed:Pending:Wait': 'set-aside',
  'Warmed:Pending:Proceed': 'set-aside',
  'Warmed:Pending:Retained': 'set-aside',
  'Warmed:Running': 'set-aside',
  'Warmed:Stopped': 'set-aside',
  'Warmed:Hibernated': 'set-aside',
  'Warmed:Terminating': 'set-aside',
  'Warmed:Terminating:Wait': 'set-aside',
  'Warmed:Terminating:Proceed': 'set-aside',
  'Warmed:Terminating:Retained': 'set-aside',
  'Warmed:Terminated': 'set-aside',
} as const satisfies Readonly<Record<string, MemberStage>>;
export type LifecycleState = keyof typeof stages;

/** Null for an unknown state: all that is certain of such a member is that it is not in service. */
export const stageOf = (lifecycleState: LifecycleState | 'unknown'): MemberStage | null =>
  lifecycleState === 'unknown' ? null : stages[lifecycleState];
