import { describe } from '@jest/globals';
import { instanceTerminated } from '../../shared/failures/instance-terminated.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('instance-terminated', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['ec2-state', 'terminated', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['ec2-state', 'terminated', null, 'escalate'],
  ];
  testClaims(instanceTerminated, null, metrics, events);
});
