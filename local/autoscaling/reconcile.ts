import { autoScalingPhysics } from '../physics.ts';
import { at, endActivity, startActivity } from './activity.ts';
import { type Core, canDo } from './core.ts';
import { capacityOf, type Group, inState, type Member } from './group.ts';
import { launch } from './launching.ts';
import { advanceRefresh } from './refresh.ts';
import { terminate } from './terminating.ts';
import { pickVictims } from './victims.ts';
import { fillWarmPool, takeFromWarmPool } from './warm-pool.ts';

const { replacedAtOnce } = autoScalingPhysics.health;

const unhealthyOf = (group: Group): Member[] => inState(group, 'InService').filter(({ unhealthy }) => unhealthy);

const replaces = (group: Group): boolean => canDo(group, 'ReplaceUnhealthy', 'Terminate');

/** How many more than desired may run while unhealthy members wait for their replacements: launch before terminating. */
const surplus = (group: Group): number => {
  const { maintenance, desired } = group.settings;
  if (!maintenance || maintenance.max <= 100 || !replaces(group)) return 0;
  return Math.min(unhealthyOf(group).length, Math.max(1, Math.floor((desired * maintenance.max) / 100) - desired));
};

/** How many unhealthy members may be taken out of service now. */
const allowance = (group: Group, unhealthy: number): number => {
  const { maintenance, desired } = group.settings;
  if (maintenance) {
    const healthy = group.counts.inService - unhealthy;
    if (healthy >= Math.ceil((desired * maintenance.min) / 100)) return unhealthy;
    if (maintenance.max > 100) return 0;
  }
  const underway = group.counts.pending + [...group.members.values()].filter((member) => member.beingReplaced).length;
  return Math.max(1, Math.floor(desired * replacedAtOnce)) - underway;
};

/** Takes unhealthy members out of service, protected ones too, a few at a time; those that don't run at all, all at once. */
const replaceUnhealthy = (core: Core, group: Group): void => {
  if (!replaces(group)) return;
  const unhealthy = unhealthyOf(group);
  let left = allowance(group, unhealthy.length);
  for (const member of unhealthy) {
    if (!member.unhealthy?.atOnce && left-- <= 0) continue;
    member.beingReplaced = true;
    group.replacements++;
    terminate(core, group, member, at(core, `an instance was taken out of service in response to ${member.unhealthy?.reason}.`));
  }
};

const scaleIn = (core: Core, group: Group, count: number): void => {
  const from = capacityOf(group);
  const why = group.desiredCause === null ? '' : `${group.desiredCause}  `;
  const victims = pickVictims(group, inState(group, 'InService', 'Pending', 'Pending:Wait'), count);
  const difference = `an instance was taken out of service in response to a difference between desired and actual capacity`;
  const shrinking = `${why}${at(core, `${difference}, shrinking the capacity from ${from} to ${from - count}.`)}`;
  for (const member of victims)
    terminate(core, group, member, `${shrinking}  ${at(core, `instance ${member.instanceId} was selected for termination.`)}`);
  if (victims.length > 0 || group.desiredCause === null) return;
  const activity = startActivity(core, group, {
    kind: 'move',
    description: 'Terminating EC2 instance',
    cause: shrinking,
    status: 'InProgress',
    progress: 0,
    instanceId: null,
    zone: group.settings.zones[0] ?? '',
  });
  endActivity(
    core,
    group,
    activity,
    'Failed',
    'Could not scale to desired capacity because all remaining instances are protected from scale-in.',
  );
  group.desiredCause = null;
};

/** Removes a group that is being deleted, once nothing is left of it. */
const remove = (core: Core, group: Group): void => {
  if (group.members.size > 0) return;
  group.stopChecks();
  core.groups.delete(group.name);
  core.deleted.push(group);
};

/** What a group does when it looks at itself: it brings what is towards what shall be. */
export const reconcile = (core: Core, group: Group): void => {
  if (group.deleting) {
    remove(core, group);
    return;
  }
  replaceUnhealthy(core, group);
  advanceRefresh(core, group);
  const extra = surplus(group);
  const wanted = group.settings.desired + extra;
  const capacity = capacityOf(group);
  if (capacity < wanted) {
    group.replacements = Math.max(group.replacements, Math.min(extra, wanted - capacity));
    launch(core, group, wanted - capacity - takeFromWarmPool(core, group, wanted - capacity));
  } else {
    group.replacements = 0;
    if (capacity > wanted && canDo(group, 'Terminate')) scaleIn(core, group, capacity - wanted);
    if (capacityOf(group) === wanted) group.desiredCause = null;
  }
  fillWarmPool(core, group);
};
