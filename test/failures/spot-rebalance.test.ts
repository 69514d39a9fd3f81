import { describe, expect, test } from '@jest/globals';
import { classify } from '../../shared/failures/classify.ts';
import { spotRebalance } from '../../shared/failures/spot-rebalance.ts';
import { noRules } from '../../shared/model/classification-rules.ts';
import { decode } from '../../shared/signals/decode.ts';
import { event, instanceId } from '../signals/fixtures.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('spot-rebalance', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['spot-rebalance', 'recommendation', 'instance i-0a1b2c3d4e5f60718', 'ignore'],
    ['spot-rebalance', 'recommendation', null, 'ignore'],
  ];
  testClaims(spotRebalance, 'replace-ahead', metrics, events);

  test('is acted on where the policy opts in', () => {
    const [signal] = decode(event('aws.ec2', 'EC2 Instance Rebalance Recommendation', { 'instance-id': instanceId })).signals;
    if (signal === undefined) throw new Error('no signal');
    const opted = classify(signal, { ...noRules, spotRebalance: 'replace-ahead' });
    expect(opted).toMatchObject({ failure: 'spot-rebalance', disposition: 'remediate', playbook: 'replace-ahead' });
    expect(
      classify({ ...signal, escalateReason: 'two instances' } as typeof signal, { ...noRules, spotRebalance: 'replace-ahead' }).disposition,
    ).toBe('escalate');
  });
});
