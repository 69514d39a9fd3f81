import {
  DescribeAutoScalingInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeVolumesCommand, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
const suspend = (...ScalingProcesses: string[]) => new SuspendProcessesCommand({ ...named, ScalingProcesses });
const resume = (...ScalingProcesses: string[]) => new ResumeProcessesCommand({ ...named, ScalingProcesses });

describe('an unhealthy member is replaced', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
  test('some minutes after its status check has become impaired, and not before', async () => {
    const aws = await settledGroup();
    const [hung = ''] = aws.inService();
    aws.ec2.faults['hang-kernel'](hung);
    let impairedAt = 0;
    for (let second = 0; aws.inService().includes(hung); second++) {
      expect(second).toBeLessThan(1200);
      aws.advance(1);
      if (impairedAt === 0 && aws.ec2.get(hung)?.instanceStatus === 'impaired') impairedAt = aws.world.clock.now();
    }
    const took = (aws.world.clock.now() - impairedAt) / 1000;
    expect(impairedAt).toBeGreaterThan(0);
    expect(took).toBeGreaterThanOrEqual(60);
    expect(took).toBeLessThan(400);
    aws.advance(600);
    expect(aws.inService()).toHaveLength(3);
    const [launch, termination] = await aws.activities();
    expect(termination?.Description).toBe(`Terminating EC2 instance: ${hung}`);
    expect(termination?.Cause).toMatch(
      /^At \S+Z an instance was taken out of service in response to an EC2 instance status checks failure\.$/,
    );
    expect(launch?.Cause).toMatch(/^At \S+Z an instance was launched in response to an unhealthy instance needing to be replaced\.$/);
    expect(launch).toMatchObject({ StatusCode: 'Successful', Progress: 100 });
  });

  test('but not one whose status check recovers before the verdict', async () => {
    let recovered = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const aws = await settledGroup({}, seed);
      const [hung = ''] = aws.inService();
      const status = () => aws.ec2.get(hung)?.instanceStatus;
      const heal = aws.ec2.faults['hang-kernel'](hung);
      while (status() !== 'impaired') aws.advance(1);
      aws.advance(seed * 15);
      heal();
      while (status() === 'impaired') aws.advance(1);
      const verdict = async () => (await aws.describe())?.Instances?.find(({ InstanceId }) => InstanceId === hung)?.HealthStatus;
      aws.advance(4);
      if ((await verdict()) !== 'Healthy') continue;
      recovered++;
      aws.advance(3600);
      expect(await verdict()).toBe('Healthy');
    }
    expect(recovered).toBeGreaterThan(3);
  });

  test.each([
    ['stopped', (ids: string[]) => new StopInstancesCommand({ InstanceIds: ids })],
    ['terminated', (ids: string[]) => new TerminateInstancesCommand({ InstanceIds: ids })],
  ])('within a minute when somebody has %s it, whatever the grace period', async (_, command) => {
    const aws = await settledGroup({ HealthCheckGracePeriod: 86_400 });
    const [lost = ''] = aws.inService();
    await aws.ec2Client.send(command([lost]) as StopInstancesCommand);
    aws.advance(60);
    expect(aws.autoScaling.get('web')?.inServiceIds).not.toContain(lost);
    aws.advance(600);
    expect(aws.inService()).toHaveLength(3);
    expect(aws.ec2.get(lost)?.state).toBe('terminated');
    const causes = (await aws.activities()).map(({ Cause }) => Cause);
    expect(causes[1]).toMatch(/in response to an EC2 health check indicating it has been terminated or stopped\.$/);
  });

  test('not before its grace period is over, if it is only impaired', async () => {
    const aws = await settledGroup({ HealthCheckGracePeriod: 3600 });
    const [hung = ''] = aws.inService();
    aws.ec2.faults['hang-kernel'](hung);
    aws.advance(2900);
    expect(aws.inService()).toContain(hung);
    aws.advance(1200);
    expect(aws.inService()).not.toContain(hung);
  });

  test('at a pace of a tenth of the group, one at least', async () => {
    const aws = await settledGroup({ DesiredCapacity: 6 });
    for (const id of aws.inService()) aws.ec2.faults['hang-kernel'](id);
    let fewest = 6;
    for (let i = 0; i < 3600; i += 5) {
      aws.advance(5);
      fewest = Math.min(fewest, aws.inService().length);
    }
    expect(fewest).toBe(5);
    expect(aws.inService()).toHaveLength(6);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-maintenance-policy.html
  test('after its replacement has come into service, where the maintenance policy says so', async () => {
    const aws = await settledGroup({ InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 } });
    const [hung = ''] = aws.inService();
    aws.ec2.faults['hang-kernel'](hung);
    let most = 3;
    let fewest = 3;
    for (let i = 0; i < 1800; i += 5) {
      aws.advance(5);
      most = Math.max(most, aws.inService().length);
      fewest = Math.min(fewest, aws.inService().length);
    }
    expect({ most, fewest }).toEqual({ most: 4, fewest: 3 });
    expect(aws.inService()).toHaveLength(3);
    expect(aws.inService()).not.toContain(hung);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html
  test('also when it is protected from scale in', async () => {
    const aws = await settledGroup({ NewInstancesProtectedFromScaleIn: true });
    const [hung = ''] = aws.inService();
    aws.ec2.faults['hang-kernel'](hung);
    aws.advance(1800);
    expect(aws.inService()).not.toContain(hung);
    expect(aws.inService()).toHaveLength(3);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
  test('for what a load balancer found, if the group asks for that', async () => {
    for (const [HealthCheckType, replaced] of [
      ['EC2', false],
      ['ELB', true],
    ] as const) {
      const aws = await settledGroup({ HealthCheckType });
      const [sick = ''] = aws.inService();
      aws.autoScaling.setElbHealth(sick, false);
      aws.advance(600);
      expect(aws.inService().includes(sick)).toBe(!replaced);
      const causes = (await aws.activities()).map(({ Cause }) => Cause).join();
      expect(causes.includes('an ELB system health check failure')).toBe(replaced);
    }
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/monitor-and-replace-instances-with-impaired-ebs-volumes.html
describe('a member whose volume is impaired', () => {
  test('is replaced if the group asks for that check', async () => {
    for (const [HealthCheckType, replaced] of [
      ['EC2', false],
      ['EC2,EBS', true],
    ] as const) {
      const aws = await settledGroup({ HealthCheckType });
      const [id = ''] = aws.inService();
      const { Volumes } = await aws.ec2Client.send(
        new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
      );
      aws.ec2.faults['impair-volume'](Volumes?.[0]?.VolumeId ?? '');
      aws.advance(1200);
      expect(aws.inService().includes(id)).toBe(!replaced);
    }
  });
});

describe('a suspended process is not carried out', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
  test.each(['ReplaceUnhealthy', 'Terminate', 'HealthCheck'])('%s: an unhealthy member stays until it is resumed', async (process) => {
    const aws = await settledGroup();
    await aws.client.send(suspend(process));
    const [hung = ''] = aws.inService();
    aws.ec2.faults['hang-kernel'](hung);
    aws.advance(7200);
    expect(aws.inService()).toContain(hung);
    const { AutoScalingInstances } = await aws.client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [hung] }));
    expect(AutoScalingInstances?.[0]?.HealthStatus).toBe(process === 'HealthCheck' ? 'HEALTHY' : 'UNHEALTHY');
    await aws.client.send(resume(process));
    aws.advance(1200);
    expect(aws.inService()).not.toContain(hung);
    expect(aws.inService()).toHaveLength(3);
  });

  test('HealthCheck: not even where the group was about to notice', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    await aws.ec2Client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await aws.client.send(suspend('HealthCheck'));
    aws.advance(1200);
    expect((await aws.describe())?.Instances?.find(({ InstanceId }) => InstanceId === id)).toMatchObject({
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
    });
  });

  test('Launch: an unhealthy member is terminated, but not replaced until it is resumed', async () => {
    const aws = await settledGroup();
    await aws.client.send(suspend('Launch'));
    const [hung = ''] = aws.inService();
    aws.ec2.faults['hang-kernel'](hung);
    aws.advance(7200);
    expect(aws.ec2.get(hung)?.state ?? 'terminated').toBe('terminated');
    expect(aws.inService()).toHaveLength(2);
    await aws.client.send(resume('Launch'));
    aws.advance(600);
    expect(aws.inService()).toHaveLength(3);
  });
});

describe('health is set by hand', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceHealth.html
  const set = (InstanceId: string, HealthStatus: string, ShouldRespectGracePeriod?: boolean) =>
    new SetInstanceHealthCommand({
      InstanceId,
      HealthStatus,
      ...(ShouldRespectGracePeriod === undefined ? {} : { ShouldRespectGracePeriod }),
    });

  test('an unhealthy member is replaced, and the cause is a user health-check', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    await aws.client.send(set(id, 'Unhealthy'));
    aws.advance(600);
    expect(aws.inService()).not.toContain(id);
    expect((await aws.activities()).some(({ Cause }) => Cause?.endsWith('in response to a user health-check.'))).toBe(true);
  });

  test('within the grace period only if it need not be respected', async () => {
    const aws = await settledGroup({ HealthCheckGracePeriod: 86_400 });
    const [id = ''] = aws.inService();
    await aws.client.send(set(id, 'Unhealthy'));
    aws.advance(600);
    expect(aws.inService()).toContain(id);
    await aws.client.send(set(id, 'Unhealthy', false));
    aws.advance(600);
    expect(aws.inService()).not.toContain(id);
  });

  test('back to healthy before the group has acted', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    await aws.client.send(set(id, 'Unhealthy'));
    await aws.client.send(set(id, 'Healthy'));
    aws.advance(600);
    expect(aws.inService()).toContain(id);
  });

  test('to nothing else, and on nothing but a member', async () => {
    const aws = await settledGroup();
    expect(await refusal(aws.client.send(set(aws.inService()[0] ?? '', 'Sick')))).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(await refusal(aws.client.send(set('i-0', 'Healthy')))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(/^Instance Id not found/),
    });
  });
});

