import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, instanceId, verdictOf } from './fixtures.ts';

describe('spot-interruption', () => {
  test.each(['terminate', 'stop', 'hibernate', undefined])('a warning to %s is acted on ahead', (action) => {
    expect(
      verdictOf(event('aws.ec2', 'EC2 Spot Instance Interruption Warning', { 'instance-id': instanceId, 'instance-action': action })),
    ).toMatchObject({
      failure: 'spot-interruption',
      disposition: 'remediate',
      playbook: 'replace-ahead',
      resource: { type: 'instance', id: instanceId },
      evidence: action === undefined ? {} : { action },
    });
  });

  test('its ARN names a zone and no account; one that names another instance is told to a person', () => {
    const warning = (id: string) =>
      event(
        'aws.ec2',
        'EC2 Spot Instance Interruption Warning',
        { 'instance-id': instanceId, 'instance-action': 'terminate' },
        { resources: [`arn:aws:ec2:us-west-2a:instance/${id}`] },
      );
    expect(verdictOf(warning(instanceId)).disposition).toBe('remediate');
    expect(verdictOf(warning('i-0f9e8d7c6b5a43210'))).toMatchObject({ disposition: 'escalate', resource: { id: instanceId } });
  });

  test('only from EC2, and only about an instance', () => {
    expect(verdictOf(event('my.ec2', 'EC2 Spot Instance Interruption Warning', { 'instance-id': instanceId })).disposition).toBe('ignore');
    expect(readEvent(event('aws.ec2', 'EC2 Spot Instance Interruption Warning', {})).rejected).toHaveLength(1);
  });
});
