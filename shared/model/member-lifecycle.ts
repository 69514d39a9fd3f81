import type { LifecycleState } from '@aws-sdk/client-auto-scaling';

/**
 * Where a member stands in its group.
 * - `in-service`: the group counts on it.
 * - `joining`: launched, and not in service yet.
 * - `leaving`: the group takes it out, which a hook may draw out for hours.
 * - `set-aside`: it belongs to the group and does no work for it: on standby, in the warm pool, under repair by the group itself.
 * - `out`: it is still listed, and not counted any more.
 */
type MemberStage = 'in-service' | 'joining' | 'leaving' | 'set-aside' | 'out';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html and, for what is retained, .../instance-lifecycle-policy.html */
const stages: Readonly<Record<LifecycleState, MemberStage>> = {
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
};

/** Null for a state that isn't known: such a member is not in service, and whatever else it may be is not for us to say. */
export const stageOf = (lifecycleState: string): MemberStage | null =>
  Object.hasOwn(stages, lifecycleState) ? stages[lifecycleState as LifecycleState] : null;
