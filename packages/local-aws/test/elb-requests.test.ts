import { DescribeAlarmsCommand, GetMetricStatisticsCommand, ListMetricsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { DeregisterTargetsCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../src/local-aws.ts';
import { targetGroupDimension } from '../src/services/elb/model/metrics.ts';
import { localClients, worldOptions } from './harness.ts';

const TargetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const launch = { imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.large', availabilityZone: 'us-east-1a', tags: [] };

let open: ReturnType<typeof createLocalAws> | undefined;
afterEach(() => open?.close());

/** So many instances behind a load balancer, all healthy, on the full minute. */
const balanced = async (instances = 3) => {
  const aws = createLocalAws(worldOptions);
  open = aws;
  const clients = localClients(aws.handle);
  const ids = Array.from({ length: instances }, () => aws.ec2.launch(launch).id);
  const pass = (seconds: number) => aws.advanceTo(aws.world.clock.now() + seconds * 1000);
  await pass(300);
  aws.loadBalancing.place(TargetGroupArn, ids);
  await pass(120);
  const TargetGroup = targetGroupDimension(TargetGroupArn);
  const LoadBalancer = [...aws.loadBalancing.listMetrics()][0]?.dimensions.LoadBalancer ?? '';
  /** Sums by minute since the requests began. */
  const began = aws.world.clock.now();
  const sums = async (MetricName: string, dimensions: Record<string, string>) => {
    await pass(60);
    const { Datapoints = [] } = await clients.cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/ApplicationELB',
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(began),
        EndTime: new Date(aws.world.clock.now()),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    return Object.fromEntries(Datapoints.map(({ Timestamp, Sum }) => [(Number(Timestamp) - began) / 60_000, Sum]));
  };
  const of = { both: { TargetGroup, LoadBalancer }, balancer: { LoadBalancer }, group: { TargetGroup } };
  const failed = () => aws.loadBalancing.requests('web').failed;
  const target = (Id: string) => ({ TargetGroupArn, Targets: [{ Id }] });
  return { aws, ids, pass, sums, of, failed, target, ...clients };
};

describe('requests through a load balancer', () => {
  test('are spread over its healthy targets and counted by the minute', async () => {
    const { aws, pass, sums, of } = await balanced();
    const end = aws.loadBalancing.sendRequests(TargetGroupArn, 100);
    await pass(90);
    const more = aws.loadBalancing.sendRequests('web', 0.1);
    await pass(30);
    end();
    more();
    expect(aws.loadBalancing.requests('web')).toEqual({ total: 12_003, failed: 0 });
    expect(await sums('RequestCount', of.both)).toEqual({ 0: 6000, 1: 6003 });
    expect(await sums('RequestCount', of.balancer)).toEqual({ 0: 6000, 1: 6003 });
    expect(await sums('RequestCountPerTarget', of.group)).toEqual({ 0: 2000, 1: 2001 });
    expect(await sums('HTTPCode_ELB_5XX_Count', of.balancer)).toEqual({});
    expect(await sums('HTTPCode_Target_5XX_Count', of.both)).toEqual({});
  });

  test('fail while a target that gets them does not answer: until 17 s after it is found unhealthy', async () => {
    const { aws, ids, pass, failed, sums, of } = await balanced(2);
    aws.loadBalancing.sendRequests('web', 10);
    aws.faults.inject({ fault: 'hang-kernel', target: ids[0] ?? '' });
    await pass(600);
    // Two checks, one every 30 s, of which the first comes at once.
    expect(failed()).toBe(5 * (60 + 17));
    expect(await sums('HTTPCode_ELB_5XX_Count', of.balancer)).toEqual({ 0: 300, 1: 85 });
    expect(await sums('HTTPCode_Target_5XX_Count', of.both)).toEqual({});
    expect(aws.loadBalancing.list()[0]?.targets.map(({ state }) => state)).toEqual(['unhealthy', 'healthy']);
  });

  test('fail where more come to a target than it answers in time', async () => {
    const { aws, ids, pass, failed } = await balanced(3);
    aws.faults.inject({ fault: 'send-requests', target: 'web', perSecond: 30, each: 12 });
    await pass(60);
    expect(failed()).toBe(0);
    aws.loadBalancing.deregister(TargetGroupArn, ids[0] ?? '', 80);
    await pass(17);
    expect(failed()).toBe(0);
    await pass(10);
    // Two are left for 30 a second.
    expect(failed()).toBe(2 * 3 * 10);
  });

  test("fail with the target's own error where its software is sick, which an alarm tells", async () => {
    const { aws, ids, pass, failed, sums, of, cloudWatch } = await balanced(2);
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: '5xx',
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'HTTPCode_Target_5XX_Count',
        Dimensions: Object.entries(of.both).map(([Name, Value]) => ({ Name, Value })),
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 100,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
    aws.loadBalancing.sendRequests('web', 10);
    const mend = aws.loadBalancing.sickenTarget({ instanceId: ids[0] ?? '' });
    await pass(30);
    mend();
    expect(failed()).toBe(150);
    expect(await sums('HTTPCode_Target_5XX_Count', of.both)).toEqual({ 0: 150 });
    await pass(30);
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms?.[0]?.StateTransitionedTimestamp?.getTime()).toBeGreaterThan(aws.world.start + 420_000);
    const { Metrics } = await cloudWatch.send(new ListMetricsCommand({ MetricName: 'HTTPCode_Target_5XX_Count' }));
    expect(Metrics?.map(({ Dimensions }) => Dimensions?.map(({ Name }) => Name))).toEqual([
      ['LoadBalancer'],
      ['TargetGroup', 'LoadBalancer'],
    ]);
  });

  test('go to all targets where none is healthy, and to none where none is registered', async () => {
    const { aws, ids, pass, failed, sums, of, elb, target } = await balanced(2);
    aws.loadBalancing.sickenTarget({ instanceId: ids[0] ?? '' });
    const mend = aws.loadBalancing.sickenTarget({ instanceId: ids[1] ?? '' });
    await pass(180);
    aws.loadBalancing.sendRequests('web', 10);
    await pass(10);
    expect(failed()).toBe(100);
    mend();
    await pass(10);
    expect(failed()).toBe(150);
    for (const id of ids) await elb.send(new DeregisterTargetsCommand(target(id)));
    await pass(17);
    const { total, failed: before } = aws.loadBalancing.requests('web');
    await pass(10);
    expect(aws.loadBalancing.requests('web')).toEqual({ total: total + 100, failed: before + 100 });
    // Those without a target are the load balancer's errors, and no requests of the target group.
    expect(Object.values(await sums('HTTPCode_ELB_5XX_Count', of.balancer)).at(0)).toBeGreaterThanOrEqual(100);
    expect(Object.values(await sums('RequestCount', of.both)).reduce((a = 0, b = 0) => a + b)).toBe(370);
  });

  test('are lost by a reboot of one of three, and hardly any if it leaves the load balancer before', async () => {
    const lost = async (drained: boolean) => {
      const { aws, ids, pass, failed, ec2, elb, target } = await balanced();
      aws.loadBalancing.sendRequests('web', 100);
      await pass(60);
      const [id = ''] = ids;
      if (drained) {
        await elb.send(new DeregisterTargetsCommand(target(id)));
        await pass(20);
      }
      await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
      await pass(180);
      if (drained) await elb.send(new RegisterTargetsCommand(target(id)));
      await pass(600);
      expect(aws.loadBalancing.list()[0]?.targets.map(({ state }) => state)).toEqual(['healthy', 'healthy', 'healthy']);
      expect(aws.loadBalancing.requests('web').total).toBe(100 * (840 + (drained ? 20 : 0)));
      const count = failed();
      await open?.close();
      return count;
    };
    const without = await lost(false);
    // A third of the requests, for at least as long as the fastest boot takes.
    expect(without).toBeGreaterThan((100 / 3) * 20);
    expect(await lost(true)).toBeLessThanOrEqual(without / 100);
  });

  test('are lost by a reboot 10 s after deregistration, since the load balancer takes 17 s to know', async () => {
    const { aws, ids, pass, failed, elb, target } = await balanced();
    aws.loadBalancing.sendRequests('web', 30);
    await elb.send(new DeregisterTargetsCommand(target(ids[0] ?? '')));
    await pass(10);
    aws.faults.inject({ fault: 'hang-kernel', target: ids[0] ?? '' });
    await pass(600);
    expect(failed()).toBe(70);
  });

  test('cost nothing for hours of them', async () => {
    const { aws } = await balanced();
    const entries = () => {
      let count = 0;
      const last = aws.world.clock.now() + 3600_000;
      for (let next = aws.world.clock.next(); next !== undefined && next <= last; next = aws.world.clock.next()) {
        aws.world.clock.advanceTo(next);
        count++;
      }
      aws.world.clock.advanceTo(last);
      return count;
    };
    const without = entries();
    aws.loadBalancing.sendRequests('web', 100_000);
    expect(entries()).toBe(without);
    expect(aws.loadBalancing.requests('web').total).toBe(360_000_000);
  });

  test('are a fault that ends, too, of a target group that a load balancer uses', async () => {
    const { aws, pass } = await balanced();
    const id = aws.faults.inject({ fault: 'send-requests', target: 'web', perSecond: 5 });
    await pass(10);
    expect(aws.loadBalancing.list()).toMatchObject([{ name: 'web', requests: { perSecond: 5, total: 50, failed: 0 } }]);
    aws.faults.end(id);
    await pass(10);
    expect(aws.loadBalancing.list()).toMatchObject([{ requests: { perSecond: 0, total: 50 } }]);
    expect(() => aws.faults.inject({ fault: 'send-requests', target: 'none', perSecond: 5 })).toThrow(RangeError);
    expect(() => aws.loadBalancing.requests('none')).toThrow(RangeError);
  });
});
