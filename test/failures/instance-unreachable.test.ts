import { describe } from '@jest/globals';
import { instanceUnreachable } from '../../shared/failures/instance-unreachable.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('instance-unreachable', () => {
  const metrics: MetricClaim[] = [
    ['AWS/EC2', 'StatusCheckFailed_Instance', 'above', { InstanceId: 'i-0a1b2c3d4e5f60718' }, 'instance i-0a1b2c3d4e5f60718', 'remediate'],
    ['AWS/EC2', 'StatusCheckFailed_Instance', 'above', { AutoScalingGroupName: 'web' }, 'group web', 'escalate'],
    ['AWS/EC2', 'StatusCheckFailed_Instance', 'above', {}, 'alarm an-alarm', 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(instanceUnreachable, 'restart-instance', metrics, events);
});
