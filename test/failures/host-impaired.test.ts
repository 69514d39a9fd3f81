import { describe } from '@jest/globals';
import { hostImpaired } from '../../shared/failures/host-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('host-impaired', () => {
  const metrics: MetricClaim[] = [
    ['AWS/EC2', 'StatusCheckFailed_System', 'above', { InstanceId: 'i-0a1b2c3d4e5f60718' }, 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['AWS/EC2', 'StatusCheckFailed_System', 'above', { AutoScalingGroupName: 'web' }, 'group web', 'escalate'],
    ['AWS/EC2', 'StatusCheckFailed_System', 'above', {}, 'alarm an-alarm', 'escalate'],
  ];
  const events: EventClaim[] = [
    ['aws-health', 'hardware-issue', 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['aws-health', 'hardware-issue', null, 'escalate'],
  ];
  testClaims(hostImpaired, 'recover-host', metrics, events);
});
