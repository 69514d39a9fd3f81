import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { putEvents } from './operations/put-events.ts';
import { createRules } from './operations/rules.ts';

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
