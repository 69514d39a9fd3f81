import { expect, test } from '@jest/globals';
import { ownAction } from '../../shared/model/alarm-action.ts';

test.each([
  ['arn:aws:automate:us-east-1:ec2:reboot', { kind: 'instance', does: 'reboot' }],
  ['arn:aws-us-gov:automate:us-gov-west-1:ec2:recover', { kind: 'instance', does: 'recover' }],
  ['arn:aws:automate:eu-central-1:ec2:stop', { kind: 'instance', does: 'stop' }],
  ['arn:aws-cn:automate:cn-north-1:ec2:terminate', { kind: 'instance', does: 'terminate' }],
  ['arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Reboot/1.0', { kind: 'instance', does: 'reboot' }],
  ['arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Terminate/1.0', { kind: 'instance', does: 'terminate' }],
  [
    'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:0f0e:autoScalingGroupName/my web group:policyName/out',
    { kind: 'scaling', group: 'my web group' },
  ],
  [
    'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:0f0e:resource/ecs/service/shop/api:policyName/out',
    { kind: 'scaling', group: null },
  ],
  ['arn:aws:lambda:us-east-1:123456789012:function:own-healer', { kind: 'function', name: 'own-healer' }],
  ['arn:aws:lambda:us-east-1:123456789012:function:own-healer:live', { kind: 'function', name: 'own-healer' }],
  ['arn:aws:sns:us-east-1:123456789012:people', { kind: 'other' }],
  ['arn:aws:sns:us-east-1:123456789012:automate:us-east-1:ec2:reboot', { kind: 'other' }],
  ['', { kind: 'other' }],
])('%s is what it says', (arn, action) => {
  expect(ownAction(arn)).toEqual(action);
});
