import { describe } from '@jest/globals';
import { zoneImpaired } from '../../shared/failures/zone-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('zone-impaired', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['aws-health', 'zone-impaired', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'zone-impaired', null, 'escalate'],
    ['zonal-shift', 'autoshift', 'zone usw2-az2', 'escalate'],
    ['zonal-shift', 'autoshift', null, 'escalate'],
  ];
  testClaims(zoneImpaired, null, metrics, events);
});
