import type { ContainerServiceFacts } from '../model/container-service.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';

/** The service of ECS that a look saw; null if it saw none. */
export const ecsServiceOf = ({ service = null }: Pick<ResourceSnapshot, 'service'>): ContainerServiceFacts | null =>
  service?.kind === 'ecs-service' ? service : null;

/** Targets the service of ECS. */
export const ecsServiceTarget = (facts: ResourceSnapshot): Resource | null => {
  const service = ecsServiceOf(facts);
  return service ? { type: 'service', id: service.id } : null;
};

/** How calls name it: `CLUSTER/NAME` in two parts. */
export const placeOf = ({ id }: Pick<Resource, 'id'>): { cluster: string; service: string } => {
  const [cluster = '', service = ''] = id.split('/');
  return { cluster, service };
};
