import { describe } from '@jest/globals';
import { instanceStopped } from '../../shared/failures/instance-stopped.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('instance-stopped', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['ec2-state', 'stopped', 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['ec2-state', 'stopped', null, 'escalate'],
  ];
  testClaims(instanceStopped, 'start-instance', metrics, events);
});
