import { describe, expect, test } from '@jest/globals';
import { event, instanceId, verdictOf } from './fixtures.ts';

describe('spot-rebalance', () => {
  test('a recommendation is named, and left alone', () => {
    expect(verdictOf(event('aws.ec2', 'EC2 Instance Rebalance Recommendation', { 'instance-id': instanceId }))).toMatchObject({
      failure: 'spot-rebalance',
      disposition: 'ignore',
      playbook: null,
      resource: { type: 'instance', id: instanceId },
    });
  });
});
