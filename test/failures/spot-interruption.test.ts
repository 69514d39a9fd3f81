import { describe } from '@jest/globals';
import { spotInterruption } from '../../shared/failures/spot-interruption.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('spot-interruption', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['spot-interruption', 'interruption', 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['spot-interruption', 'interruption', null, 'escalate'],
    ['capacity-reservation', 'interruption', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['capacity-reservation', 'interruption', null, 'escalate'],
  ];
  testClaims(spotInterruption, 'replace-ahead', metrics, events);
});
