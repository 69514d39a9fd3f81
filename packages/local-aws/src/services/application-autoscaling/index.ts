import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { scalableTargetOperations } from './operations/scalable-targets.ts';

/**
 * Application Auto Scaling, of ECS's services. Nothing is scaled by it here: whoever asks learns that something scales a service, and
 * between which bounds. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
 */
export const createApplicationAutoScaling = (world: World): { service: Service } => ({
  service: {
    signingName: 'application-autoscaling',
    protocols: ['json'],
    targetPrefix: 'AnyScaleFrontendService',
    missingParameter: 'ValidationException',
    operations: scalableTargetOperations(world),
  },
});
