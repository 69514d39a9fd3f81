import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { at } from './activity.ts';
import { type Core, canDo } from './core.ts';
import { type Group, inState, type Member } from './group.ts';
import { leastInService, roomAbove } from './healthy-percentage.ts';
import type { Refresh } from './refresh-record.ts';
import { terminate } from './terminating.ts';
import { nextReady, readyMembers } from './warmup.ts';

export const isActive = ({ status }: Refresh): boolean => ['Pending', 'InProgress', 'Baking', 'Cancelling'].includes(status);

export const activeRefresh = (group: Group): Refresh | undefined => group.refreshes.findLast(isActive);

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
const tell = (core: Core, group: Group, refresh: Refresh, what: string): void =>
  core.world.putEvent({
    source: 'aws.autoscaling',
    detailType: `EC2 Auto Scaling Instance Refresh ${what}`,
    resources: [group.arn],
    detail: { InstanceRefreshId: refresh.id, AutoScalingGroupName: group.name },
  });

const end = (core: Core, group: Group, refresh: Refresh, status: 'Successful' | 'Failed' | 'Cancelled', reason?: string): void => {
  refresh.status = status;
  refresh.reason = reason;
  refresh.endedAt = core.world.clock.now();
  tell(core, group, refresh, status === 'Successful' ? 'Succeeded' : status);
};

/** The healthy percentages that it keeps to: its own, the group's, or AWS's. Without a maximum it terminates and launches at once. */
const percentageOf = ({ settings: { maintenance } }: Group, { preferences }: Refresh): { min: number; max: number | undefined } => ({
  min: preferences.MinHealthyPercentage ?? maintenance?.min ?? autoScalingParameters.refresh.minHealthyPercentage,
  max: preferences.MaxHealthyPercentage ?? maintenance?.max,
});

/** How many more than desired it launches before it terminates. */
export const refreshSurplus = (group: Group): number => {
  const refresh = activeRefresh(group);
  if (refresh?.status !== 'InProgress' || !canDo(group, 'InstanceRefresh', 'Launch', 'Terminate')) return 0;
  const { min, max } = percentageOf(group, refresh);
  return max === undefined ? 0 : Math.min(replaceable(group, refresh).length, roomAbove(group.settings.desired, { min, max }));
};

/** What the refresh may replace now: members in service, and the others as its preferences say. */
const replaceable = (group: Group, { left, preferences }: Refresh): Member[] =>
  inState(group, 'InService', 'Standby').filter((member) => {
    if (!left.has(member.instanceId)) return false;
    if (member.lifecycle === 'Standby') return preferences.StandbyInstances === 'Terminate';
    return !member.protected || preferences.ScaleInProtectedInstances === 'Refresh';
  });

/** Members that it doesn't wait for either. */
const ignored = (group: Group, { preferences }: Refresh, instanceId: string): boolean => {
  const member = group.members.get(instanceId);
  if (!member) return true;
  if (member.lifecycle === 'Standby') return preferences.StandbyInstances === 'Ignore';
  if (member.lifecycle === 'InService' && member.protected) return preferences.ScaleInProtectedInstances === 'Ignore';
  return member.lifecycle.startsWith('Terminating');
};

/** Replaces the next few members, as far as the minimum healthy percentage allows, but one at least. */
export const advanceRefresh = (core: Core, group: Group): void => {
  const refresh = activeRefresh(group);
  if (!refresh) return;
  const now = core.world.clock.now();
  if (refresh.status === 'Cancelling') {
    end(core, group, refresh, 'Cancelled', 'Cancelled due to user request.');
    return;
  }
  if (refresh.status === 'Pending') {
    refresh.status = 'InProgress';
    tell(core, group, refresh, 'Started');
  }
  for (const instanceId of refresh.left) if (ignored(group, refresh, instanceId)) refresh.left.delete(instanceId);
  if (!canDo(group, 'InstanceRefresh', 'Launch', 'Terminate')) return;

  const { desired } = group.settings;
  const { InstanceWarmup: warmup, BakeTime: bakeSeconds = 0 } = refresh.preferences;
  const ready = readyMembers(core, group, warmup).length;
  const next = nextReady(core, group, warmup);
  if (next !== undefined) core.wake(group, next - now);
  if (refresh.left.size === 0) {
    if (ready < desired && refresh.status !== 'Baking') return;
    refresh.bakedAt ??= now + bakeSeconds * 1000;
    if (now >= refresh.bakedAt) end(core, group, refresh, 'Successful');
    else {
      refresh.status = 'Baking';
      core.wake(group, refresh.bakedAt - now);
    }
    return;
  }
  const candidates = replaceable(group, refresh);
  if (candidates.length === 0 && ready >= desired) {
    refresh.waitingSince ??= now;
    const until = refresh.waitingSince + autoScalingParameters.refresh.waitSeconds * 1000;
    if (now < until) core.wake(group, until - now);
    else end(core, group, refresh, 'Failed', 'Instances on standby or protected from scale in were not released within an hour.');
    return;
  }
  refresh.waitingSince = null;
  const { min, max = 100 } = percentageOf(group, refresh);
  const least = leastInService(desired, { min, max });
  const launchesFirst = refreshSurplus(group) > 0;
  const allowed = launchesFirst ? ready - least : Math.max(1, desired - least) - Math.max(0, desired - ready);
  for (const member of candidates.slice(0, Math.max(0, allowed)))
    terminate(core, group, member, at(core, 'an instance was taken out of service in response to an instance refresh.'));
};

export const percentComplete = ({ left, total, status }: Refresh): number =>
  status === 'Successful' ? 100 : total === 0 ? 0 : Math.floor((100 * (total - left.size)) / total);
