import { describe } from '@jest/globals';
import { applicationDown } from '../../shared/failures/application-down.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { group, instance, nothing } from './targets.ts';

describe('application-down', () => {
  const metrics: MetricClaim[] = [
    [['CWAgent'], ['procstat_lookup_pid_count', 'procstat_lookup pid_count'], 'below', [instance, group, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [['heartbeat', 'missed', 'instance i-0a1b2c3d4e5f60718', 'escalate']];
  testClaims(applicationDown, null, metrics, events);
});
