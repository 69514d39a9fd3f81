import { describeContainerService } from './container-service.ts';
import { ecsService, serviceParts } from './ecs-service.ts';
import type { TreatedLook } from './resource-kind.ts';

/** What the standard look at a service adds; nothing for one that is neither a function nor a service of ECS. */
export const describeService: TreatedLook = async (clients, input) => {
  const { incident } = input;
  const container = ecsService.is(incident) ? serviceParts(incident) : null;
  if (container) return { service: await describeContainerService(clients, container, input) };
  return {};
};
