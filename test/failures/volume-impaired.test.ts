import { describe } from '@jest/globals';
import { volumeImpaired } from '../../shared/failures/volume-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('volume-impaired', () => {
  const metrics: MetricClaim[] = [
    [
      'AWS/EC2',
      'StatusCheckFailed_AttachedEBS',
      'above',
      { InstanceId: 'i-0a1b2c3d4e5f60718' },
      'instance i-0a1b2c3d4e5f60718',
      'escalate',
    ],
    ['AWS/EC2', 'StatusCheckFailed_AttachedEBS', 'above', { AutoScalingGroupName: 'web' }, 'group web', 'escalate'],
    ['AWS/EC2', 'StatusCheckFailed_AttachedEBS', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/EBS', 'VolumeStalledIOCheck', 'above', { VolumeId: 'vol-0123456789abcdef0' }, 'volume vol-0123456789abcdef0', 'escalate'],
    ['AWS/EBS', 'VolumeStalledIOCheck', 'above', {}, 'alarm an-alarm', 'escalate'],
  ];
  const events: EventClaim[] = [
    ['ebs', 'volume-failed', 'volume vol-0123456789abcdef0', 'escalate'],
    ['ebs', 'volume-failed', null, 'escalate'],
    ['aws-health', 'volume-impaired', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'volume-impaired', null, 'escalate'],
  ];
  testClaims(volumeImpaired, null, metrics, events);
});
