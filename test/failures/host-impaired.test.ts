import { describe } from '@jest/globals';
import { hostImpaired } from '../../shared/failures/host-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { group, instance, nothing } from './targets.ts';

describe('host-impaired', () => {
  const metrics: MetricClaim[] = [
    [['AWS/EC2'], ['StatusCheckFailed_System'], 'above', [instance], 'remediate'],
    [['AWS/EC2'], ['StatusCheckFailed_System'], 'above', [group, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [
    ['aws-health', 'hardware-issue', 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['aws-health', 'hardware-issue', null, 'escalate'],
  ];
  testClaims(hostImpaired, 'recover-host', metrics, events);
});