describe('a member on standby', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
  test('is left alone when it is stopped, and comes back into service', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    const input = { ...named, InstanceIds: [id] };
    const told = aws.events().length;
    const entered = await aws.client.send(new EnterStandbyCommand({ ...input, ShouldDecrementDesiredCapacity: true }));
    expect(entered.Activities).toMatchObject([
      { Description: `Moving EC2 instance to Standby: ${id}`, StatusCode: 'InProgress', Progress: 50 },
    ]);
    expect(entered.Activities?.[0]?.Cause).toMatch(
      new RegExp(`^At \\S+Z instance ${id} was moved to standby in response to a user request, shrinking the capacity from 3 to 2\\.$`),
    );
    aws.advance(60);
    expect(aws.events()).toHaveLength(told);
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 2 });
    await aws.ec2Client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    aws.advance(1200);
    expect((await aws.describe())?.Instances?.find(({ InstanceId }) => InstanceId === id)).toMatchObject({
      LifecycleState: 'Standby',
      HealthStatus: 'Healthy',
    });
    expect(aws.autoScaling.get('web')?.memberIds).toHaveLength(3);
    expect(await refusal(aws.client.send(new EnterStandbyCommand({ ...input, ShouldDecrementDesiredCapacity: true })))).toMatchObject({
      message: `The instance ${id} is not in InService.`,
    });
  });

  test('is replaced unless desired capacity is decremented, and takes part again when it exits', async () => {
    const aws = await settledGroup();
    const [id = ''] = aws.inService();
    await aws.client.send(new EnterStandbyCommand({ ...named, InstanceIds: [id], ShouldDecrementDesiredCapacity: false }));
    aws.advance(600);
    expect(aws.inService()).toHaveLength(3);
    expect(aws.inService()).not.toContain(id);
    const exited = await aws.client.send(new ExitStandbyCommand({ ...named, InstanceIds: [id] }));
    expect(exited.Activities).toMatchObject([{ StatusCode: 'PreInService', Progress: 30 }]);
    aws.advance(600);
    expect(await aws.describe()).toMatchObject({ DesiredCapacity: 4 });
    expect(aws.inService()).toContain(id);
  });

  test('may not take the group below its minimum or, coming back, above its maximum', async () => {
    const aws = await settledGroup({ MinSize: 3, MaxSize: 3 });
    const [id = ''] = aws.inService();
    const enter = (ShouldDecrementDesiredCapacity: boolean) =>
      aws.client.send(new EnterStandbyCommand({ ...named, InstanceIds: [id], ShouldDecrementDesiredCapacity }));
    expect(await refusal(enter(true))).toMatchObject({
      code: 'ValidationError',
      message:
        'AutoScalingGroup web has min-size=3, max-size=3, and desired-size=3. To place into standby 1 instance, please update the AutoScalingGroup sizes appropriately.',
    });
    await enter(false);
    aws.advance(600);
    expect(await refusal(aws.client.send(new ExitStandbyCommand({ ...named, InstanceIds: [id] })))).toMatchObject({
      code: 'ValidationError',
    });
  });
});
