import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { at } from './activity.ts';
import { type Core, canDo, drawMs, forget } from './core.ts';
import type { Group, Member } from './group.ts';
import { launchDied, launched } from './launching.ts';
import { expiredOf } from './replacing.ts';
import { markUnhealthy, terminate, terminated } from './terminating.ts';
import { onWarmInstanceState } from './warm-pool.ts';

const { checkEverySeconds, noticeStateSeconds, noticeStatusSeconds } = autoScalingParameters.health;

const isDown = (core: Core, { instanceId }: Member): boolean => {
  const state = core.ec2.get(instanceId)?.state;
  return state !== 'pending' && state !== 'running';
};

const isImpaired = (core: Core, { instanceId }: Member): boolean => {
  const view = core.ec2.get(instanceId);
  return view !== undefined && (view.systemStatus === 'impaired' || view.instanceStatus === 'impaired');
};

export const inGracePeriod = (core: Core, group: Group, member: Member): boolean =>
  core.world.clock.now() < (member.inServiceSince ?? Number.POSITIVE_INFINITY) + group.settings.graceSeconds * 1000;

/** A verdict takes its time, and what it is about must still be so when it falls. */
const deliberate = (core: Core, group: Group, member: Member, of: 'state' | 'status'): void => {
  if (member.verdict?.of === of || member.verdict?.of === 'state') return;
  forget(member, 'verdict');
  const spread = of === 'state' ? noticeStateSeconds : noticeStatusSeconds;
  const cancel = core.world.clock.after(drawMs(core, spread), () => {
    member.verdict = null;
    if (member.lifecycle !== 'InService' || member.unhealthy || !canDo(group, 'HealthCheck')) return;
    if (isDown(core, member)) markUnhealthy(core, group, member, 'an EC2 health check indicating it has been terminated or stopped', true);
    else if (of === 'status' && isImpaired(core, member))
      markUnhealthy(core, group, member, 'an EC2 instance status checks failure', false);
  });
  member.verdict = { of, cancel };
};

/**
 * One round of health checks. An instance that doesn't run is unhealthy whatever the grace period says:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
 */
const check = (core: Core, group: Group): void => {
  if (expiredOf(core, group).length > 0) core.wake(group);
  if (!canDo(group, 'HealthCheck') || group.deleting) return;
  for (const member of group.members.values()) {
    if (member.lifecycle !== 'InService' || member.unhealthy) continue;
    if (isDown(core, member)) deliberate(core, group, member, 'state');
    else if (inGracePeriod(core, group, member)) continue;
    else if (isImpaired(core, member)) deliberate(core, group, member, 'status');
    else if (group.settings.healthCheckType.includes('ELB') && !member.elbHealthy)
      markUnhealthy(core, group, member, 'an ELB system health check failure', false);
    else if (group.settings.healthCheckType.includes('EBS') && core.ec2.get(member.instanceId)?.attachedEbsStatus === 'impaired')
      // The words are assumed: https://docs.aws.amazon.com/autoscaling/ec2/userguide/monitor-and-replace-instances-with-impaired-ebs-volumes.html
      markUnhealthy(core, group, member, 'an EBS volume health check failure', false);
    else forget(member, 'verdict');
  }
};

/** Checks the group's members every so often from now on, at a second of its own. */
export const startChecks = (core: Core, group: Group): void => {
  const every = checkEverySeconds * 1000;
  group.stopChecks = core.world.clock.every(every, () => check(core, group), core.random.int(every));
};

/** What a change of an instance's state means for the member that it is. */
export const onInstanceState = (core: Core, instanceId: string, state: string): void => {
  const found = core.memberOf.get(instanceId);
  if (!found) return;
  const { group, member } = found;
  switch (member.lifecycle) {
    case 'Pending':
      if (state === 'running') launched(core, group, member);
      else if (state !== 'pending') launchDied(core, group, member);
      break;
    case 'Pending:Wait':
    case 'Pending:Proceed':
      if (state !== 'running') launchDied(core, group, member);
      break;
    case 'InService':
      if (isDown(core, member) && canDo(group, 'HealthCheck')) deliberate(core, group, member, 'state');
      break;
    case 'Standby':
    case 'EnteringStandby':
      if (state === 'terminated') {
        const reason =
          'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.';
        terminate(core, group, member, at(core, reason));
      }
      break;
    case 'Terminating:Wait':
    case 'Terminating':
    case 'Terminating:Proceed':
    case 'Terminating:Retained':
    case 'Warmed:Terminating':
    case 'Warmed:Terminating:Wait':
    case 'Warmed:Terminating:Proceed':
    case 'Warmed:Terminating:Retained':
      if (state === 'terminated') terminated(core, group, member);
      break;
    default:
      onWarmInstanceState(core, group, member, state);
  }
};
