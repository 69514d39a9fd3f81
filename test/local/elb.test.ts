import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import { createEc2 } from '../../local/ec2/index.ts';
import { createLoadBalancing } from '../../local/elb/index.ts';
import { loadBalancerDimension, targetGroupDimension } from '../../local/elb/metrics.ts';
import { createGateway } from '../../local/gateway.ts';
import type { AutoScaling, GroupView } from '../../local/parts.ts';
import { createWorld } from '../../local/world/world.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

/** The one thing that a load balancer wants of Auto Scaling: who is in service, and somebody to tell. */
const followed = () => {
  const groups: GroupView[] = [];
  const told: [string, boolean][] = [];
  const autoScaling = {
    list: () => groups,
    setElbHealth: (id: string, healthy: boolean) => told.push([id, healthy]),
  } as unknown as AutoScaling;
  return { groups, told, autoScaling };
};

const setUp = async () => {
  const world = createWorld(worldOptions);
  const ec2 = createEc2(world);
  const { groups, told, autoScaling } = followed();
  const balancing = createLoadBalancing(world, ec2, autoScaling);
  const client = localClients(createGateway(world, [balancing.service]).handle).elb;
  const pass = (seconds: number) => world.clock.advanceTo(world.clock.now() + seconds * 1000);
  const launch = () =>
    ec2.launch({ imageId: 'ami-0123456789abcdef0', instanceType: 't3.micro', availabilityZone: 'us-east-1a', tags: [] }).id;
  const input: CreateTargetGroupCommandInput = { Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0123456789abcdef0' };
  const group = (await client.send(new CreateTargetGroupCommand(input))).TargetGroups?.[0]?.TargetGroupArn ?? '';
  const balancer =
    (await client.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-0a', 'subnet-0b'] }))).LoadBalancers?.[0]
      ?.LoadBalancerArn ?? '';
  const listen = () =>
    client.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancer,
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
      }),
    );
  const register = (...ids: string[]) =>
    client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) }));
  const health = async () =>
    ((await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }))).TargetHealthDescriptions ?? []).map(
      ({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason],
    );
  const count = (metric: string, at = world.clock.now()) =>
    balancing.metrics(metric, { TargetGroup: targetGroupDimension(group), LoadBalancer: loadBalancerDimension(balancer) }, at);
  return { world, ec2, client, groups, told, pass, launch, input, group, balancer, listen, register, health, count };
};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
describe('target health', () => {
  test('is unused until a listener forwards to the group, then initial, then healthy after one check that passes', async () => {
    const { launch, pass, register, health, listen } = await setUp();
    const id = launch();
    pass(300);
    await register(id);
    expect(await health()).toEqual([['unused', 'Target.NotInUse']]);
    await listen();
    expect(await health()).toEqual([['initial', 'Elb.InitialHealthChecking']]);
    pass(30);
    expect(await health()).toEqual([['healthy', undefined]]);
  });

  test('turns unhealthy after two failed checks in a row, and healthy again after five that pass', async () => {
    const { ec2, launch, pass, register, health, listen } = await setUp();
    const id = launch();
    pass(300);
    await register(id);
    await listen();
    pass(30);
    const mend = ec2.faults['hang-kernel'](id);
    pass(30);
    expect(await health()).toEqual([['healthy', undefined]]);
    pass(30);
    expect(await health()).toEqual([['unhealthy', 'Target.Timeout']]);
    mend();
    pass(4 * 30);
    expect(await health()).toEqual([['unhealthy', 'Target.Timeout']]);
    pass(30);
    expect(await health()).toEqual([['healthy', undefined]]);
  });

  test('drains a target that is deregistered, and then forgets it', async () => {
    const { client, group, launch, pass, register, health, listen } = await setUp();
    const id = launch();
    pass(300);
    await register(id);
    await listen();
    pass(30);
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: id }] }));
    expect(await health()).toEqual([['draining', 'Target.DeregistrationInProgress']]);
    pass(300);
    expect(await health()).toEqual([]);
    const asked = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets: [{ Id: id }] }));
    expect(asked.TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({ State: 'unused', Reason: 'Target.NotRegistered' });
  });

  test('takes a target out that is terminated', async () => {
    const { ec2, launch, pass, register, health, listen } = await setUp();
    const id = launch();
    pass(300);
    await register(id);
    await listen();
    ec2.terminate(id, 'user');
    pass(600);
    expect(await health()).toEqual([]);
  });

  test('follows the members of Auto Scaling groups that name the target group, and tells the group of their health', async () => {
    const { ec2, group, groups, told, launch, pass, health, listen } = await setUp();
    const [a, b] = [launch(), launch()];
    pass(300);
    await listen();
    let members = [a, b];
    groups.push({
      name: 'web',
      arn: 'arn',
      desired: 2,
      min: 0,
      max: 2,
      memberIds: [a, b],
      inServiceIds: [a, b],
      targetsIn: (arn) => (arn === group ? members : []),
      tags: new Map(),
    });
    pass(60);
    expect(await health()).toEqual([
      ['healthy', undefined],
      ['healthy', undefined],
    ]);
    ec2.faults['hang-kernel'](a);
    pass(90);
    expect(told.at(-1)).toEqual([a, false]);
    members = [b];
    pass(30);
    expect((await health()).map(([state]) => state)).toEqual(['draining', 'healthy']);
  });

  test('is counted in metrics that remember', async () => {
    const { world, ec2, launch, pass, register, listen, count } = await setUp();
    const id = launch();
    pass(300);
    await register(id);
    expect(count('HealthyHostCount')).toBeUndefined();
    await listen();
    pass(60);
    expect([count('HealthyHostCount'), count('UnHealthyHostCount')]).toEqual([1, 0]);
    const before = world.clock.now();
    ec2.faults['hang-kernel'](id);
    pass(120);
    expect([count('HealthyHostCount'), count('UnHealthyHostCount')]).toEqual([0, 1]);
    expect([count('HealthyHostCount', before), count('UnHealthyHostCount', before)]).toEqual([1, 0]);
    expect(count('RequestCount')).toBeUndefined();
  });
});

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
describe('target groups and load balancers', () => {
  test('are described by name, by ARN and by load balancer', async () => {
    const { client, group, balancer, listen } = await setUp();
    expect((await client.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: balancer }))).TargetGroups).toEqual([]);
    await listen();
    for (const input of [{ Names: ['web'] }, { TargetGroupArns: [group] }, { LoadBalancerArn: balancer }]) {
      expect((await client.send(new DescribeTargetGroupsCommand(input))).TargetGroups).toMatchObject([
        {
          TargetGroupArn: group,
          TargetGroupName: 'web',
          HealthCheckIntervalSeconds: 30,
          UnhealthyThresholdCount: 2,
          LoadBalancerArns: [balancer],
        },
      ]);
    }
    expect((await client.send(new DescribeLoadBalancersCommand({ Names: ['front'] }))).LoadBalancers).toMatchObject([
      { LoadBalancerArn: balancer, Type: 'application', State: { Code: 'active' } },
    ]);
  });

  test('come in pages', async () => {
    const { client, input } = await setUp();
    await client.send(new CreateTargetGroupCommand({ ...input, Name: 'second' }));
    const first = await client.send(new DescribeTargetGroupsCommand({ PageSize: 1 }));
    expect(first.TargetGroups).toHaveLength(1);
    const second = await client.send(new DescribeTargetGroupsCommand({ PageSize: 1, Marker: first.NextMarker }));
    expect(second.TargetGroups?.[0]?.TargetGroupName).toBe('second');
    expect(second.NextMarker).toBeUndefined();
  });

  test('carry tags', async () => {
    const { client, group, balancer } = await setUp();
    await client.send(new AddTagsCommand({ ResourceArns: [group], Tags: [{ Key: 'selfheal', Value: 'on' }] }));
    const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: [group, balancer] }));
    expect(TagDescriptions).toEqual([
      { ResourceArn: group, Tags: [{ Key: 'selfheal', Value: 'on' }] },
      { ResourceArn: balancer, Tags: [] },
    ]);
  });

  test('refuse what does not exist, exists already, is in use or makes no sense', async () => {
    const { client, input, group, launch, listen, ec2, pass } = await setUp();
    const none = group.replace('/web/', '/none/');
    const said = async (call: Promise<unknown>) => (await refusal(call)).code;
    expect(await said(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: none })))).toBe('TargetGroupNotFoundException');
    expect(await said(client.send(new DescribeTargetGroupsCommand({ Names: ['none'] })))).toBe('TargetGroupNotFoundException');
    expect(await said(client.send(new DescribeLoadBalancersCommand({ Names: ['none'] })))).toBe('LoadBalancerNotFoundException');
    expect(await said(client.send(new DescribeTagsCommand({ ResourceArns: [none] })))).toBe('TargetGroupNotFoundException');
    expect(await said(client.send(new CreateTargetGroupCommand(input)))).toBe('DuplicateTargetGroupNameException');
    expect(await said(client.send(new CreateTargetGroupCommand({ ...input, Name: '-web' })))).toBe('ValidationError');
    expect(await said(client.send(new CreateTargetGroupCommand({ ...input, Name: 'x', HealthCheckIntervalSeconds: 1 })))).toBe(
      'ValidationError',
    );
    expect(await said(client.send(new DescribeTargetGroupsCommand({ Marker: 'nonsense' })))).toBe('ValidationError');
    const register = (Id: string) => client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id }] }));
    expect(await said(register('i-0aaaaaaaaaaaaaaaa'))).toBe('InvalidTargetException');
    const id = launch();
    pass(60);
    ec2.terminate(id, 'user');
    expect(await said(register(id))).toBe('InvalidTargetException');
    await listen();
    expect(await said(client.send(new DeleteTargetGroupCommand({ TargetGroupArn: group })))).toBe('ResourceInUseException');
  });
});
