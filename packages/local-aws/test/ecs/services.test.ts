import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  ListTasksCommand,
  paginateListServices,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateServiceCommand,
  waitUntilServicesInactive,
  waitUntilServicesStable,
  waitUntilTasksRunning,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { account, minute, region, setUp, start } from './harness.ts';

let world: ReturnType<typeof setUp>;
beforeEach(() => {
  world = setUp();
});
afterEach(() => world.aws.close());

const soon = { maxWaitTime: 2, minDelay: 1, maxDelay: 1 };
const cluster = 'prod';
const tasksOf = async (serviceName: string): Promise<string[]> => {
  const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster, serviceName }));
  return taskArns;
};

describe('a service', () => {
  test('keeps as many tasks running as are wanted', async () => {
    const { ecs, place, service, pass } = world;
    place('checkout', { desired: 3 });
    const [first = ''] = await tasksOf('checkout');
    const { task } = await ecs.send(new StopTaskCommand({ cluster, task: first, reason: 'a drill' }));
    expect(task).toMatchObject({ desiredStatus: 'STOPPED', stopCode: 'UserInitiated', stoppedReason: 'a drill' });
    expect(await service('checkout')).toMatchObject({ desiredCount: 3, runningCount: 2 });
    await pass(1);
    expect(await service('checkout')).toMatchObject({ runningCount: 3, pendingCount: 0, deployments: [{ rolloutState: 'COMPLETED' }] });
    expect((await waitUntilTasksStopped({ client: ecs, ...soon }, { cluster, tasks: [first] })).state).toBe('SUCCESS');
    expect((await waitUntilTasksRunning({ client: ecs, ...soon }, { cluster, tasks: await tasksOf('checkout') })).state).toBe('SUCCESS');
    await pass(61);
    const { failures } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [first] }));
    expect(failures).toEqual([{ arn: first, reason: 'MISSING' }]);
  });

  test('grows and shrinks without a deployment', async () => {
    const { ecs, place, service, pass, named } = world;
    place('checkout', { desired: 2 });
    await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 4 }));
    expect(await service('checkout')).toMatchObject({ desiredCount: 4, runningCount: 2 });
    await pass(1);
    expect(await service('checkout')).toMatchObject({ runningCount: 4, deployments: [{ status: 'PRIMARY' }] });
    await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 1 }));
    await pass(1);
    expect((await service('checkout')).runningCount).toBe(1);
    expect(named('ECS Deployment State Change')).toEqual([]);
    expect(named('ECS Service Action')).toEqual(['SERVICE_STEADY_STATE', 'SERVICE_STEADY_STATE']);
  });

  test('is made, is stable, and is inactive once it is deleted', async () => {
    const { ecs, pass } = world;
    const containerDefinitions = [{ name: 'app', image: 'shop:1' }];
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'shop', containerDefinitions }));
    await ecs.send(
      new CreateServiceCommand({ cluster, serviceName: 'shop', taskDefinition: 'shop', desiredCount: 2, launchType: 'FARGATE' }),
    );
    await pass(1);
    const waiting = { cluster, services: ['shop'] };
    expect((await waitUntilServicesStable({ client: ecs, ...soon }, waiting)).state).toBe('SUCCESS');
    expect(await refusal(ecs.send(new DeleteServiceCommand({ cluster, service: 'shop' })))).toMatchObject({
      code: 'InvalidParameterException',
    });
    await ecs.send(new DeleteServiceCommand({ cluster, service: 'shop', force: true }));
    await pass(1);
    expect((await waitUntilServicesInactive({ client: ecs, ...soon }, waiting)).state).toBe('SUCCESS');
    expect(await refusal(ecs.send(new UpdateServiceCommand({ cluster, service: 'shop', desiredCount: 1 })))).toMatchObject({
      code: 'ServiceNotActiveException',
    });
  });

  test('says of its tasks when they run and when they stop', async () => {
    const { ecs, place, pass, events } = world;
    place('checkout', { desired: 1 });
    const [task = ''] = await tasksOf('checkout');
    await ecs.send(new StopTaskCommand({ cluster, task }));
    await pass(1);
    const told = events.filter((event) => event['detail-type'] === 'ECS Task State Change');
    expect(told.filter(({ resources }) => resources[0] === task).map(({ detail }) => [detail.lastStatus, detail.desiredStatus])).toEqual([
      ['RUNNING', 'STOPPED'],
      ['STOPPED', 'STOPPED'],
    ]);
    expect(told.at(-1)).toMatchObject({
      source: 'aws.ecs',
      detail: {
        clusterArn: `arn:aws:ecs:${region}:${account}:cluster/prod`,
        group: 'service:checkout',
        launchType: 'FARGATE',
        version: expect.any(Number),
      },
    });
    expect(typeof told.at(-1)?.detail.createdAt).toBe('string');
  });

  test('has tags, which it shows where they are asked for', async () => {
    const { ecs, place, service } = world;
    place('checkout', { tags: { team: 'shop' } });
    const { serviceArn: resourceArn = '' } = await service('checkout');
    await ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'selfheal', value: 'on' }] }));
    await ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
    const tags = [{ key: 'selfheal', value: 'on' }];
    expect((await service('checkout')).tags).toEqual(tags);
    expect((await ecs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['checkout'] }));
    expect(services?.[0]).not.toHaveProperty('tags');
  });

  test('is one of those that are listed, a page at a time', async () => {
    const { ecs, place } = world;
    for (let i = 0; i < 23; i++) place(`s${i}`, { desired: 0 });
    const pages: number[] = [];
    for await (const { serviceArns = [] } of paginateListServices({ client: ecs }, { cluster })) pages.push(serviceArns.length);
    expect(pages).toEqual([10, 10, 3]);
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([`arn:aws:ecs:${region}:${account}:cluster/prod`]);
    expect(await refusal(ecs.send(new ListServicesCommand({ cluster, nextToken: 'x' })))).toMatchObject({
      code: 'InvalidParameterException',
    });
  });

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html and the pages beside it
  test.each([
    [
      'a task definition that there is not',
      new UpdateServiceCommand({ cluster, service: 'checkout', taskDefinition: 'checkout:9' }),
      'ClientException',
    ],
    ['to describe one', new DescribeTaskDefinitionCommand({ taskDefinition: 'none' }), 'ClientException'],
    [
      'a deployment of a service that CodeDeploy deploys',
      new UpdateServiceCommand({ cluster, service: 'blue', forceNewDeployment: true }),
      'InvalidParameterException',
    ],
    ['fewer than no tasks', new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: -1 }), 'InvalidParameterException'],
    ['the tasks of a service that there is not', new ListTasksCommand({ cluster, serviceName: 'none' }), 'ServiceNotFoundException'],
    ['to stop a task that there is not', new StopTaskCommand({ cluster, task: 'none' }), 'InvalidParameterException'],
    ['a cluster that there is not', new ListServicesCommand({ cluster: 'none' }), 'ClusterNotFoundException'],
  ])('refuses %s as AWS does', async (_, command, code) => {
    world.place('checkout');
    world.place('blue', { controller: 'CODE_DEPLOY' });
    expect(await refusal(world.ecs.send(command as never))).toMatchObject({ code, status: 400 });
  });
});

test('what a service has to do shows in its metrics, also of the past, and drives alarms', async () => {
  const { aws, ecs, place, pass } = world;
  place('checkout', { desired: 2, createdAt: start - 60 * minute });
  await pass(5);
  const fault = aws.faults.inject({ fault: 'add-service-load', target: 'prod/checkout', percent: 120 });
  await pass(5);
  await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 4 }));
  await pass(5);
  aws.faults.end(fault);
  const { now } = aws.world.clock;
  const cpu = (at: number) => aws.ecs.metrics('CPUUtilization', { ClusterName: cluster, ServiceName: 'checkout' }, at);
  expect([cpu(start - minute), cpu(start + 9 * minute), cpu(now())]).toEqual([8, 68, 38]);
  await pass(1);
  expect(cpu(now())).toBe(8);
  expect(aws.ecs.metrics('MemoryUtilization', { ClusterName: cluster, ServiceName: 'checkout' }, now())).toBe(25);
  expect(aws.ecs.metrics('CPUUtilization', { ClusterName: cluster }, now())).toBeUndefined();
});
