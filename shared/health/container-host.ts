import { memberIsReplaced } from './group.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** The agent of a container instance is connected. */
export const agentIsConnected: HealthCheck = {
  id: 'agent-is-connected',
  check: ({ facts: { host = null } }) => {
    if (!host) return unknown('ECS lists no such container instance');
    const { cluster, connected, status } = host;
    if (status === 'INACTIVE') return unknown(`it is no longer registered in cluster ${cluster}`);
    if (!connected) return unhealthy(`its agent is disconnected from cluster ${cluster}`);
    return status === 'ACTIVE' ? healthy(`its agent is connected to cluster ${cluster}`) : unknown(`it is ${status} in cluster ${cluster}`);
  },
};

/** Its group has replaced it, and the cluster has as many hosts that can take tasks as before it was lost. */
export const hostIsReplaced: HealthCheck = {
  id: 'host-is-replaced',
  check: (input) => {
    const replaced = memberIsReplaced.check(input);
    if (replaced.state !== 'healthy') return replaced;
    const [now, then] = [input.facts.host?.hosts, input.before.host?.hosts];
    if (!now || !then) return unknown('ECS lists no such container instance');
    const wanted = Math.min(then.able + 1, then.all);
    const says = `${now.able} hosts of the cluster can take tasks`;
    return now.able >= wanted ? healthy(`${replaced.because}; ${says}`) : unknown(`${replaced.because}; ${says}, of ${wanted}`);
  },
};
