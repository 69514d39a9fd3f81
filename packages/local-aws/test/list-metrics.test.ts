import { ListMetricsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../src/local-aws.ts';
import { localClients, worldOptions } from './harness.ts';

const hour = 3_600_000;
const aws = () => createLocalAws(worldOptions);
let open: ReturnType<typeof aws> | undefined;
afterEach(async () => {
  await open?.close();
});

const launch = { imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.large', availabilityZone: 'us-east-1a', tags: [] };

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
describe('ListMetrics', () => {
  test('lists what EC2 and the agent report of instances, for as long as they have lately', async () => {
    open = aws();
    const { cloudWatch } = localClients(open.handle);
    const list = async (more: object) =>
      ((await cloudWatch.send(new ListMetricsCommand(more))).Metrics ?? []).map(({ MetricName, Dimensions = [] }) => [
        MetricName,
        Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
      ]);
    const { id: InstanceId } = open.ec2.launch(launch);
    expect(await list({})).toEqual([]);
    await open.advanceTo(open.world.start + hour);
    expect(await list({ Namespace: 'CWAgent' })).toEqual([
      ['mem_used_percent', { InstanceId }],
      ['disk_used_percent', { InstanceId, path: '/', device: 'nvme0n1p1', fstype: 'xfs' }],
    ]);
    const checks = { Namespace: 'AWS/EC2', MetricName: 'StatusCheckFailed_System' };
    expect(await list({ ...checks, Dimensions: [{ Name: 'InstanceId', Value: InstanceId }] })).toEqual([
      [checks.MetricName, { InstanceId }],
    ]);

    // A guest that hangs is silent, but its host's checks go on.
    open.ec2.faults['hang-kernel'](InstanceId);
    await open.advanceTo(open.world.start + 6 * hour);
    expect(await list({ Namespace: 'CWAgent', RecentlyActive: 'PT3H' })).toEqual([]);
    expect(await list({ Namespace: 'CWAgent' })).toHaveLength(2);
    expect(await list({ ...checks, RecentlyActive: 'PT3H' })).toHaveLength(1);
  });

  test('lists the counts of a target group once a load balancer uses it', async () => {
    open = aws();
    const { cloudWatch } = localClients(open.handle);
    const list = async () =>
      ((await cloudWatch.send(new ListMetricsCommand({ Namespace: 'AWS/ApplicationELB' }))).Metrics ?? []).map(
        ({ MetricName, Dimensions }) => [MetricName, Dimensions?.map(({ Name }) => Name)],
      );
    const { id } = open.ec2.launch(launch);
    open.loadBalancing.place('arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef', [id]);
    expect(await list()).toEqual([]);
    await open.advanceTo(open.world.start + hour);
    expect(await list()).toEqual(['HealthyHostCount', 'UnHealthyHostCount'].map((name) => [name, ['TargetGroup', 'LoadBalancer']]));
  });

  test('lists what was also put by hand once', async () => {
    open = aws();
    const { cloudWatch } = localClients(open.handle);
    const { id: InstanceId } = open.ec2.launch(launch);
    await open.advanceTo(open.world.start + hour);
    const MetricData = [{ MetricName: 'mem_used_percent', Dimensions: [{ Name: 'InstanceId', Value: InstanceId }], Value: 50 }];
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'CWAgent', MetricData }));
    expect((await cloudWatch.send(new ListMetricsCommand({ MetricName: 'mem_used_percent' }))).Metrics).toHaveLength(1);
  });
});
