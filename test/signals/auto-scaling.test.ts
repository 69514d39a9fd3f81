import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { launchCause } from '../../shared/signals/auto-scaling.ts';
import { event, snsRecord, verdictOf } from './fixtures.ts';

const activity = (type: string, parts: object = {}) =>
  event('aws.autoscaling', type, { AutoScalingGroupName: 'web', StatusMessage: '', ...parts });
const notice = (Event: unknown, parts: object = {}) => ({
  Records: [
    snsRecord({
      Event,
      AccountId: '444455556666',
      AutoScalingGroupARN: 'arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:x:autoScalingGroupName/web',
      AutoScalingGroupName: 'web',
      Time: '2026-11-20T13:00:00.500Z',
      ...parts,
    }),
  ],
});
const group = { type: 'group', id: 'web' };

describe('auto-scaling', () => {
  test.each([
    ['EC2 Instance Launch Unsuccessful', 'launch-failed', 'escalate'],
    ['EC2 Instance Terminate Unsuccessful', 'terminate-failed', 'escalate'],
    ['EC2 Instance Launch Successful', null, 'ignore'],
    ['EC2 Instance Terminate Successful', null, 'ignore'],
    ['EC2 Instance-launch Lifecycle Action', null, 'ignore'],
    ['EC2 Instance-terminate Lifecycle Action', null, 'ignore'],
  ])('%s is %s: %s', (type, failure, disposition) => {
    expect(verdictOf(activity(type))).toMatchObject({ failure, disposition, resource: group, playbook: null });
  });

  test.each([
    ['autoscaling:EC2_INSTANCE_LAUNCH_ERROR', 'launch-failed', 'escalate'],
    ['autoscaling:EC2_INSTANCE_TERMINATE_ERROR', 'terminate-failed', 'escalate'],
    ['autoscaling:EC2_INSTANCE_LAUNCH', null, 'ignore'],
    ['autoscaling:EC2_INSTANCE_TERMINATE', null, 'ignore'],
    ['autoscaling:TEST_NOTIFICATION', null, 'ignore'],
    ['autoscaling:SOMETHING_NEW', null, 'ignore'],
    ['constructor', null, 'ignore'],
  ])('the notification %s is %s: %s', (name, failure, disposition) => {
    expect(verdictOf(notice(name))).toMatchObject({
      failure,
      disposition,
      resource: group,
      account: '444455556666',
      region: 'eu-west-1',
      at: Date.parse('2026-11-20T13:00:00.500Z'),
    });
  });

  test('a notification without account and ARN is placed by its topic', () => {
    expect(
      verdictOf(notice('autoscaling:EC2_INSTANCE_LAUNCH_ERROR', { AccountId: '1', AutoScalingGroupARN: null, Time: 'now' })),
    ).toMatchObject({
      account: '111122223333',
      region: 'us-west-2',
      at: Date.parse('2026-11-20T13:35:13.000Z'),
    });
  });

  test('a failure says whether it is capacity, quota or configuration', () => {
    const reason = (StatusMessage: string) => verdictOf(activity('EC2 Instance Launch Unsuccessful', { StatusMessage })).evidence.cause;
    expect(reason('We currently do not have sufficient m7g.large capacity in the Availability Zone you requested.')).toBe('capacity');
    expect(reason('You have requested more vCPU capacity than your current vCPU limit of 32 allows.')).toBe('quota');
    expect(reason('Your quota allows for 0 more running instance(s).')).toBe('quota');
    expect(reason('The security group does not exist.')).toBe('configuration');
    expect(launchCause('Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity.')).toBe('capacity');
    expect(launchCause('VcpuLimitExceeded')).toBe('quota');
    expect(launchCause('UnfulfillableCapacity - There is no Spot capacity available that matches your request.')).toBe('capacity');
    expect(launchCause('ReservationCapacityExceeded')).toBe('capacity');
    expect(launchCause('The requested reservation does not have sufficient compatible and available capacity for this request.')).toBe(
      'capacity',
    );
    expect(launchCause('Max spot instance count exceeded')).toBe('quota');
    expect(launchCause('MaxSpotInstanceCountExceeded')).toBe('quota');
    expect(launchCause('You have requested more instances (5) than your current instance limit of 4 allows.')).toBe('quota');
    expect(launchCause('There are not enough free addresses in subnet subnet-0a1b2c3d.')).toBe('configuration');
  });

  test('what failed is in the description where there is no status message', () => {
    expect(verdictOf(activity('EC2 Instance Launch Unsuccessful', { Description: 'Launching a new EC2 instance.' })).reason).toContain(
      'Launching a new EC2 instance.',
    );
  });

  test('a failure of no group is rejected, an activity of none is ignored', () => {
    expect(readEvent(activity('EC2 Instance Launch Unsuccessful', { AutoScalingGroupName: undefined })).rejected[0]?.error).toContain(
      'AutoScalingGroupName',
    );
    expect(verdictOf(activity('EC2 Instance Launch Successful', { AutoScalingGroupName: undefined })).resource).toBeNull();
  });
});
