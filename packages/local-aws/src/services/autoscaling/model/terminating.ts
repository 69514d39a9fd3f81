import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { endMemberActivity, startActivity } from './activity.ts';
import { type Core, later, leave, move, publishView } from './core.ts';
import { type Activity, bucketOf, type Group, isRetained, type Member } from './group.ts';
import { terminatingTransition, waitForHooks } from './hooks.ts';

const { settleSeconds } = autoScalingParameters;

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

/**
 * Stops what load balancers have let drain, counted from when it left them: "If connection draining is enabled, Elastic Load Balancing waits for
 * in-flight requests", https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LoadBalancerTargetGroupState.html, and its activity is
 * WaitingForELBConnectionDraining: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html. That it lasts the whole
 * deregistration delay, beside hooks and also for an unhealthy member, is assumed.
 */
const stopDrained = (core: Core, group: Group, member: Member, drainedAt: number): void => {
  const seconds = (drainedAt - core.world.clock.now()) / 1000;
  const { activity } = member;
  if (seconds <= 0 || core.ec2.get(member.instanceId)?.state !== 'running') {
    stop(core, group, member);
    return;
  }
  if (activity) activity.status = 'WaitingForELBConnectionDraining';
  later(core, member, { least: seconds, most: seconds }, () => {
    if (activity) activity.status = 'InProgress';
    stop(core, group, member);
  });
};

/**
 * Keeps the instance of a member whose termination hook was abandoned, until it is terminated by hand. It has no part in the group any more:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html. How its activity words it is assumed.
 */
const retain = (core: Core, group: Group, member: Member, reason: string): void => {
  later(core, member, settleSeconds, () => {
    move(core, group, member, member.lifecycle === 'Terminating:Proceed' ? 'Terminating:Retained' : 'Warmed:Terminating:Retained');
    member.beingReplaced = false;
    endMemberActivity(core, group, member, 'Cancelled', `Instance was retained by the instance lifecycle policy: ${reason}`);
    core.wake(group);
  });
};

/** Takes a member out of the group for good: hooks first, then the instance. Returns the activity, which is only beginning. */
export const terminate = (core: Core, group: Group, member: Member, cause: string): Activity => {
  member.step?.();
  member.step = null;
  for (const { timeout } of member.waits.values()) timeout();
  member.waits.clear();
  endMemberActivity(core, group, member, 'Cancelled', 'Instance was terminated before it was in service.');
  const wasRunning = core.ec2.get(member.instanceId)?.state === 'running';
  const wasRetained = isRetained(member);
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
    origin: warm ? 'WarmPool' : 'AutoScalingGroup',
  });
  member.activity = activity;
  move(core, group, member, warm ? 'Warmed:Terminating' : 'Terminating');
  const drainedAt = core.world.clock.now() + core.drainSecondsOf(instanceId) * 1000;
  // An instance that is gone can't carry out what a hook waits for. Hooks are not asked a second time.
  if ((!wasRunning && !warm) || wasRetained || group.deleting) stop(core, group, member);
  else
    waitForHooks(core, group, member, terminatingTransition, (result, reason) => {
      if (member.lifecycle === 'Terminating:Wait') move(core, group, member, 'Terminating:Proceed');
      else if (member.lifecycle === 'Warmed:Terminating:Wait') move(core, group, member, 'Warmed:Terminating:Proceed');
      if (result === 'ABANDON' && group.settings.onTerminateHookAbandon === 'retain') retain(core, group, member, reason);
      else stopDrained(core, group, member, drainedAt);
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
  publishView(core, member);
  core.wake(group);
};
