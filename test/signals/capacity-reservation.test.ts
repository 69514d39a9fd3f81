import { describe, expect, test } from '@jest/globals';
import { event, instanceId, verdictOf } from './fixtures.ts';

describe('capacity-reservation', () => {
  test('an interruption is told to a person, with its deadline', () => {
    const detail = { 'instance-id': instanceId, 'instance-action': 'terminate', 'instance-termination-time': '2026-11-20T13:37:12Z' };
    const resources = `arn:aws:ec2:us-west-2:111122223333:instance/${instanceId}`;
    expect(verdictOf(event('aws.ec2', 'EC2 Capacity Reservation Instance Interruption Warning', detail, { resources }))).toMatchObject({
      failure: 'spot-interruption',
      disposition: 'escalate',
      playbook: null,
      resource: { type: 'instance', id: instanceId },
      evidence: { deadline: '2026-11-20T13:37:12Z' },
    });
    const short = event('aws.ec2', 'EC2 Capacity Reservation Instance Interruption Warning', { 'instance-id': instanceId });
    expect(verdictOf(short).reason).toContain('short notice');
  });
});
