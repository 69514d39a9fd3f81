import { at, endActivity, startActivity } from './activity.ts';
import { type Core, canDo } from './core.ts';
import { capacityOf, type Group, inState } from './group.ts';
import { launch } from './launching.ts';
import { advanceRefresh } from './refresh.ts';
import { replaceDue, surplusOf } from './replacing.ts';
import { terminate } from './terminating.ts';
import { selectForTermination } from './termination-policy.ts';
import { fillWarmPool, takeFromWarmPool } from './warm-pool.ts';

const scaleIn = (core: Core, group: Group, count: number): void => {
  const from = capacityOf(group);
  const why = group.desiredCause === null ? '' : `${group.desiredCause}  `;
  const selected = selectForTermination(group, inState(group, 'InService', 'Pending', 'Pending:Wait'), count);
  const difference = `an instance was taken out of service in response to a difference between desired and actual capacity`;
  const shrinking = `${why}${at(core, `${difference}, shrinking the capacity from ${from} to ${from - count}.`)}`;
  for (const member of selected)
    terminate(core, group, member, `${shrinking}  ${at(core, `instance ${member.instanceId} was selected for termination.`)}`);
  if (selected.length > 0 || group.desiredCause === null) return;
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
  replaceDue(core, group);
  advanceRefresh(core, group);
  const surplus = surplusOf(core, group);
  const wanted = group.settings.desired + surplus.health + surplus.refresh;
  const capacity = capacityOf(group);
  if (capacity < wanted) {
    group.replacements = Math.max(group.replacements, Math.min(surplus.health, wanted - capacity));
    launch(core, group, wanted - capacity - takeFromWarmPool(core, group, wanted - capacity));
  } else {
    group.replacements = 0;
    if (capacity > wanted && canDo(group, 'Terminate')) scaleIn(core, group, capacity - wanted);
    if (capacityOf(group) === wanted) group.desiredCause = null;
  }
  fillWarmPool(core, group);
};
