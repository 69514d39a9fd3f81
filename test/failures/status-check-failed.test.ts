import { describe } from '@jest/globals';
import { statusCheckFailed } from '../../shared/failures/status-check-failed.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('status-check-failed', () => {
  const metrics: MetricClaim[] = [
    ['AWS/EC2', 'StatusCheckFailed', 'above', { InstanceId: 'i-0a1b2c3d4e5f60718' }, 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['AWS/EC2', 'StatusCheckFailed', 'above', { AutoScalingGroupName: 'web' }, 'group web', 'escalate'],
    ['AWS/EC2', 'StatusCheckFailed', 'above', {}, 'alarm an-alarm', 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(statusCheckFailed, 'restore-status-checks', metrics, events);
});
