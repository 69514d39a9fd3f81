import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { ec2World, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const start = (spec: Parameters<Ec2World['launch']>[0] = {}, seed = 1) => {
  const aws = ec2World(seed);
  const { id } = aws.launch(spec);
  aws.until(() => aws.local.get(id)?.instanceStatus === 'ok');
  const rootFileSystem = { InstanceId: id, path: '/', device: 'nvme0n1p1', fstype: 'xfs' };
  return {
    aws,
    id,
    memory: (at = aws.world.clock.now()) => aws.local.metrics('mem_used_percent', { InstanceId: id }, at),
    disk: (at = aws.world.clock.now()) => aws.local.metrics('disk_used_percent', rootFileSystem, at),
    cpu: (at = aws.world.clock.now()) => aws.local.metrics('CPUUtilization', { InstanceId: id }, at),
    state: () => aws.local.get(id)?.state,
  };
};

describe('a memory leak', () => {
  test('grows until the kernel hangs, and a reboot ends it', async () => {
    const { aws, id, memory } = start();
    const before = memory() ?? 0;
    aws.local.faults['leak-memory'](id);
    aws.advance(10 * minute);
    expect(memory()).toBeGreaterThan(before + 15);
    expect(memory()).toBeLessThan(before + 45);
    aws.until(() => !aws.local.get(id)?.reachable);
    expect(memory(aws.world.clock.now() - 1000)).toBeGreaterThan(99);
    expect(memory()).toBeUndefined();
    await aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    aws.advance(10 * minute);
    expect(memory()).toBe(before);
    aws.advance(60 * minute);
    expect(aws.local.get(id)?.reachable).toBe(true);
  });

  test('that a reboot ended in time hangs nothing', async () => {
    const { aws, id } = start();
    aws.local.faults['leak-memory'](id);
    aws.advance(5 * minute);
    await aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    aws.advance(60 * minute);
    expect(aws.local.get(id)?.reachable).toBe(true);
  });

  test('that is stopped in time frees its memory and hangs nothing', () => {
    const { aws, id, memory } = start();
    const before = memory();
    const end = aws.local.faults['leak-memory'](id);
    aws.advance(10 * minute);
    end();
    aws.advance(60 * minute);
    expect(memory()).toBe(before);
    expect(aws.local.get(id)?.reachable).toBe(true);
  });
});

describe('a disk that fills up', () => {
  test('stays full over a reboot, until somebody cleans up', async () => {
    const { aws, id, disk } = start();
    const before = disk();
    const end = aws.local.faults['fill-disk'](id);
    aws.advance(90 * minute);
    expect(disk()).toBe(100);
    await aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    aws.advance(10 * minute);
    expect(disk()).toBe(100);
    end();
    aws.advance(minute);
    expect(disk()).toBe(before);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
describe('a spot interruption', () => {
  test('warns two minutes ahead, sometimes after a rebalance recommendation, and then terminates', async () => {
    let rebalanced = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { aws, id, state } = start({ spot: true }, seed);
      aws.local.faults['interrupt-spot'](id);
      rebalanced += aws.events('EC2 Instance Rebalance Recommendation').length;
      aws.until(() => aws.events('EC2 Spot Instance Interruption Warning').length > 0, 5 * minute);
      expect(aws.events('EC2 Spot Instance Interruption Warning')[0]).toMatchObject({
        source: 'aws.ec2',
        resources: [`arn:aws:ec2:us-east-1a:instance/${id}`],
        detail: { 'instance-id': id, 'instance-action': 'terminate' },
      });
      const notice = aws.until(() => state() !== 'running');
      expect(notice).toBeGreaterThan(118_000);
      expect(notice).toBeLessThanOrEqual(120_000);
      aws.advance(2 * minute);
      const { Reservations } = await aws.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
        State: { Name: 'terminated' },
        StateReason: { Code: 'Server.SpotInstanceTermination' },
      });
    }
    expect(rebalanced).toBeGreaterThan(0);
    expect(rebalanced).toBeLessThan(12);
  });

  test('is for spot instances', () => {
    const { aws, id } = start();
    expect(() => aws.local.faults['interrupt-spot'](id)).toThrow(RangeError);
  });
});

describe('a dark zone', () => {
  test('takes all its instances away, with their agents and CPU, lets no launch in, and gives them back as they were', async () => {
    const { aws, id, memory, cpu } = start();
    const elsewhere = aws.launch({ availabilityZone: 'us-east-1b' }).id;
    aws.advance(5 * minute);
    const end = aws.local.faults['dark-zone']('us-east-1a');
    aws.advance(10 * minute);
    expect(aws.local.get(id)).toMatchObject({ systemStatus: 'impaired', instanceStatus: 'impaired', reachable: false, state: 'running' });
    expect(aws.local.get(elsewhere)).toMatchObject({ systemStatus: 'ok', reachable: true });
    expect(memory()).toBeUndefined();
    const fiveMinutes = Math.floor(aws.world.clock.now() / (5 * minute)) * 5 * minute;
    expect(cpu(fiveMinutes)).toBeUndefined();
    expect(() => aws.launch()).toThrow('do not have sufficient t3.micro capacity');
    end();
    end();
    aws.advance(2 * minute);
    expect(aws.local.get(id)).toMatchObject({ systemStatus: 'ok', instanceStatus: 'ok', reachable: true });
    expect(aws.launch().state).toBe('pending');
    expect(aws.events('AWS Health Event')).toEqual([]);
  });

  test('that two faults hold dark is light again when both have ended', () => {
    const { aws, id } = start();
    const [first, second] = [aws.local.faults['dark-zone']('us-east-1a'), aws.local.faults['dark-zone']('us-east-1a')];
    first();
    first();
    expect(aws.local.get(id)?.reachable).toBe(false);
    second();
    expect(aws.local.get(id)?.reachable).toBe(true);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/schedevents_actions_retire.html
describe('a retirement', () => {
  const withRetirement = () => {
    const started = start();
    const notBefore = started.aws.world.clock.now() + 60 * minute;
    return { ...started, notBefore, withdraw: started.aws.local.scheduleRetirement(started.id, notBefore) };
  };
  const events = async (aws: Ec2World, id: string) => {
    const { InstanceStatuses } = await aws.client.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }));
    return InstanceStatuses?.[0]?.Events ?? [];
  };
  const health = (aws: Ec2World) => aws.events('AWS Health Event').map(({ detail }) => detail.statusCode);

  test('is announced, and carried out at its time as a stop', async () => {
    const { aws, id, notBefore, state } = withRetirement();
    expect(aws.events('AWS Health Event')[0]).toMatchObject({
      source: 'aws.health',
      resources: [id],
      detail: {
        service: 'EC2',
        eventTypeCode: 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED',
        eventTypeCategory: 'scheduledChange',
        statusCode: 'upcoming',
        affectedEntities: [{ entityValue: id }],
      },
    });
    expect(await events(aws, id)).toMatchObject([{ Code: 'instance-stop', NotBefore: new Date(Math.floor(notBefore / 1000) * 1000) }]);
    aws.world.clock.advanceTo(notBefore - 1);
    expect(state()).toBe('running');
    aws.world.clock.advanceTo(notBefore + 3 * minute);
    const { Reservations } = await aws.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({ State: { Name: 'stopped' }, StateReason: { Code: 'Server.ScheduledStop' } });
    expect(health(aws)).toEqual(['upcoming', 'closed']);
  });

  test('is completed by a stop and start ahead of it', async () => {
    const { aws, id, notBefore, state } = withRetirement();
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    aws.until(() => state() === 'stopped');
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    aws.advance(5 * minute);
    expect((await events(aws, id))[0]?.Description).toMatch(/^\[Completed\] /);
    aws.world.clock.advanceTo(notBefore + 10 * minute);
    expect(state()).toBe('running');
    expect(health(aws)).toEqual(['upcoming', 'closed']);
  });

  test('can be withdrawn', async () => {
    const { aws, id, notBefore, state, withdraw } = withRetirement();
    withdraw();
    withdraw();
    expect(await events(aws, id)).toEqual([]);
    aws.world.clock.advanceTo(notBefore + 10 * minute);
    expect(state()).toBe('running');
    expect(health(aws)).toEqual(['upcoming', 'closed']);
  });

  test('is not missed by an instance that is only booting then', async () => {
    const { aws, id, notBefore, state } = withRetirement();
    aws.world.clock.advanceTo(notBefore - minute);
    await aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    aws.world.clock.advanceTo(notBefore + 5 * minute);
    expect(state()).toBe('stopped');
  });
});

describe('faults', () => {
  const kinds = [
    'hang-kernel',
    'fail-host',
    'impair-volume',
    'leak-memory',
    'fill-disk',
    'interrupt-spot',
    'exhaust-zone',
    'dark-zone',
  ] as const;

  test.each(kinds)('%s names a target that exists', (kind) => {
    expect(() => ec2World().local.faults[kind]('i-0ffffffffffffffff')).toThrow(RangeError);
  });

  test.each(['hang-kernel', 'fail-host', 'leak-memory'] as const)(
    '%s of a stopped instance does nothing, also not when it starts',
    async (kind) => {
      const { aws, id, state } = start();
      aws.local.shutDown(id, 'guest');
      aws.until(() => state() === 'stopped');
      const end = aws.local.faults[kind](id);
      await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
      aws.advance(60 * minute);
      expect(aws.local.get(id)?.reachable).toBe(true);
      end();
      expect(aws.local.get(id)?.reachable).toBe(true);
    },
  );

  test('ended after a stop and start does not touch the new host', async () => {
    const { aws, id, state } = start({ instanceType: 'm5d.large' });
    const end = aws.local.faults['fail-host'](id);
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
    aws.until(() => state() === 'stopped');
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    aws.advance(5 * minute);
    aws.local.faults['fail-host'](id);
    end();
    expect(aws.local.get(id)?.reachable).toBe(false);
  });

  test('ended after a reboot does not touch the new boot', async () => {
    const { aws, id } = start();
    const end = aws.local.faults['hang-kernel'](id);
    await aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    aws.advance(10 * minute);
    aws.local.faults['hang-kernel'](id);
    end();
    expect(aws.local.get(id)?.reachable).toBe(false);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
describe('metrics', () => {
  const aligned = (aws: Ec2World) => Math.floor(aws.world.clock.now() / (5 * minute)) * 5 * minute;

  test('of load are the mean of five minutes, or of each one with detailed monitoring', () => {
    const basic = start();
    const from = aligned(basic.aws) + 10 * minute;
    basic.aws.world.clock.advanceTo(from + 150_000);
    basic.aws.local.setLoad(basic.id, 80);
    basic.aws.world.clock.advanceTo(from + 20 * minute);
    expect(basic.cpu(from + 5 * minute)).toBeCloseTo(41);
    expect(basic.cpu(from + 10 * minute)).toBe(80);
    expect(basic.cpu(from)).toBe(2);
    expect(basic.cpu(from + 6 * minute)).toBeUndefined();
    const detailed = start({ detailedMonitoring: true });
    expect(detailed.cpu(aligned(detailed.aws) + minute)).toBeDefined();
  });

  test('exist only while it runs', async () => {
    const { aws, id, cpu, memory, state } = start();
    const running = aligned(aws) + 5 * minute;
    aws.world.clock.advanceTo(running);
    expect(cpu()).toBe(2);
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    aws.until(() => state() === 'stopped');
    aws.world.clock.advanceTo(running + 10 * minute);
    expect(cpu()).toBeUndefined();
    expect(memory()).toBeUndefined();
    expect(cpu(running)).toBe(2);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html
  test('of memory agree with one another: little is free on a healthy host, and what the cache takes is available', () => {
    const { aws, id } = start();
    const ask = (metric: string) => aws.local.metrics(metric, { InstanceId: id }, aws.world.clock.now()) ?? Number.NaN;
    const total = 1024 ** 3;
    expect([ask('mem_used_percent'), ask('mem_available_percent')]).toEqual([30, 70]);
    expect(ask('mem_available')).toBeCloseTo(0.7 * total);
    expect(ask('mem_free')).toBeCloseTo(0.04 * total);
    aws.local.faults['leak-memory'](id);
    const full = () => ask('mem_used_percent') >= 98;
    aws.until(full);
    expect(ask('mem_available')).toBeLessThan(0.021 * total);
    expect(ask('mem_free')).toBe(ask('mem_available'));
  });

  test('answer to exactly their dimensions', () => {
    const { aws, id } = start({ detailedMonitoring: true });
    const ask = (metric: string, dimensions: Record<string, string>) => aws.local.metrics(metric, dimensions, aws.world.clock.now());
    expect(ask('CPUUtilization', { InstanceId: id })).toBe(2);
    expect(ask('CPUUtilization', { InstanceId: id, ImageId: 'x' })).toBeUndefined();
    expect(ask('CPUUtilization', {})).toBeUndefined();
    expect(ask('mem_used_percent', { InstanceId: id, ImageId: 'x' })).toBeUndefined();
    expect(ask('disk_used_percent', { InstanceId: id })).toBeUndefined();
    expect(ask('disk_used_percent', { InstanceId: id, path: '/', device: 'nvme0n1p1', fstype: 'ext4' })).toBeUndefined();
    expect(ask('CPUUtilization', { InstanceId: 'i-0ffffffffffffffff' })).toBeUndefined();
    expect(ask('NoSuchMetric', { InstanceId: id })).toBeUndefined();
  });
});
