import type { CloudWatch } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createLogGroups } from './model/groups.ts';
import { eventOperations } from './operations/events.ts';
import { groupOperations } from './operations/groups.ts';
import { metricFilterOperations } from './operations/metric-filters.ts';

export type Logs = {
  service: Service;
  /** Lines that software writes now. Their group and stream are made where there are none. */
  write(groupName: string, streamName: string, messages: readonly string[]): void;
};

/** CloudWatch Logs: groups, streams and events, and the filters that make metrics of them. */
export const createLogs = (world: World, publish: CloudWatch['publish']): Logs => {
  const logs = createLogGroups(world);
  return {
    write: (groupName, streamName, messages) => {
      if (!logs.groups.has(groupName)) logs.create(groupName);
      const group = logs.expect(groupName);
      if (!group.streams.has(streamName)) logs.createStream(group, streamName);
      const batch = messages.map((message) => ({ timestamp: world.clock.now(), message }));
      logs.ingest(group, logs.expectStream(group, streamName), batch);
    },
    service: {
      signingName: 'logs',
      protocols: ['json'],
      targetPrefix: 'Logs_20140328',
      missingParameter: 'InvalidParameterException',
      operations: { ...groupOperations(logs), ...eventOperations(logs), ...metricFilterOperations(world, logs, publish) },
    },
  };
};
