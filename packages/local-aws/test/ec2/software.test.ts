import { GetMetricDataCommand, ListMetricsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, worldOptions } from '../harness.ts';

const running = (seed = 1) => {
  const aws = createLocalAws({ ...worldOptions, seed, throttle: 'off' });
  const { cloudWatch, ec2 } = localClients(aws.handle);
  const { clock } = aws.world;
  const pass = (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000);
  const { id } = aws.ec2.launch({
    imageId: 'ami-0123456789abcdef0',
    instanceType: 't3.micro',
    availabilityZone: 'us-east-1a',
    tags: [],
  });
  pass(600);
  const query = (exe: string, Period: number, MetricName: string) => ({
    Id: 'm',
    MetricStat: {
      Metric: {
        Namespace: 'CWAgent',
        MetricName,
        Dimensions: [
          { Name: 'InstanceId', Value: id },
          { Name: 'exe', Value: exe },
          { Name: 'pid_finder', Value: 'native' },
        ],
      },
      Period,
      Stat: 'Minimum',
    },
  });
  /** The values of the last so many seconds that can be seen, oldest first. */
  const counts = async (exe: string, Period = 60, seconds = 300, metric = 'procstat_lookup_pid_count') => {
    const answer = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(clock.now() - seconds * 1000),
        EndTime: new Date(clock.now()),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [query(exe, Period, metric)],
      }),
    );
    return answer.MetricDataResults?.[0]?.Values ?? [];
  };
  return { aws, id, pass, counts, cloudWatch, ec2, query };
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-procstat-process-metrics.html
describe('processes', () => {
  test('run until they are killed, and are counted every minute', async () => {
    const { aws, id, pass, counts } = running();
    expect(await counts('nginx')).toEqual([1, 1, 1, 1]);
    expect(await counts('nginx', 60, 300, 'procstat_cpu_usage')).toEqual([2, 2, 2, 2]);
    const fault = aws.faults.inject({ fault: 'kill-process', target: id, process: 'nginx' });
    pass(300);
    expect(await counts('nginx')).toEqual([0, 0, 0, 0]);
    expect(await counts('nginx', 60, 300, 'procstat_cpu_usage')).toEqual([]);
    expect(await counts('httpd')).toEqual([1, 1, 1, 1]);
    aws.faults.end(fault);
    pass(300);
    expect(await counts('nginx')).toEqual([1, 1, 1, 1]);
  });

  test('are seen every ten seconds by whoever asks for that, and an alarm on that fires within half a minute', async () => {
    const { aws, id, pass, counts, cloudWatch, query } = running();
    expect(await counts('nginx', 10, 60)).toHaveLength(5);
    const { Metric, Period, Stat } = query('nginx', 10, 'procstat_lookup_pid_count').MetricStat;
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...Metric,
        AlarmName: 'nginx',
        Period,
        Statistic: Stat as 'Minimum',
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
      }),
    );
    pass(60);
    let fired = Number.NaN;
    aws.world.subscribe((event) => {
      if (event.type === 'alarm-state' && event.to === 'ALARM') fired = event.at;
    });
    const killed = aws.world.clock.now();
    aws.ec2.software.kill(id, 'nginx');
    pass(60);
    expect(fired - killed).toBeLessThanOrEqual(30_000);
    expect((await counts('nginx', 10, 40)).every((count) => count === 0)).toBe(true);
  });

  test('are not heard of while their instance does not answer, or the agent itself is dead', async () => {
    const { aws, id, pass, counts } = running();
    const mend = aws.ec2.faults['hang-kernel'](id);
    pass(300);
    expect(await counts('nginx')).toEqual([]);
    mend();
    aws.ec2.software.kill(id, 'amazon-cloudwatch-agent');
    pass(300);
    expect(await counts('nginx')).toEqual([]);
    aws.ec2.software.restart(id, 'amazon-cloudwatch-agent');
    pass(300);
    expect(await counts('nginx')).toEqual([1, 1, 1, 1]);
  });

  test('come back with most reboots, and with none while they will not start', async () => {
    const back = [];
    for (let seed = 1; seed <= 40; seed++) {
      const { aws, id, pass, ec2 } = running(seed);
      aws.ec2.software.kill(id, 'nginx');
      if (seed > 30) aws.faults.inject({ fault: 'process-wont-start', target: id, process: 'nginx' });
      await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
      pass(120);
      back.push(aws.ec2.software.process(id, 'nginx').runs);
    }
    const share = back.slice(0, 30).filter(Boolean).length / 30;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(1);
    expect(back.slice(30)).not.toContain(true);
  });

  test('can be started by a command as soon as nothing keeps them from it', () => {
    const { aws, id } = running();
    aws.ec2.software.kill(id, 'nginx');
    const fault = aws.faults.inject({ fault: 'process-wont-start', target: id, process: 'nginx' });
    expect(aws.ec2.software.restart(id, 'nginx')).toBe(false);
    aws.faults.end(fault);
    expect(aws.ec2.software.restart(id, 'nginx')).toBe(true);
  });

  test('are listed once somebody has spoken of them', async () => {
    const { aws, id, cloudWatch } = running();
    const list = async () => (await cloudWatch.send(new ListMetricsCommand({ MetricName: 'procstat_lookup_pid_count' }))).Metrics;
    expect(await list()).toEqual([]);
    aws.ec2.software.kill(id, 'nginx');
    expect((await list())?.[0]?.Dimensions).toContainEqual({ Name: 'exe', Value: 'nginx' });
  });
});

test('what a command frees of disk and memory stays free', async () => {
  const { aws, id, pass } = running();
  aws.ec2.faults['fill-disk'](id);
  aws.ec2.faults['leak-memory'](id);
  pass(600);
  const metric = (name: string, more = {}) => aws.ec2.metrics(name, { InstanceId: id, ...more }, aws.world.clock.now()) ?? Number.NaN;
  const disk = () => metric('disk_used_percent', { path: '/', device: 'nvme0n1p1', fstype: 'xfs' });
  const before = { disk: disk(), memory: metric('mem_used_percent') };
  aws.ec2.software.free(id, { disk: 5, memory: 100 });
  pass(3600);
  expect(disk()).toBeCloseTo(Math.max(40, before.disk - 5));
  expect(before.memory).toBeGreaterThan(30);
  expect(metric('mem_used_percent')).toBe(30);
  expect(aws.ec2.get(id)?.reachable).toBe(true);
});
