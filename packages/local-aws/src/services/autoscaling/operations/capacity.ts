import type {
  ActivitiesType,
  Activity,
  ActivityType,
  AttachInstancesQuery,
  DescribeScalingActivitiesType,
  DetachInstancesAnswer,
  DetachInstancesQuery,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExitStandbyAnswer,
  ExitStandbyQuery,
  SetDesiredCapacityType,
  TerminateInstanceInAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { at, endMemberActivity, keptSince, startActivity } from '../model/activity.ts';
import { type Core, canDo, join, later, leave, move, newMember, setDesired } from '../model/core.ts';
import { bucketOf, capacityOf, type Group, isRetained, type Member } from '../model/group.ts';
import { enterService } from '../model/launching.ts';
import { blockingActivity } from '../model/scaling.ts';
import { terminate } from '../model/terminating.ts';
import { groupNamed, invalid, liveGroup, memberNamed, membersNamed, page, whole } from './check.ts';
import { activityOf } from './wire.ts';

const { settleSeconds } = autoScalingParameters;

/** Refuses a change of desired capacity by `change` instances that would leave the group's bounds; `to` is what was asked for. */
const checkBounds = (group: Group, change: number, to: string): void => {
  const { min, max, desired } = group.settings;
  if (desired + change >= min && desired + change <= max) return;
  const instances = `${Math.abs(change)} instance${Math.abs(change) === 1 ? '' : 's'}`;
  throw invalid(
    `AutoScalingGroup ${group.name} has min-size=${min}, max-size=${max}, and desired-size=${desired}. To ${to} ${instances}, please update the AutoScalingGroup sizes appropriately.`,
  );
};

const setDesiredCapacity = (core: Core) => (input: SetDesiredCapacityType) => {
  const group = liveGroup(core, input.AutoScalingGroupName);
  const { min, max, desired } = group.settings;
  const wanted = whole('desiredCapacity', input.DesiredCapacity, 0, Number.MAX_SAFE_INTEGER) ?? desired;
  if (wanted > max) throw invalid(`New SetDesiredCapacity value ${wanted} is above max value ${max} for the AutoScalingGroup.`);
  if (wanted < min) throw invalid(`New SetDesiredCapacity value ${wanted} is below min value ${min} for the AutoScalingGroup.`);
  if (input.HonorCooldown) {
    const last = blockingActivity(core, group);
    if (last) throw new AwsError('ScalingActivityInProgress', `Scaling activity ${last.id} is in progress and blocks this action`);
  }
  if (wanted !== desired)
    group.desiredCause = at(
      core,
      `a user request explicitly set group desired capacity changing the desired capacity from ${desired} to ${wanted}.`,
    );
  setDesired(core, group, wanted);
  return {};
};

const terminateInstance = (core: Core) => (input: TerminateInstanceInAutoScalingGroupType) => {
  const { InstanceId, InstanceIds, AutoScalingGroupName, ShouldDecrementDesiredCapacity: decrement = false } = input;
  if ((InstanceId === undefined) === (InstanceIds === undefined || InstanceIds.length === 0))
    throw invalid('Valid requests must contain either InstanceId or InstanceIds parameter.');
  if (InstanceIds?.length && AutoScalingGroupName === undefined)
    throw invalid('AutoScalingGroupName must be specified when using InstanceIds.');
  const group = InstanceId === undefined ? liveGroup(core, AutoScalingGroupName) : memberNamed(core, InstanceId).group;
  if (AutoScalingGroupName !== undefined && AutoScalingGroupName !== group.name)
    throw invalid(`The instance ${InstanceId} is not part of Auto Scaling group ${AutoScalingGroupName}.`);
  const members = membersNamed(group, InstanceId === undefined ? InstanceIds : [InstanceId], 100);
  for (const member of members) {
    const { instanceId, lifecycle, activity } = member;
    if (isRetained(member)) {
      // Assumed: what doesn't count towards desired capacity can't take it down either.
      if (decrement) throw invalid(`The instance ${instanceId} is retained. Terminating it can't decrement the desired capacity.`);
      continue;
    }
    if (lifecycle.startsWith('Warmed:'))
      throw invalid(`The instance ${instanceId} is in a warm pool. Instances in a warm pool can't be terminated by this operation.`);
    if (lifecycle.startsWith('Terminating') || lifecycle === 'Detaching')
      throw new AwsError('ScalingActivityInProgress', `Scaling activity ${activity?.id} is in progress and blocks this action`);
  }
  const { min, desired } = group.settings;
  if (decrement && desired - members.length < min)
    throw invalid(
      `Currently, desiredSize equals minSize (${min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    );
  const activities = members.map((member) => {
    const from = capacityOf(group);
    const shrinking = decrement ? `, shrinking the capacity from ${from} to ${from - 1}` : '';
    return terminate(
      core,
      group,
      member,
      at(core, `instance ${member.instanceId} was taken out of service in response to a user request${shrinking}.`),
    );
  });
  if (decrement) setDesired(core, group, desired - members.length);
  const shown = activities.map((activity) => activityOf(core, group, activity));
  return InstanceId === undefined ? { Activities: shown } : { Activity: shown[0] };
};

/** Begins a move of a member that is neither a launch nor a termination. */
const startMove = (core: Core, group: Group, member: Member, description: string, cause: string, progress: number): Activity => {
  const { instanceId, zone } = member;
  const status = progress < 50 ? 'PreInService' : 'InProgress';
  const activity = startActivity(core, group, {
    kind: 'move',
    description: `${description}: ${instanceId}`,
    cause,
    status,
    progress,
    instanceId,
    zone,
  });
  member.activity = activity;
  return activityOf(core, group, activity);
};

const changing = (core: Core, instanceId: string, what: string, verb: string, from: number, to: number): string =>
  at(core, `instance ${instanceId} was ${what} in response to a user request, ${verb} the capacity from ${from} to ${to}.`);

const enterStandby = (core: Core) => (input: EnterStandbyQuery) => {
  const group = liveGroup(core, input.AutoScalingGroupName);
  const members = membersNamed(group, input.InstanceIds, 20);
  for (const { instanceId, lifecycle } of members)
    if (lifecycle !== 'InService') throw invalid(`The instance ${instanceId} is not in InService.`);
  if (input.ShouldDecrementDesiredCapacity) checkBounds(group, -members.length, 'place into standby');
  const Activities = members.map((member) => {
    const from = capacityOf(group);
    const cause = changing(core, member.instanceId, 'moved to standby', 'shrinking', from, from - 1);
    const activity = startMove(core, group, member, 'Moving EC2 instance to Standby', cause, 50);
    move(core, group, member, 'EnteringStandby');
    later(core, member, settleSeconds, () => {
      move(core, group, member, 'Standby');
      endMemberActivity(core, group, member, 'Successful');
    });
    return activity;
  });
  setDesired(core, group, group.settings.desired - (input.ShouldDecrementDesiredCapacity ? members.length : 0));
  return { Activities };
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html; the error's words are assumed. */
const checkCanLaunch = (group: Group, what: string): void => {
  if (!canDo(group, 'Launch')) throw invalid(`The Launch process of AutoScalingGroup ${group.name} is suspended. Resume it to ${what}.`);
};

const exitStandby = (core: Core) => (input: ExitStandbyQuery) => {
  const group = liveGroup(core, input.AutoScalingGroupName);
  checkCanLaunch(group, 'move instances out of standby');
  const members = membersNamed(group, input.InstanceIds, 20);
  for (const { instanceId, lifecycle } of members)
    if (lifecycle !== 'Standby') throw invalid(`The instance ${instanceId} is not in Standby.`);
  checkBounds(group, members.length, 'move out of standby');
  const Activities = members.map((member) => {
    const from = capacityOf(group);
    const cause = changing(core, member.instanceId, 'moved out of standby', 'increasing', from, from + 1);
    const activity = startMove(core, group, member, 'Moving EC2 instance out of Standby', cause, 30);
    move(core, group, member, 'Pending');
    later(core, member, settleSeconds, () => enterService(core, group, member));
    return activity;
  });
  setDesired(core, group, group.settings.desired + members.length);
  return { Activities };
};

const attach = (core: Core) => (input: AttachInstancesQuery) => {
  const group = liveGroup(core, input.AutoScalingGroupName);
  checkCanLaunch(group, 'attach instances');
  const ids = [...new Set(input.InstanceIds ?? [])];
  if (ids.length === 0 || ids.length > 20) throw invalid('Between 1 and 20 instance IDs must be specified.');
  const views = ids.map((id) => {
    const view = core.ec2.get(id);
    if (!view || view.state === 'terminated') throw invalid(`Invalid Instance ID(s): [${id}]. Instance(s) do not exist.`);
    if (view.state !== 'running') throw invalid(`Invalid Instance ID(s): [${id}]. Instance(s) are not in the running state.`);
    if (core.memberOf.has(id)) throw invalid(`Instance ${id} is already part of AutoScalingGroup: ${core.memberOf.get(id)?.group.name}`);
    if (!group.settings.zones.includes(view.availabilityZone))
      throw invalid(`The instance ${id} is not in one of the Availability Zones of AutoScalingGroup ${group.name}`);
    return view;
  });
  checkBounds(group, views.length, 'attach');
  for (const { id, availabilityZone: zone, instanceType, spot } of views) {
    const from = capacityOf(group);
    const member = newMember({ instanceId: id, zone, instanceType, imageId: '', spot, source: null }, core.world.clock.now());
    core.ec2.setGroupName(id, group.name);
    join(core, group, member);
    startMove(core, group, member, 'Attaching an existing EC2 instance', changing(core, id, 'attached', 'increasing', from, from + 1), 30);
    later(core, member, settleSeconds, () => enterService(core, group, member));
  }
  setDesired(core, group, group.settings.desired + views.length);
  return {};
};

const detach = (core: Core) => (input: DetachInstancesQuery) => {
  const group = liveGroup(core, input.AutoScalingGroupName);
  const members = membersNamed(group, input.InstanceIds, 20);
  for (const { instanceId, lifecycle } of members)
    if (lifecycle !== 'InService' && lifecycle !== 'Standby') throw invalid(`The instance ${instanceId} is not in InService or Standby.`);
  if (input.ShouldDecrementDesiredCapacity) checkBounds(group, -members.length, 'detach');
  const Activities = members.map((member) => {
    const from = capacityOf(group);
    const to = bucketOf(member) === 'standby' ? from : from - 1;
    const activity = startMove(
      core,
      group,
      member,
      'Detaching EC2 instance',
      changing(core, member.instanceId, 'detached', 'shrinking', from, to),
      50,
    );
    move(core, group, member, 'Detaching');
    later(core, member, settleSeconds, () => {
      endMemberActivity(core, group, member, 'Successful');
      leave(core, group, member);
      if (core.ec2.get(member.instanceId)) core.ec2.setGroupName(member.instanceId, null);
      core.wake(group);
    });
    return activity;
  });
  setDesired(core, group, group.settings.desired - (input.ShouldDecrementDesiredCapacity ? members.length : 0));
  return { Activities };
};

const describeActivities = (core: Core) => (input: DescribeScalingActivitiesType) => {
  const { AutoScalingGroupName: name, ActivityIds = [] } = input;
  const groups = [...(input.IncludeDeletedGroups ? core.deleted : []), ...core.groups.values()];
  const asked = groups.filter((group) => name === undefined || group.name === name);
  if (asked.length === 0 && name !== undefined) groupNamed(core, name);
  const kept = keptSince(core);
  const all = asked.flatMap((group) =>
    group.activities.flatMap((activity, order) => (activity.startedAt < kept ? [] : [{ group, activity, order }])),
  );
  const found = ActivityIds.length > 0 ? all.filter(({ activity }) => ActivityIds.includes(activity.id)) : all;
  found.sort((a, b) => b.activity.startedAt - a.activity.startedAt || b.order - a.order);
  const { page: activities, ...more } = page('activities', input, found, 100);
  return { Activities: activities.map(({ group, activity }) => activityOf(core, group, activity)), ...more };
};

export const capacityOperations = (core: Core): Record<string, Operation> => ({
  SetDesiredCapacity: operation<SetDesiredCapacityType, object>(() => sdk.autoScaling().SetDesiredCapacity$, setDesiredCapacity(core)),
  TerminateInstanceInAutoScalingGroup: operation<TerminateInstanceInAutoScalingGroupType, ActivityType>(
    () => sdk.autoScaling().TerminateInstanceInAutoScalingGroup$,
    terminateInstance(core),
  ),
  EnterStandby: operation<EnterStandbyQuery, EnterStandbyAnswer>(() => sdk.autoScaling().EnterStandby$, enterStandby(core)),
  ExitStandby: operation<ExitStandbyQuery, ExitStandbyAnswer>(() => sdk.autoScaling().ExitStandby$, exitStandby(core)),
  AttachInstances: operation<AttachInstancesQuery, object>(() => sdk.autoScaling().AttachInstances$, attach(core)),
  DetachInstances: operation<DetachInstancesQuery, DetachInstancesAnswer>(() => sdk.autoScaling().DetachInstances$, detach(core)),
  DescribeScalingActivities: operation<DescribeScalingActivitiesType, ActivitiesType>(
    () => sdk.autoScaling().DescribeScalingActivities$,
    describeActivities(core),
  ),
});
