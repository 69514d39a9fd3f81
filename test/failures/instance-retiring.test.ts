import { describe } from '@jest/globals';
import { instanceRetiring } from '../../shared/failures/instance-retiring.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('instance-retiring', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['aws-health', 'instance-retiring', 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['aws-health', 'instance-retiring', null, 'escalate'],
    ['aws-health', 'network-maintenance', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'network-maintenance', null, 'escalate'],
    ['aws-health', 'dedicated-host', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'dedicated-host', null, 'escalate'],
    ['aws-health', 'other-ec2-change', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'other-ec2-change', null, 'escalate'],
  ];
  testClaims(instanceRetiring, 'leave-retiring-host', metrics, events);
});
