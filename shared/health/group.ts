import type { GroupFacts } from '../aws/facts.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

const working = ({ members }: GroupFacts) =>
  members.filter(({ lifecycleState, health }) => lifecycleState === 'InService' && health === 'Healthy');

/** The group has as many members in service as it wants. */
export const groupIsWhole: HealthCheck = {
  id: 'group-is-whole',
  check: ({ facts: { group } }) => {
    if (!group) return unknown('the group does not exist');
    const count = working(group).length;
    return count >= group.desired
      ? healthy(`${count} of ${group.desired} members in service`)
      : unknown(`${count} of ${group.desired} members in service`);
  },
};

/** The member is out of its group and the group is whole without it. What its own alarm says no longer means anything: it has no data. */
export const memberIsReplaced: HealthCheck = {
  id: 'member-is-replaced',
  check: ({ facts, incident, before }) => {
    const { group } = facts;
    const id = before.instance?.id;
    if (!group) return unknown('the group does not exist');
    if (!id) return unknown('no member has been seen that could be replaced');
    const old = group.members.find(({ instanceId }) => instanceId === id);
    if (old?.lifecycleState === 'InService') return unhealthy(`${id} is still in service in ${group.name}`);
    if (old) return unknown(`${id} is ${old.lifecycleState}`);
    const whole = groupIsWhole.check({ facts, incident, before });
    return whole.state === 'healthy' ? healthy(`${id} has left ${group.name}; ${whole.because}`) : whole;
  },
};
