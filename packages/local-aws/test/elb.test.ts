import { StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
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
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import type { AutoScaling, GroupView } from '../src/core/service-interfaces.ts';
import { createWorld } from '../src/core/world.ts';
import { createEc2 } from '../src/services/ec2/index.ts';
import { createLoadBalancing } from '../src/services/elb/index.ts';
import { loadBalancerDimension, targetGroupDimension } from '../src/services/elb/model/metrics.ts';
import { createGateway } from '../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

/** What a load balancer wants of Auto Scaling: who is in service, and somebody to tell. */
const followed = () => {
  const groups: GroupView[] = [];
  const told: [string, boolean][] = [];
  const autoScaling = {
    list: () => groups,
    setElbHealth: (id: string, healthy: boolean) => told.push([id, healthy]),
    drainsBy: () => {},
  } as unknown as AutoScaling;
  return { groups, told, autoScaling };
};

const member = (ids: string[], targetsIn: GroupView['targetsIn']): GroupView => ({
  name: 'web',
  arn: 'arn',
  desired: ids.length,
  min: 0,
  max: ids.length,
  memberIds: ids,
  inServiceIds: ids,
  pendingIds: [],
  lastLaunch: null,
  targetsIn,
  tags: new Map(),
});

const setUp = async () => {
  const world = createWorld(worldOptions);
  const ec2 = createEc2(world);
  const { groups, told, autoScaling } = followed();
  const balancing = createLoadBalancing(world, ec2, autoScaling);
  const { elb: client, ec2: machines } = localClients(createGateway(world, [balancing.service, ec2.service]).handle);
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
  /** A container host that is registered with three of its ports. */
  const hostOfThree = async () => {
    const id = launch();
    pass(300);
    const Targets = [8080, 8081, 8082].map((Port) => ({ Id: id, Port }));
    await client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets }));
    await listen();
    pass(30);
    return id;
  };
  /** State by port. */
  const ports = async () =>
    Object.fromEntries(
      ((await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }))).TargetHealthDescriptions ?? []).map(
        ({ Target, TargetHealth }) => [Target?.Port, TargetHealth?.State],
      ),
    );
  return {
    balancing,
    machines,
    hostOfThree,
    ports,
    world,
    ec2,
    client,
    groups,
    told,
    pass,
    launch,
    input,
    group,
    balancer,
    listen,
    register,
    health,
    count,
  };
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

  test('turns unhealthy where a new target fails from the first check on', async () => {
    const { ec2, launch, pass, register, health, listen } = await setUp();
    const id = launch();
    pass(300);
    ec2.faults['hang-kernel'](id);
    await register(id);
    await listen();
    pass(30);
    expect(await health()).toEqual([['initial', 'Elb.InitialHealthChecking']]);
    pass(30);
    expect(await health()).toEqual([['unhealthy', 'Target.Timeout']]);
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

  test('is unused while its instance is stopped, counted nowhere, and begins with its initial checks once that runs again', async () => {
    const { machines, launch, pass, register, health, listen, count } = await setUp();
    const id = launch();
    pass(300);
    await register(id);
    await listen();
    pass(30);
    await machines.send(new StopInstancesCommand({ InstanceIds: [id] }));
    pass(300);
    expect(await health()).toEqual([['unused', 'Target.InvalidState']]);
    expect([count('HealthyHostCount'), count('UnHealthyHostCount')]).toEqual([0, 0]);
    await machines.send(new StartInstancesCommand({ InstanceIds: [id] }));
    pass(21);
    expect(await health()).toEqual([['initial', 'Elb.InitialHealthChecking']]);
    pass(80);
    expect(await health()).toEqual([['healthy', undefined]]);
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
    groups.push(member([a, b], (arn) => (arn === group ? members : [])));
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

describe('targets by port', () => {
  test('an instance with three ports is three targets, described, counted and deregistered one by one', async () => {
    const { client, group, hostOfThree, ports, count } = await setUp();
    const Id = await hostOfThree();
    expect(await ports()).toEqual({ 8080: 'healthy', 8081: 'healthy', 8082: 'healthy' });
    expect(count('HealthyHostCount')).toBe(3);
    const Targets = [{ Id, Port: 8081 }];
    const asked = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets }));
    expect(asked.TargetHealthDescriptions?.map(({ Target }) => Target)).toEqual(Targets);
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
    expect(await ports()).toEqual({ 8080: 'healthy', 8081: 'draining', 8082: 'healthy' });
  });

  test('without a port the port of the target group is meant, and no other', async () => {
    const { client, group, hostOfThree, ports, register } = await setUp();
    const Id = await hostOfThree();
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id }] }));
    expect(await ports()).toEqual({ 8080: 'healthy', 8081: 'healthy', 8082: 'healthy' });
    await register(Id);
    expect(await ports()).toMatchObject({ 80: 'initial' });
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id }] }));
    expect(await ports()).toEqual({ 80: 'draining', 8080: 'healthy', 8081: 'healthy', 8082: 'healthy' });
  });

  test('a zone is refused for an instance', async () => {
    const { client, group, launch, pass } = await setUp();
    const Targets = [{ Id: launch(), AvailabilityZone: 'us-east-1a' }];
    pass(60);
    expect((await refusal(client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets })))).code).toBe('ValidationError');
  });

  test('a port that is none is refused', async () => {
    const { client, group, launch, pass } = await setUp();
    const Targets = [{ Id: launch(), Port: 65_536 }];
    pass(60);
    expect((await refusal(client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets })))).code).toBe('ValidationError');
  });

  test('one sick port leaves the others and the instance well, and is mended by hand', async () => {
    const { balancing, ec2, hostOfThree, ports, health, pass, count } = await setUp();
    const instanceId = await hostOfThree();
    const mend = balancing.sickenTarget({ instanceId, port: 8081 });
    pass(60);
    expect(await ports()).toEqual({ 8080: 'healthy', 8081: 'unhealthy', 8082: 'healthy' });
    expect(await health()).toContainEqual(['unhealthy', 'Target.FailedHealthChecks']);
    expect([count('HealthyHostCount'), count('UnHealthyHostCount')]).toEqual([2, 1]);
    expect(ec2.get(instanceId)).toMatchObject({ systemStatus: 'ok', instanceStatus: 'ok', reachable: true });
    mend();
    pass(150);
    expect(await ports()).toEqual({ 8080: 'healthy', 8081: 'healthy', 8082: 'healthy' });
  });

  test('what is sick without a port is all of the instance, and no other instance', async () => {
    const { balancing, hostOfThree, ports, launch, pass, register } = await setUp();
    const instanceId = await hostOfThree();
    const other = launch();
    pass(300);
    await register(other);
    balancing.sickenTarget({ instanceId });
    pass(60);
    expect(await ports()).toEqual({ 80: 'healthy', 8080: 'unhealthy', 8081: 'unhealthy', 8082: 'unhealthy' });
  });

  test('sickness for one target group spares the others, by name and by ARN', async () => {
    const { balancing, client, input, group, balancer, launch, pass, register, listen, health } = await setUp();
    const instanceId = launch();
    pass(300);
    await register(instanceId);
    await listen();
    const TargetGroupArn = (await client.send(new CreateTargetGroupCommand({ ...input, Name: 'admin' }))).TargetGroups?.[0]?.TargetGroupArn;
    await client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: instanceId }] }));
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
    await client.send(new CreateListenerCommand({ LoadBalancerArn: balancer, Port: 81, Protocol: 'HTTP', DefaultActions }));
    const admin = async () =>
      (await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.[0]?.TargetHealth?.State;
    const mend = balancing.sickenTarget({ instanceId, targetGroup: 'admin' });
    pass(60);
    expect([await health(), await admin()]).toEqual([[['healthy', undefined]], 'unhealthy']);
    mend();
    balancing.sickenTarget({ instanceId, targetGroup: group });
    pass(300);
    expect([await health(), await admin()]).toEqual([[['unhealthy', 'Target.FailedHealthChecks']], 'healthy']);
  });

  test('a boot ends what was wrong with the software', async () => {
    const { balancing, machines, ec2, hostOfThree, ports, pass } = await setUp();
    const instanceId = await hostOfThree();
    balancing.sickenTarget({ instanceId, port: 8081 });
    pass(60);
    expect(await ports()).toMatchObject({ 8081: 'unhealthy' });
    ec2.shutDown(instanceId, 'guest');
    pass(120);
    await machines.send(new StartInstancesCommand({ InstanceIds: [instanceId] }));
    pass(600);
    expect(await ports()).toMatchObject({ 8081: 'healthy' });
  });

  test('a member is unwell for its group while any of its target groups says so', async () => {
    const { balancing, client, input, groups, told, balancer, launch, pass, listen } = await setUp();
    const TargetGroupArn = (await client.send(new CreateTargetGroupCommand({ ...input, Name: 'admin' }))).TargetGroups?.[0]?.TargetGroupArn;
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
    const instanceId = launch();
    pass(300);
    await listen();
    await client.send(new CreateListenerCommand({ LoadBalancerArn: balancer, Port: 81, Protocol: 'HTTP', DefaultActions }));
    groups.push(member([instanceId], () => [instanceId]));
    pass(60);
    const mendWeb = balancing.sickenTarget({ instanceId, targetGroup: 'web' });
    balancing.sickenTarget({ instanceId, targetGroup: 'admin' });
    pass(60);
    expect(told.at(-1)).toEqual([instanceId, false]);
    mendWeb();
    pass(150);
    expect(told.at(-1)).toEqual([instanceId, false]);
  });

  test.each<[string, { instanceId?: string; targetGroup?: string }]>([
    ['an instance', { instanceId: 'i-0aaaaaaaaaaaaaaaa' }],
    ['a target group', { targetGroup: 'none' }],
  ])('%s that does not exist has nothing to be sick', async (_, wrong) => {
    const { balancing, launch } = await setUp();
    expect(() => balancing.sickenTarget({ instanceId: launch(), ...wrong })).toThrow(RangeError);
  });
});

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
describe('attributes of a target group', () => {
  test('the deregistration delay is how long a target drains', async () => {
    const { client, group, launch, pass, register, health, listen } = await setUp();
    const Key = 'deregistration_delay.timeout_seconds';
    const read = async () =>
      (await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group }))).Attributes?.find(
        (attribute) => attribute.Key === Key,
      )?.Value;
    expect(await read()).toBe('300');
    await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes: [{ Key, Value: '60' }] }));
    expect(await read()).toBe('60');
    const id = launch();
    pass(300);
    await register(id);
    await listen();
    pass(30);
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: id }] }));
    pass(59);
    expect(await health()).toEqual([['draining', 'Target.DeregistrationInProgress']]);
    pass(1);
    expect(await health()).toEqual([]);
  });

  test.each([
    ['a delay above an hour', 'deregistration_delay.timeout_seconds', '3601'],
    ['a key that it has not', 'deregistration_delay.timeout', '60'],
    ['what would need traffic', 'slow_start.duration_seconds', '30'],
  ])('refuse %s', async (_, Key, Value) => {
    const { client, group } = await setUp();
    const call = client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes: [{ Key, Value }] }));
    expect((await refusal(call)).code).toBe('ValidationError');
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
