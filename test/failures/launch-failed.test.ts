import { describe } from '@jest/globals';
import { launchFailed } from '../../shared/failures/launch-failed.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('launch-failed', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['auto-scaling', 'launch-failed', 'group web', 'escalate'],
    ['auto-scaling', 'launch-failed', null, 'escalate'],
    ['ec2-fleet', 'launch-failed', 'fleet fleet-598fb973-87b7-422d-be4d-6b0809bfff0a', 'escalate'],
    ['ec2-fleet', 'launch-failed', null, 'escalate'],
  ];
  testClaims(launchFailed, null, metrics, events);
});
