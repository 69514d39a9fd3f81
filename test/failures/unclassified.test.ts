import { describe } from '@jest/globals';
import { unclassified } from '../../shared/failures/unclassified.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('unclassified', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['ebs', 'snapshot-failed', 'volume vol-0123456789abcdef0', 'escalate'],
    ['ebs', 'snapshot-failed', null, 'escalate'],
    ['aws-health', 'other-issue', 'service charge-card', 'escalate'],
    ['ec2-fleet', 'fleet-failed', 'fleet fleet-598fb973-87b7-422d-be4d-6b0809bfff0a', 'escalate'],
    ['aws-health', 'other-issue', null, 'escalate'],
  ];
  testClaims(unclassified, null, metrics, events);
});
