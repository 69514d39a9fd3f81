import { describe } from '@jest/globals';
import { memoryExhausted } from '../../shared/failures/memory-exhausted.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { cache, database, domain, ecsService, group, instance, lambdaFunction, nothing } from './targets.ts';

describe('memory-exhausted', () => {
  const metrics: MetricClaim[] = [
    [['CWAgent'], ['mem_used_percent', 'MemoryUtilization', 'Memory % Committed Bytes In Use'], 'above', [instance, group], 'remediate'],
    [['CWAgent'], ['mem_used_percent'], 'above', [nothing], 'escalate'],
    [
      ['CWAgent'],
      ['mem_available_percent', 'mem_available', 'Memory Available MBytes', 'Memory Available Mbytes', 'Memory Available Bytes'],
      'below',
      [instance],
      'remediate',
    ],
    [
      ['CWAgent'],
      ['mem_available_percent', 'mem_available', 'Memory Available MBytes', 'Memory Available Bytes'],
      'below',
      [group],
      'remediate',
    ],
    [['CWAgent'], ['mem_available_percent'], 'below', [nothing], 'escalate'],
    [['CWAgent'], ['mem_free'], 'below', [instance, group], 'escalate'],
    [['System/Linux', 'System/Windows', 'AWS/EC2'], ['MemoryUtilization'], 'above', [instance, group], 'remediate'],
    [['System/Linux', 'System/Windows', 'AWS/EC2', 'AWS/ECS'], ['MemoryUtilization'], 'above', [nothing], 'escalate'],
    [['AWS/ECS'], ['MemoryUtilization', 'MemoryReservation'], 'above', [ecsService], 'escalate'],
    [['AWS/RDS', 'AWS/DocDB', 'AWS/Neptune'], ['FreeableMemory'], 'below', [database, nothing], 'escalate'],
    [['AWS/ElastiCache'], ['FreeableMemory'], 'below', [cache, nothing], 'escalate'],
    [['AWS/ElastiCache'], ['DatabaseMemoryUsagePercentage'], 'above', [cache, nothing], 'escalate'],
    [['AWS/ES'], ['JVMMemoryPressure'], 'above', [domain, nothing], 'escalate'],
    [['LambdaInsights'], ['memory_utilization'], 'above', [lambdaFunction, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(memoryExhausted, 'relieve-memory', metrics, events);
});
