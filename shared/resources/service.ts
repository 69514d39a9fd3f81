import { describeContainerService } from './container-service.ts';
import { ecsService, serviceParts } from './ecs-service.ts';
import { describeFunction } from './function.ts';
import { lambdaFunction } from './lambda-function.ts';
import type { TreatedLook } from './resource-kind.ts';

/** What the standard look at a service adds; nothing for one that is neither a function nor a service of ECS. */
export const describeService: TreatedLook = async (clients, input) => {
  const { incident } = input;
  if (lambdaFunction.is(incident)) return describeFunction(clients, input);
  const container = ecsService.is(incident) ? serviceParts(incident) : null;
  if (container) return { service: await describeContainerService(clients, container, input) };
  return {};
};
