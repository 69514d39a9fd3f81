import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { historyOperations } from './operations.ts';

/**
 * CloudTrail's event history: mutating management calls of the last 90 days, each told of only some minutes after it happened.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const createCloudTrail = (world: World): { service: Service } => ({
  service: {
    signingName: 'cloudtrail',
    protocols: ['json'],
    targetPrefix: 'CloudTrail_20131101',
    operations: historyOperations(world),
  },
});
