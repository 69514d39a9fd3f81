import { autoScalingParameters, ec2Parameters } from '../../../core/model-parameters.ts';
import type { Random } from '../../../core/random.ts';
import type { Ec2 } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import type { Service } from '../../../wire/protocol/service.ts';
import { EventuallyConsistent } from './describe-view.ts';
import { bucketOf, type DescribeView, type Group, type Lifecycle, type Member } from './group.ts';
import type { LaunchConfiguration } from './launch-configuration.ts';
import { cpuShare, MetricHistory } from './metric-history.ts';

/** What every part of Auto Scaling shares. */
export type Core = {
  readonly world: World;
  readonly ec2: Ec2;
  readonly random: Random;
  readonly groups: Map<string, Group>;
  /** Groups that were deleted, for what they did. */
  readonly deleted: Group[];
  /** CloudWatch, where there is one: target tracking has its alarms there. */
  alarms: Service | null;
  /** How long load balancers let an instance drain that they have just been told to leave, in seconds. */
  drainSecondsOf: (instanceId: string) => number;
  readonly memberOf: Map<string, { readonly group: Group; readonly member: Member }>;
  readonly configurations: Map<string, LaunchConfiguration>;
  /** By group name; a group that is made again goes on with the history of its namesake. */
  readonly histories: Map<string, MetricHistory>;
  /** Has the group look at itself after the usual delay, or after `milliseconds`; an earlier look that is due already stands. */
  wake(group: Group, milliseconds?: number): void;
};

export type Spread = { readonly least: number; readonly most: number };

export const drawMs = (core: Core, { least, most }: Spread): number => Math.round(core.random.between(least, most) * 1000);

/** `reconcile` is what a group does when it looks at itself. */
export const createCore = (world: World, ec2: Ec2, reconcile: (core: Core, group: Group) => void): Core => {
  const core: Core = {
    world,
    ec2,
    random: world.chances('autoscaling'),
    groups: new Map(),
    deleted: [],
    alarms: null,
    drainSecondsOf: () => 0,
    memberOf: new Map(),
    configurations: new Map(),
    histories: new Map(),
    wake: (group, milliseconds = drawMs(core, autoScalingParameters.reactSeconds)) => {
      const at = world.clock.now() + milliseconds;
      if (group.wakeUp && group.wakeUp.at <= at) return;
      group.wakeUp?.cancel();
      const cancel = world.clock.at(at, () => {
        group.wakeUp = null;
        reconcile(core, group);
      });
      group.wakeUp = { at, cancel };
    },
  };
  return core;
};

export const historyOf = (core: Core, groupName: string): MetricHistory => {
  const known = core.histories.get(groupName);
  if (known) return known;
  const history = new MetricHistory();
  core.histories.set(groupName, history);
  return history;
};

export const canDo = (group: Group, ...processes: readonly string[]): boolean => processes.every((p) => !group.suspended.has(p));

const faceOf = (member: Member): DescribeView => ({
  lifecycle: member.lifecycle,
  health: member.unhealthy ? 'Unhealthy' : 'Healthy',
  protected: member.protected,
});

/** Lets describe calls see what the member has become, after their lag. Returns when they will. */
export const publishView = (core: Core, member: Member, gone = false): number =>
  member.described.set(core.world.clock.now() + drawMs(core, autoScalingParameters.describeLagSeconds), gone ? null : faceOf(member));

/** Spreads the group's work over the members in service. Says nothing to EC2 where there never was any. */
export const spreadLoad = (core: Core, group: Group): void => {
  if (group.loads.size === 0) return;
  const share = cpuShare(group);
  for (const member of group.members.values()) if (member.lifecycle === 'InService') setLoad(core, member, share);
};

/** An instance that was terminated long ago is forgotten by EC2, though its group may not have noticed. */
const setLoad = (core: Core, { instanceId }: Member, percent: number): void => {
  if (core.ec2.get(instanceId)) core.ec2.setLoad(instanceId, percent);
};

