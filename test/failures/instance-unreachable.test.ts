import { describe } from '@jest/globals';
import { instanceUnreachable } from '../../shared/failures/instance-unreachable.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { group, instance, nothing } from './targets.ts';

describe('instance-unreachable', () => {
  const metrics: MetricClaim[] = [
    [['AWS/EC2'], ['StatusCheckFailed_Instance'], 'above', [instance], 'remediate'],
    [['AWS/EC2'], ['StatusCheckFailed_Instance'], 'above', [group, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(instanceUnreachable, 'restart-instance', metrics, events);
});
