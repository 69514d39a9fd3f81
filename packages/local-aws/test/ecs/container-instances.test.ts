import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateDocumentCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { localClients, refusal } from '../harness.ts';
import { account, minute, region, setUp } from './harness.ts';

let world: ReturnType<typeof setUp>;
beforeEach(() => {
  world = setUp();
});
afterEach(() => world.aws.close());

const cluster = 'prod';
const found = async () => {
  const { containerInstanceArns = [] } = await world.ecs.send(new ListContainerInstancesCommand({ cluster }));
  const { containerInstances = [] } = await world.ecs.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
  );
  return containerInstances;
};
const hostOf = async (id: string) => (await found()).find(({ ec2InstanceId }) => ec2InstanceId === id);
const setStatus = async (id: string, status: 'ACTIVE' | 'DRAINING') => {
  const containerInstances = [(await hostOf(id))?.containerInstanceArn ?? ''];
  return world.ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances, status }));
};
const agentEvents = () =>
  world.events.flatMap((event) =>
    event['detail-type'] === 'ECS Container Instance State Change' ? [`${event.detail.status} ${event.detail.agentConnected}`] : [],
  );

describe('a container instance', () => {
  test('is an instance of EC2, and tasks are spread over all of them', async () => {
    const [first = ''] = await world.hosts(2);
    world.place('checkout', { desired: 4, launchType: 'EC2' });
    expect(await hostOf(first)).toMatchObject({
      status: 'ACTIVE',
      agentConnected: true,
      runningTasksCount: 2,
      pendingTasksCount: 0,
      containerInstanceArn: expect.stringContaining(`:container-instance/prod/`),
      attributes: expect.arrayContaining([{ name: 'ecs.availability-zone', value: `${region}a` }]),
    });
    const { clusters } = await world.ecs.send(new DescribeClustersCommand({ clusters: [cluster, 'none'] }));
    expect(clusters).toMatchObject([{ registeredContainerInstancesCount: 2, runningTasksCount: 4, activeServicesCount: 1 }]);
    expect(agentEvents()).toEqual(['ACTIVE true', 'ACTIVE true']);
  });

  test('joins when its group launches it, and is deregistered when it is terminated, and its tasks run elsewhere', async () => {
    const { aws, hosts, place, pass, service, ecs } = world;
    const [first = ''] = await hosts(2);
    place('checkout', { desired: 4, launchType: 'EC2' });
    const { containerInstanceArn: arn = '' } = (await hostOf(first)) ?? {};
    aws.ec2.terminate(first, 'service');
    await pass(3);
    expect(await found()).toHaveLength(1);
    expect(await service('checkout')).toMatchObject({ runningCount: 4, deployments: [{ failedTasks: 0 }] });
    const stopped = await ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED', containerInstance: arn }));
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: stopped.taskArns ?? [] }));
    expect(tasks.map(({ stoppedReason }) => stoppedReason)).toEqual(Array(2).fill(`Host EC2 (instance ${first}) terminated.`));
    expect(agentEvents().at(-1)).toBe('INACTIVE false');
    aws.ec2.launch({
      imageId: 'ami-0123456789abcdef0',
      instanceType: 'm7i.large',
      availabilityZone: `${region}a`,
      tags: [],
      groupName: 'hosts',
    });
    await pass(4);
    expect(await found()).toHaveLength(2);
  });

  test('that is drained loses the tasks of services within their percentages, and keeps the others', async () => {
    const { aws, hosts, place, pass, service } = world;
    const [first = ''] = await hosts(2);
    place('checkout', { desired: 4, launchType: 'EC2' });
    expect((await setStatus(first, 'DRAINING')).containerInstances).toMatchObject([{ status: 'DRAINING' }]);
    for (let i = 0; i < 60; i++) {
      await pass(1 / 30);
      expect((await service('checkout')).runningCount).toBeGreaterThanOrEqual(4);
    }
    expect(await hostOf(first)).toMatchObject({ runningTasksCount: 0, status: 'DRAINING' });
    expect(await service('checkout')).toMatchObject({ runningCount: 4, deployments: [{ rolloutState: 'COMPLETED' }] });
    await setStatus(first, 'ACTIVE');
    await world.ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 6 }));
    await pass(1);
    expect((await hostOf(first))?.runningTasksCount).toBe(2);
    expect(aws.world.clock.now()).toBeGreaterThan(0);
  });

  test('whose agent is gone keeps its tasks, gets no new ones, and is back once a command starts the agent', async () => {
    const { aws, hosts, place, pass, ecs } = world;
    const [first = '', second = ''] = await hosts(2);
    place('checkout', { desired: 2, launchType: 'EC2' });
    aws.faults.inject({ fault: 'lose-container-agent', target: first });
    await pass(1);
    expect(await hostOf(first)).toMatchObject({ agentConnected: false, status: 'ACTIVE', runningTasksCount: 1 });
    await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 4 }));
    await pass(1);
    expect([(await hostOf(first))?.runningTasksCount, (await hostOf(second))?.runningTasksCount]).toEqual([1, 3]);

    const { ssm } = localClients(aws.handle);
    const content = JSON.stringify({
      schemaVersion: '2.2',
      mainSteps: [{ action: 'aws:runShellScript', name: 's', inputs: { runCommand: ['systemctl restart ecs'] } }],
    });
    await ssm.send(new CreateDocumentCommand({ Name: 'restart-ecs', Content: content, DocumentType: 'Command' }));
    aws.faults.inject({ fault: 'document-does', target: 'restart-ecs', restarts: 'ecs' });
    await ssm.send(new SendCommandCommand({ DocumentName: 'restart-ecs', InstanceIds: [first] }));
    await pass(1);
    expect((await hostOf(first))?.agentConnected).toBe(true);
    expect(agentEvents().slice(2)).toEqual(['ACTIVE false', 'ACTIVE true']);
  });

  test('whose agent is gone can be drained: others run in the place of its tasks, which end with it', async () => {
    const { aws, hosts, place, pass, ecs, service } = world;
    const [first = ''] = await hosts(2);
    place('checkout', { desired: 2, launchType: 'EC2' });
    aws.faults.inject({ fault: 'lose-container-agent', target: first, how: 'cut-off' });
    await pass(1);
    await setStatus(first, 'DRAINING');
    await pass(3);
    expect(await service('checkout')).toMatchObject({ runningCount: 2, desiredCount: 2 });
    const { containerInstanceArn = '', runningTasksCount } = (await hostOf(first)) ?? {};
    expect(runningTasksCount).toBe(1);
    const list = (desiredStatus: 'RUNNING' | 'STOPPED') =>
      ecs.send(new ListTasksCommand({ cluster, containerInstance: containerInstanceArn, desiredStatus }));
    expect((await list('RUNNING')).taskArns).toEqual([]);
    expect((await list('STOPPED')).taskArns).toHaveLength(1);
    aws.ec2.terminate(first, 'service');
    await pass(3);
    expect(await found()).toHaveLength(1);
  });

  test('flaps: its agent is back before anybody has done anything', async () => {
    const { aws, hosts, pass } = world;
    const [first = ''] = await hosts(1);
    const fault = aws.faults.inject({ fault: 'lose-container-agent', target: cluster, how: 'cut-off' });
    await pass(2);
    aws.faults.end(fault);
    await pass(1);
    expect((await hostOf(first))?.agentConnected).toBe(true);
    expect(agentEvents()).toEqual(['ACTIVE true', 'ACTIVE false', 'ACTIVE true']);
    expect(() => aws.faults.inject({ fault: 'lose-container-agent', target: 'i-0123456789abcdef0' })).toThrow(RangeError);
  });

  test('of a cluster without an agent: no task can be placed, which an event tells', async () => {
    const { aws, hosts, place, pass, ecs, events } = world;
    await hosts(2);
    place('checkout', { desired: 2, launchType: 'EC2' });
    aws.faults.inject({ fault: 'lose-container-agent', target: cluster });
    await pass(1);
    await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 3 }));
    await pass(3);
    expect(events.filter(({ detail }) => detail.eventName === 'SERVICE_TASK_PLACEMENT_FAILURE')).toMatchObject([
      { detail: { reason: 'AGENT', eventType: 'ERROR' } },
    ]);
  });

  test('is named by an id that there must be', async () => {
    const { ecs, hosts } = world;
    await hosts(1);
    const arn = `arn:aws:ecs:${region}:${account}:container-instance/prod/none`;
    const update = (containerInstances: string[], status: 'DRAINING' | 'INACTIVE') =>
      ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances, status: status as 'DRAINING' }));
    expect(await update(['none'], 'DRAINING')).toMatchObject({ containerInstances: [], failures: [{ arn, reason: 'MISSING' }] });
    expect(await refusal(update(['none'], 'INACTIVE'))).toMatchObject({ code: 'InvalidParameterException' });
    expect(await refusal(update([], 'DRAINING'))).toMatchObject({ code: 'InvalidParameterException' });
  });
});

