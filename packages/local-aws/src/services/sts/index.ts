import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { identityOf } from '../iam/model/identity.ts';
import { identityOperations } from './operations.ts';

/** STS: who am I, and whom may I become? https://docs.aws.amazon.com/STS/latest/APIReference/ */
export const createSts = (world: World, identity = identityOf(world)): { service: Service } => ({
  service: {
    signingName: 'sts',
    protocols: ['query'],
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: identityOperations(world, identity),
  },
});
