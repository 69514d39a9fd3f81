import type { Service } from '../protocol/service.ts';
import type { World } from '../world/world.ts';
import { putEvents } from './events.ts';
import { createRules } from './rules.ts';

export type EventBridge = {
  service: Service;
  /** The ARNs of the targets that an event goes to: those of all enabled rules of the default bus that match it. */
  route(event: unknown): string[];
};

/** EventBridge's default bus and its rules. */
export const createEventBridge = (world: World): EventBridge => {
  const rules = createRules(world);
  return {
    service: {
      signingName: 'events',
      protocols: ['json'],
      targetPrefix: 'AWSEvents',
      missingParameter: 'ValidationException',
      operations: { ...rules.operations, PutEvents: putEvents(world, rules.isDefaultBus) },
    },
    route: rules.route,
  };
};
