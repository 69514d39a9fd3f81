import { CreateAutoScalingGroupCommand, CreateLaunchConfigurationCommand } from '@aws-sdk/client-auto-scaling';
import { GetMetricStatisticsCommand, type Statistic } from '@aws-sdk/client-cloudwatch';
import { afterEach, expect, test } from '@jest/globals';
import { createLocalAws } from '../src/local-aws.ts';
import { localClients, worldOptions } from './harness.ts';

const minute = 60_000;
let open: ReturnType<typeof createLocalAws> | undefined;
afterEach(async () => {
  await open?.close();
});

const statistics: Statistic[] = ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum'];

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
test('a metric by group has a sample of each member: its sum grows with the group, and one impaired member is the maximum', async () => {
  const aws = createLocalAws(worldOptions);
  open = aws;
  const { autoScaling, cloudWatch } = localClients(aws.handle);
  const LaunchConfigurationName = 'web';
  await autoScaling.send(
    new CreateLaunchConfigurationCommand({ LaunchConfigurationName, ImageId: 'ami-0123456789abcdef0', InstanceType: 'm5.large' }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'web',
      LaunchConfigurationName,
      MinSize: 3,
      MaxSize: 3,
      AvailabilityZones: ['us-east-1a'],
    }),
  );
  await aws.advanceTo(aws.world.start + 10 * minute);
  const [first = ''] = aws.autoScaling.get('web')?.inServiceIds ?? [];
  aws.ec2.setLoad(first, 50);
  aws.ec2.faults['hang-kernel'](aws.autoScaling.get('web')?.inServiceIds[1] ?? '');
  await aws.advanceTo(aws.world.start + 13 * minute);
  const read = async (MetricName: string) => {
    const { Datapoints = [] } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/EC2',
        MetricName,
        Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }],
        StartTime: new Date(aws.world.start + 11 * minute),
        EndTime: new Date(aws.world.start + 12 * minute),
        Period: 60,
        Statistics: statistics,
      }),
    );
    return statistics.map((statistic) => Datapoints[0]?.[statistic]);
  };
  expect(await read('CPUUtilization')).toEqual([52, 3, 52 / 3, 0, 50]);
  expect(await read('StatusCheckFailed')).toEqual([1, 3, 1 / 3, 0, 1]);
});