describe('a task behind a load balancer', () => {
  /** A target group that a load balancer uses, and a service of two tasks in it, on two hosts. */
  const behind = async (launchType: 'EC2' | 'FARGATE' = 'EC2') => {
    const { elb } = localClients(world.aws.handle);
    if (launchType === 'EC2') await world.hosts(2);
    const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['subnet-1', 'subnet-2'] }));
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: 'shop',
        Protocol: 'HTTP',
        Port: 80,
        VpcId: 'vpc-0a1b2c3d4e5f60718',
        HealthCheckIntervalSeconds: 10,
        TargetType: launchType === 'EC2' ? 'instance' : 'ip',
      }),
    );
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    world.place('checkout', { desired: 2, launchType, targetGroupArn: TargetGroupArn });
    world.aws.ecs.placeTaskDefinition('checkout', 2);
    await world.pass(1);
    const states = async () => {
      const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).sort();
    };
    const ids = async () => {
      const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return TargetHealthDescriptions.map(({ Target }) => Target?.Id);
    };
    return { TargetGroupArn, states, ids };
  };
  const sick = (overlooked: boolean) => world.aws.faults.inject({ fault: 'sick-task', target: 'prod/checkout', overlooked });

  test('is a target on a port of its own', async () => {
    const { states } = await behind();
    expect(await states()).toEqual(['healthy', 'healthy']);
    const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster }));
    const { tasks = [] } = await world.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    expect(tasks[0]?.containers?.[0]?.networkBindings).toMatchObject([{ containerPort: 80, hostPort: 32768 }]);
  });

  test('of Fargate is a target at an address of its own', async () => {
    const { states, ids } = await behind('FARGATE');
    expect(await states()).toEqual(['healthy', 'healthy']);
    const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster }));
    const { tasks = [] } = await world.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    expect(tasks.map(({ attachments }) => attachments?.[0]?.details?.[0]?.value)).toEqual(await ids());
    sick(false);
    await world.pass(8);
    expect(await states()).toEqual(['healthy', 'healthy']);
    expect(await ids()).not.toEqual(tasks.map(({ attachments }) => attachments?.[0]?.details?.[0]?.value));
  });

  test('that fails its checks is replaced', async () => {
    const { states } = await behind();
    sick(false);
    await world.pass(4);
    expect((await states()).filter((state) => state !== 'draining')).toEqual(['healthy', 'healthy']);
    const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }));
    const { tasks = [] } = await world.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    expect(tasks).toMatchObject([
      { stopCode: 'ServiceSchedulerInitiated', stoppedReason: expect.stringMatching(/^Task failed ELB health checks in/) },
    ]);
  });

  test('that only its target group finds sick stays, until somebody stops it', async () => {
    const { states } = await behind();
    const { taskArns: [oldest = ''] = [] } = await world.ecs.send(new ListTasksCommand({ cluster, serviceName: 'checkout' }));
    sick(true);
    await world.pass(10);
    expect(await states()).toEqual(['healthy', 'unhealthy']);
    expect(await world.service('checkout')).toMatchObject({ runningCount: 2, deployments: [{ rolloutState: 'COMPLETED' }] });
    await world.ecs.send(new StopTaskCommand({ cluster, task: oldest }));
    await world.pass(8);
    expect(await states()).toEqual(['healthy', 'healthy']);
  });

  test('of a revision that answers with errors passes its checks, and a share of the requests fails', async () => {
    const { TargetGroupArn } = await behind();
    const { aws, ecs, pass } = world;
    aws.faults.inject({ fault: 'send-requests', target: TargetGroupArn, perSecond: 10 });
    aws.faults.inject({ fault: 'bad-task-definition', target: 'checkout:2', kind: 'errors', ratio: 0.5 });
    await pass(5);
    expect(aws.loadBalancing.requests(TargetGroupArn).failed).toBe(0);
    await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', taskDefinition: 'checkout:2' }));
    await pass(10);
    const before = aws.loadBalancing.requests(TargetGroupArn);
    await pass(10);
    const after = aws.loadBalancing.requests(TargetGroupArn);
    expect(after.failed - before.failed).toBe((after.total - before.total) / 2);
    expect(await world.service('checkout')).toMatchObject({ runningCount: 2, deployments: [{ rolloutState: 'COMPLETED' }] });
  });
});

test('an instance that reboots starts its tasks again', async () => {
  const { aws, hosts, place, pass, service } = world;
  const [first = ''] = await hosts(1);
  place('checkout', { desired: 2, launchType: 'EC2' });
  const fault = aws.faults.inject({ fault: 'hang-kernel', target: first });
  await pass(3);
  expect((await hostOf(first))?.agentConnected).toBe(false);
  aws.faults.end(fault);
  await pass(5);
  expect((await hostOf(first))?.agentConnected).toBe(true);
  expect((await service('checkout')).runningCount).toBe(2);
  expect(aws.world.clock.now() % minute).toBe(0);
});
