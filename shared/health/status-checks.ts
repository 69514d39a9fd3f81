import type { Resource } from '../model/resource.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { abstain, type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

const isMachine = ({ type }: Resource): boolean => typesOfResource[type].machine === true;

/** The instance is running, and EC2's status checks pass. Abstains where the failure is not about an instance. */
export const statusChecksPass: HealthCheck = {
  id: 'status-checks-pass',
  sees: ['AWS/EC2 StatusCheckFailed', 'AWS/EC2 StatusCheckFailed_Instance', 'AWS/EC2 StatusCheckFailed_System'],
  check: ({ facts: { instance, status }, incident: { resource } }) => {
    if (!instance) return isMachine(resource) ? unhealthy('the instance does not exist') : abstain('it is not about an instance');
    if (instance.state !== 'running') return unhealthy(`the instance is ${instance.state}`);
    if (!status) return unknown('no status checks yet');
    const { system, instance: own } = status;
    if (system === 'impaired' || own === 'impaired') return unhealthy(`status checks: system ${system}, instance ${own}`);
    if (system === 'ok' && own === 'ok') return healthy('both status checks pass');
    return unknown(`status checks: system ${system}, instance ${own}`);
  },
};
