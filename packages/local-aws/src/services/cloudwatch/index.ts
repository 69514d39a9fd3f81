import type { CloudWatch } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { createAlarmActions } from './model/actions.ts';
import { createAlarms } from './model/alarms.ts';
import { createMetrics } from './model/metrics.ts';
import { alarmOperations } from './operations/alarms.ts';
import { describeOperations } from './operations/describe-alarms.ts';
import { metricDataOperations } from './operations/metric-data.ts';
import { createTags, tagOperations } from './operations/tags.ts';

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
        ...alarmOperations(world, alarms, tags),
        ...describeOperations(alarms),
        ...tagOperations(alarms, tags),
        ...metricDataOperations(world, metrics),
      },
    },
    publish: (metric, value, { at, unit }) =>
      metrics.put(metric, {
        at: Math.floor(at / 60_000) * 60_000,
        unit,
        samples: 1,
        sum: value,
        minimum: value,
        maximum: value,
        values: new Map([[value, 1]]),
      }),
    addSource: metrics.addSource,
    addSamples: metrics.addSamples,
    addListing: metrics.addListing,
    carryOut: actions.carryOut,
  };
};
