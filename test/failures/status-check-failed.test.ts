import { describe } from '@jest/globals';
import { statusCheckFailed } from '../../shared/failures/status-check-failed.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { group, instance, nothing } from './targets.ts';

describe('status-check-failed', () => {
  const metrics: MetricClaim[] = [
    [['AWS/EC2'], ['StatusCheckFailed'], 'above', [instance], 'remediate'],
    [['AWS/EC2'], ['StatusCheckFailed'], 'above', [group, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(statusCheckFailed, 'restore-status-checks', metrics, events);
});
