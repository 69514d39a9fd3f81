import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { at } from './activity.ts';
import { type Core, canDo } from './core.ts';
import { type Group, inState, type Member } from './group.ts';
import { leastInService, roomAbove } from './healthy-percentage.ts';
import { refreshSurplus } from './refresh.ts';
import { terminate } from './terminating.ts';
import { nextReady, readyMembers } from './warmup.ts';

/** How unhealthy and expired members are replaced: a few at a time, or as the group's instance maintenance policy says. */

const { replacedAtOnce } = autoScalingParameters.health;

const unhealthyOf = (group: Group): Member[] => inState(group, 'InService').filter(({ unhealthy }) => unhealthy);

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html */
export const expiredOf = (core: Core, group: Group): Member[] => {
  const { maxLifetimeSeconds } = group.settings;
  if (!maxLifetimeSeconds) return [];
  const born = core.world.clock.now() - maxLifetimeSeconds * 1000;
  return inState(group, 'InService').filter((member) => !member.unhealthy && member.joinedAt <= born);
};

/** Members that are to be replaced now, those that are unhealthy first. */
const dueOf = (core: Core, group: Group): Member[] =>
  canDo(group, 'Terminate')
    ? [...(canDo(group, 'ReplaceUnhealthy') ? unhealthyOf(group) : []), ...(canDo(group, 'Launch') ? expiredOf(core, group) : [])]
    : [];

/**
 * How many more than desired may run while members wait for their replacements: launch before terminating. The group's maximum size does
 * not bound it: https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy-overview-and-considerations.html
 */
export const surplusOf = (core: Core, group: Group): { health: number; refresh: number } => {
  const { maintenance, desired } = group.settings;
  const refresh = refreshSurplus(group);
  if (!maintenance) return { health: 0, refresh };
  const room = roomAbove(desired, maintenance);
  const health = Math.min(dueOf(core, group).length, room);
  return { health, refresh: Math.min(refresh, Math.max(0, room - health)) };
};

/**
 * How many of them may be taken out of service now. By a maintenance policy as many as leave its minimum in service, where an
 * unhealthy member counts until its replacement is warm.
 */
const allowance = (core: Core, group: Group): number => {
  const { maintenance, desired } = group.settings;
  if (maintenance) return new Set([...readyMembers(core, group), ...dueOf(core, group)]).size - leastInService(desired, maintenance);
  const underway = group.counts.pending + [...group.members.values()].filter((member) => member.beingReplaced).length;
  return Math.max(1, Math.floor(desired * replacedAtOnce)) - underway;
};

/** Takes unhealthy and expired members out of service, protected ones too. Assumed: no maintenance policy keeps one that doesn't run. */
export const replaceDue = (core: Core, group: Group): void => {
  const due = dueOf(core, group);
  if (due.length === 0) return;
  let left = allowance(core, group);
  for (const member of due) {
    const runs = core.ec2.get(member.instanceId)?.state === 'running';
    const unpaced = !runs || (member.unhealthy?.atOnce && !group.settings.maintenance);
    if (!unpaced && left-- <= 0) continue;
    member.beingReplaced = true;
    group.replacements++;
    // How the end of a lifetime is worded is assumed.
    const reason = member.unhealthy?.reason ?? 'an instance exceeding the maximum instance lifetime';
    terminate(core, group, member, at(core, `an instance was taken out of service in response to ${reason}.`));
  }
  const next = nextReady(core, group);
  if (next !== undefined) core.wake(group, next - core.world.clock.now());
};
