import { describe } from '@jest/globals';
import { databaseImpaired } from '../../shared/failures/database-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('database-impaired', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['rds', 'failed', 'database orders', 'escalate'],
    ['rds', 'failed', null, 'escalate'],
    ['aws-health', 'database-impaired', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'database-impaired', null, 'escalate'],
  ];
  testClaims(databaseImpaired, null, metrics, events);
});
