import {
  CreateLaunchConfigurationCommand,
  DetachInstancesCommand,
  DisableMetricsCollectionCommand,
  EnableMetricsCollectionCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { scalingWorld, settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
/** Without detailed monitoring, EC2 has datapoints every five minutes. */
const period = 300_000;

describe('work that a group shares', () => {
  test('is spread over the members in service, and again when there are more of them', async () => {
    const aws = await settledGroup({ DesiredCapacity: 2 });
    const cpu = (at = aws.world.clock.now()) => aws.autoScaling.metrics('CPUUtilization', named, Math.floor(at / period) * period);
    const idle = cpu() ?? 0;
    const end = aws.autoScaling.addLoad('web', 140);
    aws.advance(300);
    const loadedAt = aws.world.clock.now();
    const loaded = cpu() ?? 0;
    expect(loaded).toBeGreaterThan(65);
    expect(loaded).toBeLessThan(80);
    await aws.client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 4 }));
    aws.advance(900);
    const relieved = cpu() ?? 0;
    expect(relieved).toBeGreaterThan(30);
    expect(relieved).toBeLessThan(45);
    end();
    aws.advance(600);
    expect(cpu()).toBeLessThan(10);
    expect(cpu(loadedAt)).toBe(loaded);
    expect(idle).toBeLessThan(10);
  });

  test('adds up, and never takes more than all of a CPU', async () => {
    const aws = await settledGroup({ DesiredCapacity: 1 });
    aws.autoScaling.addLoad('web', 90);
    const end = aws.autoScaling.addLoad('web', 90);
    aws.advance(300);
    const [id = ''] = aws.inService();
    const cpu = () => aws.ec2.metrics('CPUUtilization', { InstanceId: id }, Math.floor(aws.world.clock.now() / period) * period) ?? 0;
    expect(cpu()).toBeGreaterThan(95);
    expect(cpu()).toBeLessThanOrEqual(100);
    end();
    aws.advance(600);
    expect(cpu()).toBeLessThan(97);
    expect(() => aws.autoScaling.addLoad('none', 1)).toThrow(RangeError);
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
  test('is the mean over those who are members at the time', async () => {
    const aws = await settledGroup({ DesiredCapacity: 3 });
    aws.autoScaling.addLoad('web', 90);
    const cpu = (at = aws.world.clock.now()) => aws.autoScaling.metrics('CPUUtilization', named, Math.floor(at / period) * period) ?? 0;
    aws.advance(600);
    const before = aws.world.clock.now();
    const shared = cpu();
    const [id = ''] = aws.inService();
    await aws.client.send(new DetachInstancesCommand({ ...named, InstanceIds: [id], ShouldDecrementDesiredCapacity: true }));
    aws.advance(60);
    aws.ec2.setLoad(id, 100);
    aws.advance(900);
    expect(cpu()).toBeGreaterThan(40);
    expect(cpu()).toBeLessThan(55);
    expect(cpu(before)).toBe(shared);
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/enable-as-instance-metrics.html
  test('shows every minute with detailed monitoring, which launch configurations have unless they say otherwise', async () => {
    for (const [InstanceMonitoring, minutes] of [
      [undefined, 5],
      [{ Enabled: false }, 1],
    ] as const) {
      const aws = await scalingWorld();
      const configuration = {
        LaunchConfigurationName: 'old',
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: 't3.micro',
        InstanceMonitoring,
      };
      await aws.client.send(new CreateLaunchConfigurationCommand(configuration));
      await aws.create({ LaunchTemplate: undefined, LaunchConfigurationName: 'old' });
      aws.advance(1200);
      const start = Math.floor(aws.world.clock.now() / period) * period;
      const times = [0, 1, 2, 3, 4].map((n) => start - n * 60_000);
      const values = times.map((at) => aws.autoScaling.metrics('CPUUtilization', named, at));
      expect(values.filter((value) => value !== undefined)).toHaveLength(minutes);
    }
  });

  test('is the same history for the same seed', async () => {
    const run = async () => {
      const aws = await settledGroup({ DesiredCapacity: 5 }, 7);
      aws.autoScaling.addLoad('web', 200);
      aws.ec2.faults['hang-kernel'](aws.inService()[2] ?? '');
      aws.advance(3600);
      return JSON.stringify([aws.world.outbox, await aws.activities(), await aws.describe()]);
    };
    expect(await run()).toBe(await run());
  });
});

describe('group metrics', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
  test('exist only while they are collected, and tell of the past', async () => {
    const aws = await settledGroup();
    const read = (name: string, at = aws.world.clock.now()) => aws.autoScaling.metrics(name, named, at);
    expect(read('GroupInServiceInstances')).toBeUndefined();
    await aws.client.send(new EnableMetricsCollectionCommand({ ...named, Granularity: '1Minute' }));
    const before = aws.world.clock.now();
    await aws.client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 5 }));
    aws.advance(600);
    expect(read('GroupInServiceInstances', before)).toBe(3);
    expect(read('GroupInServiceInstances')).toBe(5);
    expect(read('GroupDesiredCapacity')).toBe(5);
    expect(read('GroupTotalInstances')).toBe(5);
    expect(read('GroupMaxSize')).toBe(10);
    expect(read('GroupPendingInstances')).toBe(0);
    await aws.client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 2 }));
    aws.advance(1200);
    expect([read('GroupInServiceInstances'), read('GroupTerminatingInstances'), read('GroupTotalInstances')]).toEqual([2, 0, 2]);
    expect(aws.autoScaling.metrics('GroupDesiredCapacity', { ...named, Other: 'x' }, before)).toBeUndefined();
    expect(aws.autoScaling.metrics('GroupDesiredCapacity', { AutoScalingGroupName: 'none' }, before)).toBeUndefined();
    expect((await aws.describe())?.EnabledMetrics).toContainEqual({ Metric: 'GroupMinSize', Granularity: '1Minute' });
    await aws.client.send(new DisableMetricsCollectionCommand({ ...named, Metrics: ['GroupMaxSize'] }));
    expect(read('GroupMaxSize')).toBeUndefined();
    expect(read('GroupMaxSize', before)).toBe(10);
    const wrong = aws.client.send(new EnableMetricsCollectionCommand({ ...named, Granularity: '1Hour' }));
    expect(await refusal(wrong)).toMatchObject({ code: 'ValidationError' });
  });
});
