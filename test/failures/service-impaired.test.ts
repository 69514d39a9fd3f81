import { describe } from '@jest/globals';
import { serviceImpaired } from '../../shared/failures/service-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('service-impaired', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['ecs', 'service-impaired', 'task arn:aws:ecs:us-west-2:111122223333:task/prod/0123456789abcdef', 'escalate'],
    ['ecs', 'service-impaired', null, 'escalate'],
    ['ecs', 'deployment-failed', 'task arn:aws:ecs:us-west-2:111122223333:task/prod/0123456789abcdef', 'escalate'],
    ['ecs', 'deployment-failed', null, 'escalate'],
    ['ecs', 'task-failed', 'task arn:aws:ecs:us-west-2:111122223333:task/prod/0123456789abcdef', 'escalate'],
    ['ecs', 'task-failed', null, 'escalate'],
  ];
  testClaims(serviceImpaired, null, metrics, events);
});
