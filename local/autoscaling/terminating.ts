import { autoScalingPhysics } from '../physics.ts';
import { AwsError } from '../protocol/errors.ts';
import { endMemberActivity, startActivity } from './activity.ts';
import { type Core, later, leave, move, show } from './core.ts';
import { type Activity, bucketOf, type Group, type Member } from './group.ts';
import { terminatingTransition, waitForHooks } from './hooks.ts';

const { settleSeconds } = autoScalingPhysics;

const stop = (core: Core, group: Group, member: Member): void => {
  const view = core.ec2.get(member.instanceId);
  if (!view || view.state === 'terminated') {
    later(core, member, settleSeconds, () => terminated(core, group, member));
    return;
  }
  try {
    if (view.state !== 'shutting-down') core.ec2.terminate(member.instanceId, 'service');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    endMemberActivity(core, group, member, 'Failed', error.message);
    member.unhealthy ??= { reason: 'a user health-check', atOnce: false };
    move(core, group, member, 'InService');
    core.wake(group);
  }
};

/** Takes a member out of the group for good: hooks first, then the instance. Returns the activity, which is only beginning. */
export const terminate = (core: Core, group: Group, member: Member, cause: string): Activity => {
  member.step?.();
  member.step = null;
  for (const { timeout } of member.waits.values()) timeout();
  member.waits.clear();
  endMemberActivity(core, group, member, 'Cancelled', 'Instance was terminated before it was in service.');
  const wasRunning = core.ec2.get(member.instanceId)?.state === 'running';
  const warm = bucketOf(member) === 'warm';
  const { instanceId, zone } = member;
  const activity = startActivity(core, group, {
    kind: 'terminate',
    description: `Terminating EC2 instance: ${instanceId}`,
    cause,
    status: 'InProgress',
    progress: 0,
    instanceId,
    zone,
  });
  member.activity = activity;
  move(core, group, member, warm ? 'Warmed:Terminating' : 'Terminating');
  // An instance that is gone can't carry out what a hook waits for.
  if (warm || !wasRunning || group.deleting) stop(core, group, member);
  else
    waitForHooks(core, group, member, terminatingTransition, () => {
      if (member.lifecycle === 'Terminating:Wait') move(core, group, member, 'Terminating:Proceed');
      stop(core, group, member);
    });
  core.wake(group);
  return activity;
};

/** The instance is gone. */
export const terminated = (core: Core, group: Group, member: Member): void => {
  endMemberActivity(core, group, member, 'Successful');
  leave(core, group, member);
  group.scaledAt = core.world.clock.now();
  core.wake(group);
};

/** Marks a member unhealthy; the group replaces it when it next looks. */
export const markUnhealthy = (core: Core, group: Group, member: Member, reason: string, atOnce: boolean): void => {
  member.unhealthy = { reason, atOnce };
  show(core, member);
  core.wake(group);
};
