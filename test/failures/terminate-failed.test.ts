import { describe } from '@jest/globals';
import { terminateFailed } from '../../shared/failures/terminate-failed.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('terminate-failed', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['auto-scaling', 'terminate-failed', 'group web', 'escalate'],
    ['auto-scaling', 'terminate-failed', null, 'escalate'],
  ];
  testClaims(terminateFailed, null, metrics, events);
});
