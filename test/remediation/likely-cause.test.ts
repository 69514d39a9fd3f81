import { describe, expect, test } from '@jest/globals';
import { type FailureId, failureIds } from '../../shared/model/failure-id.ts';
import { likelyCause } from '../../shared/remediation/likely-cause.ts';
import { change, noon } from './examples.ts';

const minute = 60_000;
const at = (minutes: number) => new Date(noon + minutes * minute).toISOString();

describe('the likely cause', () => {
  test('is the last change before the failure that is known to have such effects, and says why', () => {
    const stop = change({ at: at(-2) });
    const changes = [
      change({ call: 'ec2:StartInstances', at: at(3) }),
      change({ call: 'ec2:CreateTags', at: at(-1) }),
      stop,
      change({ at: at(-30) }),
    ];
    expect(likelyCause('instance-stopped', changes, noon)).toEqual({
      change: stop,
      because: 'ec2:StopInstances stops the instance; it was called 2 min 00 s before the failure',
    });
  });

  const unwell = 'host-impaired instance-unreachable status-check-failed';
  const slow = 'target-unhealthy error-rate latency-high canary-failed service-impaired';
  const full = 'load-saturated memory-exhausted disk-full queue-backlog';

  test.each([
    ['stops the instance', `instance-stopped ${unwell} ${slow}`, 'ec2:StopInstances'],
    [
      'ends the instance',
      `instance-terminated instance-stopped ${unwell} ${slow}`,
      'ec2:TerminateInstances autoscaling:TerminateInstanceInAutoScalingGroup',
    ],
    ['restarts the instance', `${unwell} ${slow}`, 'ec2:RebootInstances ec2:StartInstances'],
    [
      'changes how the instance runs or who can reach it',
      `${unwell} ${slow} ${full}`,
      'ec2:ModifyInstanceAttribute ec2:ModifyNetworkInterfaceAttribute ec2:DetachNetworkInterface ec2:ModifyInstanceCreditSpecification ec2:ModifyInstanceMetadataOptions ec2:DisassociateIamInstanceProfile ec2:ReplaceIamInstanceProfileAssociation ec2:CreateReplaceRootVolumeTask',
    ],
    [
      'changes a disk',
      'volume-impaired',
      'ec2:ModifyVolume ec2:AttachVolume ec2:DetachVolume ec2:DeleteVolume ec2:CreateReplaceRootVolumeTask',
    ],
    ['changes a disk', `disk-full ${unwell}`, 'ec2:ModifyVolume ec2:AttachVolume ec2:DetachVolume ec2:DeleteVolume'],
    [
      'changes the number or the choice of members of the group',
      `launch-failed terminate-failed ${full}`,
      'autoscaling:SetDesiredCapacity autoscaling:UpdateAutoScalingGroup autoscaling:StartInstanceRefresh autoscaling:TerminateInstanceInAutoScalingGroup autoscaling:DetachInstances autoscaling:EnterStandby autoscaling:DeleteAutoScalingGroup autoscaling:SuspendProcesses autoscaling:PutScalingPolicy autoscaling:DeletePolicy autoscaling:PutScheduledUpdateGroupAction',
    ],
    ['changes the number or the choice of members of the group', `instance-terminated ${slow}`, 'autoscaling:SetDesiredCapacity'],
    [
      'changes what is behind the load balancer, or how it is checked',
      slow,
      'elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyRule',
    ],
    [
      'restarts or changes the database',
      `database-impaired disk-full load-saturated memory-exhausted ${slow}`,
      'rds:ModifyDBInstance rds:RebootDBInstance rds:StopDBInstance rds:ModifyDBCluster rds:FailoverDBCluster rds:StopDBCluster rds:ModifyDBParameterGroup',
    ],
    [
      'changes the queue or who reads it',
      'queue-backlog',
      'sqs:SetQueueAttributes lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping',
    ],
    [
      'changes its software or settings',
      failureIds.join(' '),
      'codedeploy:CreateDeployment ecs:UpdateService lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:PublishVersion lambda:UpdateAlias cloudformation:UpdateStack cloudformation:ExecuteChangeSet ssm:SendCommand ssm:StartAutomationExecution',
    ],
    [
      'changes what the alarm evaluates, or sets its state by hand',
      failureIds.join(' '),
      'monitoring:PutMetricAlarm monitoring:SetAlarmState',
    ],
  ])('is what %s, for %s', (does, failures, calls) => {
    for (const failure of failures.split(' ') as FailureId[])
      for (const call of calls.split(' '))
        expect(likelyCause(failure, [change({ call })], noon)?.because).toBe(
          `${call} ${does}; it was called 2 min 00 s before the failure`,
        );
  });

  test('counts a change of the second in which it failed', () => {
    expect(likelyCause('instance-stopped', [change({ at: at(0) })], noon)?.because).toContain('it was called 0 s before the failure');
  });

  test.each([
    ['came after it', change({ at: at(1) })],
    ['was refused', change({ error: 'Client.UnauthorizedOperation' })],
    ['is only a tag', change({ call: 'ec2:CreateTags' })],
    ['has another effect', change({ call: 'sqs:SetQueueAttributes' })],
  ])('is nothing that %s', (_, one) => {
    expect(likelyCause('instance-stopped', [one], noon)).toBeNull();
  });

  test('of any failure may be a deployment, and of none a name that no call has', () => {
    for (const failure of failureIds) {
      expect(likelyCause(failure, [change({ call: 'codedeploy:CreateDeployment' })], noon)).not.toBeNull();
      for (const call of ['', 'toString', 'ec2:constructor']) expect(likelyCause(failure, [change({ call })], noon)).toBeNull();
    }
  });
});
