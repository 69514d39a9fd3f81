import { describe } from '@jest/globals';
import { volumeImpaired } from '../../shared/failures/volume-impaired.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { group, instance, nothing, volume } from './targets.ts';

describe('volume-impaired', () => {
  const metrics: MetricClaim[] = [
    [['AWS/EC2'], ['StatusCheckFailed_AttachedEBS'], 'above', [instance, group, nothing], 'escalate'],
    [['AWS/EBS'], ['VolumeStalledIOCheck'], 'above', [volume, nothing], 'escalate'],
  ];
  const events: EventClaim[] = [
    ['ebs', 'volume-failed', 'volume vol-0123456789abcdef0', 'escalate'],
    ['ebs', 'volume-failed', null, 'escalate'],
    ['aws-health', 'volume-impaired', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'volume-impaired', null, 'escalate'],
  ];
  testClaims(volumeImpaired, null, metrics, events);
});
