import { groupIsWhole } from './group.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

const balancers = ['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB', 'AWS/ELB'];

/** Every registered target passes its health check. */
export const targetsAreHealthy: HealthCheck = {
  id: 'targets-are-healthy',
  sees: balancers.flatMap((namespace) => [`${namespace} UnHealthyHostCount`, `${namespace} HealthyHostCount`]),
  check: ({ facts }) => {
    if (!facts.targets) return unknown('the state of the targets is unknown');
    const { all, healthy: good, unhealthy: sick } = facts.targets;
    if (sick > 0) return unhealthy(`${sick} of ${all} targets are not healthy`);
    return good > 0 ? healthy(`all ${good} targets are healthy`) : unknown('no target is healthy yet');
  },
};

/** The treated target is healthy again, or it was deregistered with its instance and the group has replaced it. */
export const treatedTargetIsWell: HealthCheck = {
  id: 'treated-target-is-well',
  check: (input) => {
    const { facts, before } = input;
    const id = before.instance?.id ?? before.task?.address;
    if (!facts.targets || id === undefined) return unknown('the state of the target is unknown');
    const states = facts.targets.own.flatMap((one) => (one.id === id && one.state !== 'draining' ? [one.state] : []));
    if (states.includes('unhealthy')) return unhealthy(`target ${id} is unhealthy`);
    const notYet = states.find((state) => state !== 'healthy');
    if (notYet !== undefined) return unknown(`target ${id} is ${notYet}`);
    if (states.length > 0) return healthy(`target ${id} is healthy`);
    if (before.group) return groupIsWhole.check(input);
    // A stopped task has left, and its service has started another one.
    if (before.task && facts.targets.healthy >= (before.targets?.healthy ?? 0) + 1)
      return healthy(`target ${id} has left, and ${facts.targets.healthy} targets are healthy`);
    return unknown(`target ${id} is no longer registered`);
  },
};
