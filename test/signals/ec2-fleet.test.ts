import { describe, expect, test } from '@jest/globals';
import { event, verdictOf } from './fixtures.ts';

const fleet = (
  source: string,
  type: string,
  subType: string | undefined,
  resource = 'fleet/fleet-598fb973-87b7-422d-be4d-6b0809bfff0a',
) => {
  return event(source, type, { 'sub-type': subType }, { resources: [`arn:aws:ec2:us-west-2:111122223333:${resource}`] });
};

describe('ec2-fleet', () => {
  test.each([
    ['EC2 Fleet Error', 'iamFleetRoleInvalid', 'launch-failed', 'escalate'],
    ['EC2 Fleet Error', undefined, 'launch-failed', 'escalate'],
    ['EC2 Fleet Information', 'fleetProgressHalted', 'launch-failed', 'escalate'],
    ['EC2 Fleet Information', 'launchSpecUnusable', null, 'ignore'],
    ['EC2 Fleet Information', 'registerWithLoadBalancersFailed', 'unclassified', 'escalate'],
    ['EC2 Fleet Information', 'somethingNewFailed', 'unclassified', 'escalate'],
    ['EC2 Fleet State Change', 'active', null, 'ignore'],
    ['EC2 Fleet Instance Change', 'terminated', null, 'ignore'],
  ])('%s %s is %s: %s', (type, subType, failure, disposition) => {
    expect(verdictOf(fleet('aws.ec2fleet', type, subType))).toMatchObject({
      failure,
      disposition,
      resource: { type: 'fleet', id: 'fleet-598fb973-87b7-422d-be4d-6b0809bfff0a' },
    });
  });

  test('Spot Fleets speak with their own source', () => {
    const request = 'spot-fleet-request/sfr-4b6d274d-0cea-4b2c-b3be-9dc627ad1f55';
    expect(verdictOf(fleet('aws.ec2spotfleet', 'EC2 Spot Fleet Error', 'spotInstanceCountLimitExceeded', request))).toMatchObject({
      failure: 'launch-failed',
      resource: { type: 'fleet' },
    });
    expect(verdictOf(fleet('aws.ec2spotfleet', 'EC2 Spot Fleet Instance Change', 'launched', request)).disposition).toBe('ignore');
  });

  test('an error of no fleet is still told', () => {
    expect(verdictOf(fleet('aws.ec2fleet', 'EC2 Fleet Error', 'x', 'instance/i-1'))).toMatchObject({
      failure: 'launch-failed',
      disposition: 'escalate',
      resource: { type: 'region', id: 'us-west-2' },
    });
  });
});
