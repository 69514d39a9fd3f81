import { createWorld } from '../../src/core/world.ts';
import { createEventBridge } from '../../src/services/eventbridge/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, worldOptions } from '../harness.ts';

export const target = `arn:aws:lambda:us-east-1:${worldOptions.account}:function:intake`;

/** EventBridge alone. */
export const eventBridgeWorld = () => {
  const world = createWorld(worldOptions);
  const part = createEventBridge(world);
  const { eventBridge } = localClients(createGateway(world, [part.service]).handle);
  return { world, eventBridge, route: part.route };
};
