import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { createWorld } from '../../src/core/world.ts';
import { createCloudWatch } from '../../src/services/cloudwatch/index.ts';
import { createLogs } from '../../src/services/logs/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, worldOptions } from '../harness.ts';

export const logGroupName = '/shop/api';
export const stream = { logGroupName, logStreamName: 'i-1' };

/** CloudWatch and its Logs, with one group and one stream in it. */
export const logsWorld = async () => {
  const world = createWorld(worldOptions);
  const cloudWatchPart = createCloudWatch(world);
  const { handle } = createGateway(world, [cloudWatchPart.service, createLogs(world, cloudWatchPart.publish).service]);
  const { logs, cloudWatch } = localClients(handle);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand(stream));

  /** Messages as they are written now, or so many seconds from now. */
  const write = (messages: readonly string[], seconds = 0) =>
    logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: messages.map((message) => ({ timestamp: world.clock.now() + seconds * 1000, message })),
      }),
    );

  const putFilter = (filterPattern: string, transformation: Partial<MetricTransformation> = {}) =>
    logs.send(
      new PutMetricFilterCommand({
        logGroupName,
        filterName: 'filter',
        filterPattern,
        metricTransformations: [{ metricNamespace: 'Shop', metricName: 'Failures', metricValue: '1', ...transformation }],
      }),
    );

  const pass = (seconds: number) => world.clock.advanceTo(world.clock.now() + seconds * 1000);
  return { world, logs, cloudWatch, write, putFilter, pass };
};
