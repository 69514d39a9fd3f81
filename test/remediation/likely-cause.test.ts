import { describe, expect, test } from '@jest/globals';
import { failureIds } from '../../shared/model/failure-id.ts';
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

  test.each([
    ['instance-terminated', 'autoscaling:SetDesiredCapacity'],
    ['instance-unreachable', 'ec2:ModifyInstanceAttribute'],
    ['volume-impaired', 'ec2:DetachVolume'],
    ['load-saturated', 'autoscaling:UpdateAutoScalingGroup'],
    ['load-saturated', 'rds:ModifyDBInstance'],
    ['target-unhealthy', 'elasticloadbalancing:DeregisterTargets'],
    ['error-rate', 'lambda:UpdateFunctionCode'],
    ['database-impaired', 'rds:RebootDBInstance'],
    ['queue-backlog', 'sqs:SetQueueAttributes'],
    ['memory-exhausted', 'ssm:SendCommand'],
    ['unclassified', 'monitoring:PutMetricAlarm'],
  ] as const)('of %s may be %s', (failure, call) => {
    expect(likelyCause(failure, [change({ call })], noon)?.change.call).toBe(call);
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
