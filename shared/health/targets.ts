import { unhealthyTargets } from '../aws/facts.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** Every registered target answers its health check. */
export const targetsAreHealthy: HealthCheck = {
  id: 'targets-are-healthy',
  check: ({ facts }) => {
    if (!facts.targets) return unknown('no look at the targets');
    const sick = unhealthyTargets(facts);
    const good = facts.targets.filter(({ state }) => state === 'healthy').length;
    if (sick.length > 0) return unhealthy(`${sick.length} of ${facts.targets.length} targets are not healthy`);
    return good > 0 ? healthy(`all ${good} targets are healthy`) : unknown('no target is healthy yet');
  },
};
