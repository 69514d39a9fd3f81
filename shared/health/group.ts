import { stageOf } from '../model/member-lifecycle.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** The group has its desired number of members in service. */
export const groupIsWhole: HealthCheck = {
  id: 'group-is-whole',
  check: ({ facts: { group } }) => {
    if (!group) return unknown('Auto Scaling lists no such group');
    const { working: count } = group.count;
    return count >= group.desired
      ? healthy(`${count} of ${group.desired} members in service`)
      : unknown(`${count} of ${group.desired} members in service`);
  },
};

/** A group replaces a member only if none of these processes is suspended. */
const requiredProcesses = ['HealthCheck', 'ReplaceUnhealthy', 'Terminate', 'Launch'];

/**
 * Whether the group may replace the member by itself: its health checks detect the failure, and no process that it needs is suspended. With
 * EC2 health checks alone it doesn't detect a failing target.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
 */
export const groupMayReplace = ({ group, status }: ResourceSnapshot): boolean => {
  if (!group || group.suspendedProcesses.some((process) => requiredProcesses.includes(process))) return false;
  return group.healthCheckType !== 'EC2' || status === null || status.system !== 'ok' || status.instance !== 'ok';
};

/**
 * The member is out of service, and the group has its desired number in service without it, wherever the member itself may be. The member's
 * own alarm no longer matters: it has no data.
 */
export const memberIsReplaced: HealthCheck = {
  id: 'member-is-replaced',
  check: ({ facts, incident, before }) => {
    const { group } = facts;
    const id = before.instance?.id;
    if (!group) return unknown('Auto Scaling lists no such group');
    if (!id) return unknown('no member was seen that could be replaced');
    const old = group.members.find(({ instanceId }) => instanceId === id);
    const stage = old ? stageOf(old.lifecycleState) : 'out';
    if (stage === 'in-service') return unhealthy(`${id} is still in service in ${group.name}`);
    // Joining, or in an unknown state: it has not been replaced yet.
    if (stage === 'joining' || stage === null) return unknown(`${id} is ${old?.lifecycleState}`);
    const whole = groupIsWhole.check({ facts, incident, before });
    const where = old ? `${id} is out of service in ${group.name} (${old.lifecycleState})` : `${id} has left ${group.name}`;
    if (whole.state === 'healthy') return healthy(`${where}; ${whole.because}`);
    return unknown(stage === 'leaving' ? `${where}: draining; ${whole.because}` : `${where}; ${whole.because}`);
  },
};
