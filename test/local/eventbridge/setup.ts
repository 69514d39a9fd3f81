import { createEventBridge } from '../../../local/eventbridge/index.ts';
import { createGateway } from '../../../local/gateway.ts';
import { createWorld } from '../../../local/world/world.ts';
import { localClients, worldOptions } from '../harness.ts';

export const target = `arn:aws:lambda:us-east-1:${worldOptions.account}:function:intake`;

/** EventBridge alone. */
export const eventBridgeWorld = () => {
  const world = createWorld(worldOptions);
  const part = createEventBridge(world);
  const { eventBridge } = localClients(createGateway(world, [part.service]).handle);
  return { world, eventBridge, route: part.route };
};
