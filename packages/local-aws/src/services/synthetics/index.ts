import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createCanaries, type PlacedCanary } from './model.ts';
import { canaryOperations } from './operations/canaries.ts';

export type Synthetics = { service: Service; place(placed: PlacedCanary): void };

/** Canaries as they are described. https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_Operations.html */
export const createSynthetics = (world: World): Synthetics => {
  const canaries = createCanaries();
  return {
    place: canaries.place,
    service: { signingName: 'synthetics', protocols: ['rest-json'], operations: canaryOperations(world, canaries) },
  };
};
