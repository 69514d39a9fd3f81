import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { identityOperations } from './operations.ts';

/** STS: who am I? https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const createSts = (world: World): { service: Service } => ({
  service: {
    signingName: 'sts',
    protocols: ['query'],
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: identityOperations(world),
  },
});
