import type { CloudWatch } from '../parts.ts';
import type { World } from '../world/world.ts';
import { createAlarmActions } from './actions.ts';
import { createAlarms } from './alarms.ts';
import { dataOperations } from './data.ts';
import { describeOperations } from './describe.ts';
import { lifecycleOperations } from './lifecycle.ts';
import { createMetrics } from './metrics.ts';
import { createTags, tagOperations } from './tags.ts';

/** CloudWatch's metrics and alarms. */
export const createCloudWatch = (world: World): CloudWatch => {
  const metrics = createMetrics(world);
  const actions = createAlarmActions();
  const alarms = createAlarms(world, metrics, actions.perform);
  const tags = createTags();
  return {
    service: {
      signingName: 'monitoring',
      protocols: ['json', 'query'],
      targetPrefix: 'GraniteServiceVersion20100801',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      missingParameter: 'MissingParameter',
      operations: {
        ...lifecycleOperations(world, alarms, tags),
        ...describeOperations(alarms),
        ...tagOperations(alarms, tags),
        ...dataOperations(world, metrics),
      },
    },
    addSource: metrics.addSource,
    addSamples: metrics.addSamples,
    addListing: metrics.addListing,
    carryOut: actions.carryOut,
  };
};