const tally = (core: Core, group: Group): void => {
  group.history.record(core.world.clock.now(), group);
  spreadLoad(core, group);
};

export const setDesired = (core: Core, group: Group, desired: number): void => {
  group.settings.desired = desired;
  group.history.record(core.world.clock.now(), group);
  core.wake(group);
};

export const newMember = (
  of: Pick<Member, 'instanceId' | 'zone' | 'instanceType' | 'imageId' | 'spot' | 'source'>,
  at: number,
): Member => ({
  ...of,
  joinedAt: at,
  described: new EventuallyConsistent<DescribeView | null>(null),
  waits: new Map(),
  proceed: null,
  lifecycle: 'Pending',
  protected: false,
  inServiceSince: null,
  unhealthy: null,
  elbHealthy: true,
  targetGroupArns: new Set(),
  activity: null,
  beingReplaced: false,
  step: null,
  verdict: null,
});

/**
 * Puts a member in service into the group's target groups. Suspended, that is not made up for later:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-how-suspending-processes-affects-other-processes.html
 */
export const addToLoadBalancer = (group: Group, member: Member): void => {
  if (!canDo(group, 'AddToLoadBalancer')) return;
  for (const arn of group.settings.targetGroupArns) member.targetGroupArns.add(arn);
};

export const join = (core: Core, group: Group, member: Member): void => {
  group.members.set(member.instanceId, member);
  core.memberOf.set(member.instanceId, { group, member });
  group.counts[bucketOf(member)]++;
  group.history.joined(core.world.clock.now(), member.instanceId);
  publishView(core, member);
  tally(core, group);
};

export const move = (core: Core, group: Group, member: Member, lifecycle: Lifecycle): void => {
  const wasInService = member.lifecycle === 'InService';
  group.counts[bucketOf(member)]--;
  member.lifecycle = lifecycle;
  group.counts[bucketOf(member)]++;
  member.inServiceSince = lifecycle === 'InService' ? core.world.clock.now() : null;
  const left = [...member.targetGroupArns];
  if (lifecycle === 'InService') addToLoadBalancer(group, member);
  else {
    member.targetGroupArns.clear();
    // Should it come back, its targets are new ones.
    member.elbHealthy = true;
  }
  if (wasInService) {
    forget(member, 'verdict');
    if (group.loads.size > 0) setLoad(core, member, ec2Parameters.idle.cpu);
  }
  publishView(core, member);
  tally(core, group);
  const targetGroupArns = lifecycle === 'InService' ? [...member.targetGroupArns] : left;
  if (targetGroupArns.length > 0) core.world.emit({ type: 'group-targets', targetGroupArns, at: core.world.clock.now() });
};

export const leave = (core: Core, group: Group, member: Member): void => {
  const { instanceId } = member;
  forget(member, 'step');
  forget(member, 'verdict');
  for (const { timeout } of member.waits.values()) timeout();
  member.waits.clear();
  group.members.delete(instanceId);
  core.memberOf.delete(instanceId);
  group.counts[bucketOf(member)]--;
  group.history.left(core.world.clock.now(), instanceId);
  group.leaving.set(instanceId, member);
  core.world.clock.at(publishView(core, member, true), () => {
    if (group.leaving.get(instanceId) === member) group.leaving.delete(instanceId);
  });
  tally(core, group);
};

/** Drops what was going to happen to a member. */
export const forget = (member: Member, what: 'step' | 'verdict'): void => {
  if (what === 'step') member.step?.();
  else member.verdict?.cancel();
  member[what] = null;
};

/** Does `then` after a while drawn from `spread`, unless the member's next step becomes another one before that. */
export const later = (core: Core, member: Member, spread: Spread, then: () => void): void => {
  forget(member, 'step');
  member.step = core.world.clock.after(drawMs(core, spread), () => {
    member.step = null;
    then();
  });
};
