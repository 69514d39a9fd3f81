import { defineFailure, metricAlarm } from './define.ts';

const machines = ['instance', 'group'] as const;

export const memoryExhausted = defineFailure({
  id: 'memory-exhausted',
  severity: 'high',
  says: 'memory is running out',
  match: [
    metricAlarm({
      namespace: 'CWAgent',
      metric: ['mem_used_percent', 'MemoryUtilization', 'Memory % Committed Bytes In Use'],
      direction: 'above',
      subject: machines,
    }),
    metricAlarm({
      namespace: 'CWAgent',
      metric: ['mem_available_percent', 'mem_available', 'Memory Available MBytes', 'Memory Available Mbytes', 'Memory Available Bytes'],
      direction: 'below',
      subject: machines,
    }),
    metricAlarm({
      namespace: 'CWAgent',
      metric: 'mem_free',
      direction: 'below',
      subject: machines,
      because: 'Linux uses free memory for its page cache, so it is low on every healthy host; available memory is the measure',
    }),
    metricAlarm({ namespace: 'System/Linux', metric: 'MemoryUtilization', direction: 'above', subject: machines }),
    metricAlarm({ namespace: 'System/Windows', metric: 'MemoryUtilization', direction: 'above', subject: machines }),
    metricAlarm({ namespace: 'AWS/EC2', metric: 'MemoryUtilization', direction: 'above', subject: machines }),
    metricAlarm({ namespace: 'AWS/ECS', metric: 'MemoryUtilization', direction: 'above', subject: 'service', playbook: 'scale-service' }),
    metricAlarm({ namespace: 'AWS/ECS', metric: 'MemoryReservation', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/RDS', metric: 'FreeableMemory', direction: 'below', named: 'database' }),
    metricAlarm({ namespace: 'AWS/DocDB', metric: 'FreeableMemory', direction: 'below', named: 'database' }),
    metricAlarm({ namespace: 'AWS/Neptune', metric: 'FreeableMemory', direction: 'below', named: 'database' }),
    metricAlarm({ namespace: 'AWS/ElastiCache', metric: 'FreeableMemory', direction: 'below', named: 'database' }),
    metricAlarm({ namespace: 'AWS/ElastiCache', metric: 'DatabaseMemoryUsagePercentage', direction: 'above', named: 'database' }),
    metricAlarm({ namespace: 'AWS/ES', metric: 'JVMMemoryPressure', direction: 'above', named: 'database' }),
    metricAlarm({ namespace: 'LambdaInsights', metric: 'memory_utilization', direction: 'above', named: 'service' }),
  ],
  playbook: 'relieve-memory',
});
