import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PlacedService } from '../../src/services/ecs/index.ts';
import { refusal } from '../harness.ts';
import { setUp } from './harness.ts';

let world: ReturnType<typeof setUp>;
beforeEach(() => {
  world = setUp();
});
afterEach(() => world.aws.close());

const cluster = 'prod';
/** A service with a first revision that is well, and a second one that isn't. */
const bad = (more: Partial<PlacedService> = {}) => {
  const { aws, place } = world;
  place('checkout', { desired: 4, ...more });
  aws.ecs.placeTaskDefinition('checkout', 2);
  aws.faults.inject({ fault: 'bad-task-definition', target: 'checkout:2' });
};
const deploy = (revision: number) =>
  world.ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', taskDefinition: `checkout:${revision}` }));
const stop = (serviceDeploymentArn?: string, stopType: 'ROLLBACK' | 'ABORT' = 'ROLLBACK') =>
  world.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType }));
const statuses = async () => {
  const { serviceDeployments = [] } = await world.ecs.send(new ListServiceDeploymentsCommand({ cluster, service: 'checkout' }));
  return serviceDeployments.map(({ status }) => status);
};

describe('a deployment', () => {
  test('replaces the tasks within the percentages, and says how it ended', async () => {
    const { aws, place, service, deployment, named, pass } = world;
    place('checkout', { desired: 4, minimumHealthyPercent: 50, maximumPercent: 100 });
    aws.ecs.placeTaskDefinition('checkout', 2);
    await deploy(2);
    expect(await deployment('checkout')).toMatchObject({ status: 'IN_PROGRESS', targetServiceRevision: { requestedTaskCount: 4 } });
    const counts = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await pass(1 / 30);
      const { runningCount = 0, pendingCount = 0 } = await service('checkout');
      expect(runningCount).toBeGreaterThanOrEqual(2);
      expect(runningCount + pendingCount).toBeLessThanOrEqual(4);
      counts.add(`${runningCount}+${pendingCount}`);
    }
    expect(counts).toContain('2+2');
    expect(await service('checkout')).toMatchObject({
      runningCount: 4,
      taskDefinition: expect.stringMatching(/checkout:2$/),
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    });
    const { status, sourceServiceRevisions, targetServiceRevision, finishedAt } = (await deployment('checkout')) ?? {};
    expect({ status, done: finishedAt !== undefined }).toEqual({ status: 'SUCCESSFUL', done: true });
    const arns = [sourceServiceRevisions?.[0]?.arn ?? '', targetServiceRevision?.arn ?? ''];
    const { serviceRevisions = [] } = await world.ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: arns }));
    expect(serviceRevisions.map(({ taskDefinition }) => taskDefinition?.split('/')[1])).toEqual(['checkout:1', 'checkout:2']);
    expect(named('ECS Deployment State Change')).toEqual(['SERVICE_DEPLOYMENT_IN_PROGRESS', 'SERVICE_DEPLOYMENT_COMPLETED']);
  });

  test('whose image cannot be pulled goes on failing, ever more slowly, and leaves the tasks before it alone', async () => {
    bad();
    await deploy(2);
    await world.pass(30);
    const { runningCount, deployments = [], events = [] } = await world.service('checkout');
    expect(runningCount).toBe(4);
    expect(deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }, { rolloutState: 'COMPLETED', runningCount: 4 }]);
    const { failedTasks = 0 } = deployments[0] ?? {};
    expect(failedTasks).toBeGreaterThan(6);
    expect(failedTasks).toBeLessThan(60);
    expect(events.some(({ message }) => message === '(service checkout) is unable to consistently start tasks successfully.')).toBe(true);
    expect(world.named('ECS Service Action')).toEqual(['SERVICE_TASK_START_IMPAIRED']);
    const { taskArns = [] } = await world.ecs.send(new ListTasksCommand({ cluster, serviceName: 'checkout', desiredStatus: 'STOPPED' }));
    const { tasks = [] } = await world.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, 1) }));
    expect(tasks).toMatchObject([{ stopCode: 'TaskFailedToStart', stoppedReason: expect.stringMatching(/^CannotPullContainerError/) }]);
  });

  test('that its circuit breaker ends is rolled back', async () => {
    bad({ circuitBreaker: { enable: true, rollback: true } });
    await deploy(2);
    await world.pass(5);
    const found = await world.deployment('checkout');
    expect(found).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 4, threshold: 3 },
      rollback: { reason: expect.stringMatching(/^ECS deployment circuit breaker: rolling back to deploymentId ecs-svc\/\d+\.$/) },
    });
    expect(found?.rollback?.serviceRevisionArn).toBe(found?.sourceServiceRevisions?.[0]?.arn);
    expect(await world.service('checkout')).toMatchObject({ runningCount: 4, taskDefinition: expect.stringMatching(/checkout:1$/) });
    expect(world.named('ECS Deployment State Change')).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_FAILED',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
    expect(await refusal(stop(found?.serviceDeploymentArn))).toMatchObject({ code: 'ConflictException' });
  });

  // "0.5 * desired task count", 3 at least and 200 at most:
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
  test.each([
    [1, 3],
    [9, 5],
    [1000, 200],
  ])('of %s tasks is ended by its circuit breaker after %s failures', async (desired, threshold) => {
    world.place('checkout', { desired: 0, circuitBreaker: { enable: true, rollback: false } });
    await world.ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: desired }));
    expect((await world.deployment('checkout'))?.deploymentCircuitBreaker?.threshold).toBe(threshold);
  });

  test('that its circuit breaker ends without a rollback stays as it is', async () => {
    bad({ circuitBreaker: { enable: true, rollback: false } });
    await deploy(2);
    await world.pass(5);
    expect((await world.deployment('checkout'))?.status).toBe('STOPPED');
    expect((await world.service('checkout')).deployments).toMatchObject([
      { rolloutState: 'FAILED', rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.', runningCount: 0 },
      { rolloutState: 'COMPLETED', runningCount: 4 },
    ]);
  });

  test('that somebody stops goes back to the revision before, also where no rollback is configured', async () => {
    bad();
    await deploy(2);
    await world.pass(3);
    const { serviceDeploymentArn } = (await world.deployment('checkout')) ?? {};
    expect(await stop(serviceDeploymentArn)).toMatchObject({ serviceDeploymentArn });
    expect((await world.deployment('checkout'))?.status).toBe('ROLLBACK_REQUESTED');
    await world.pass(0.1);
    expect((await world.deployment('checkout'))?.status).toBe('ROLLBACK_IN_PROGRESS');
    // "The service deployment continues the rollback operation."
    expect(await stop(serviceDeploymentArn)).toMatchObject({ serviceDeploymentArn });
    await world.pass(3);
    expect(await statuses()).toEqual(['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL']);
    expect(await world.service('checkout')).toMatchObject({ runningCount: 4, taskDefinition: expect.stringMatching(/checkout:1$/) });
  });

  test('that somebody aborts starts nothing more', async () => {
    bad();
    await deploy(2);
    await world.pass(1);
    await stop((await world.deployment('checkout'))?.serviceDeploymentArn, 'ABORT');
    await world.pass(1);
    const { failedTasks } = (await world.service('checkout')).deployments?.[0] ?? {};
    await world.pass(30);
    expect(await statuses()).toEqual(['STOPPED', 'SUCCESSFUL']);
    expect((await world.service('checkout')).deployments?.[0]?.failedTasks).toBe(failedTasks);
  });

  test('ends with an alarm of its own', async () => {
    world.place('checkout', { desired: 2, alarms: { enable: true, rollback: true, names: ['errors'] } });
    world.aws.ecs.placeTaskDefinition('checkout', 2);
    await deploy(2);
    world.aws.world.emit({ type: 'alarm-state', alarmName: 'errors', from: 'OK', to: 'ALARM', at: world.aws.world.clock.now() });
    await world.pass(3);
    expect(await world.deployment('checkout')).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] },
    });
  });

  test('takes the place of one that is under way', async () => {
    bad();
    world.aws.ecs.placeTaskDefinition('checkout', 3);
    await deploy(2);
    await world.pass(2);
    await deploy(3);
    await world.pass(3);
    expect(await statuses()).toEqual(['SUCCESSFUL', 'STOPPED', 'SUCCESSFUL']);
    expect(await world.service('checkout')).toMatchObject({
      runningCount: 4,
      deployments: [{ taskDefinition: expect.stringMatching(/:3$/) }],
    });
  });

  test('is named by an ARN that there must be', async () => {
    bad();
    const arn = `arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/checkout/none`;
    expect(await refusal(stop(arn))).toMatchObject({ code: 'ServiceDeploymentNotFoundException', status: 400 });
    const describe = (arns: string[]) => world.ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns }));
    expect((await describe([arn])).failures).toEqual([{ arn, reason: 'MISSING' }]);
    expect(await refusal(describe(['none']))).toMatchObject({ code: 'InvalidParameterException' });
    const first = await world.deployment('checkout');
    expect(await refusal(stop(first?.serviceDeploymentArn))).toMatchObject({ code: 'ConflictException' });
  });
});

test('software that exits after each start is restarted again and again', async () => {
  const { aws, ecs, place, pass } = world;
  place('checkout', { desired: 1 });
  aws.ecs.placeTaskDefinition('checkout', 2);
  aws.faults.inject({ fault: 'bad-task-definition', target: 'checkout:2', kind: 'exits', after: 5 });
  await deploy(2);
  await pass(4);
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName: 'checkout', desiredStatus: 'STOPPED' }));
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  const exited = tasks.filter(({ stopCode }) => stopCode === 'EssentialContainerExited');
  expect(exited.length).toBeGreaterThan(2);
  expect(exited[0]?.containers).toMatchObject([{ exitCode: 1 }]);
});

test('a slow start takes longer', async () => {
  const { aws, ecs, place, pass, service } = world;
  place('checkout', { desired: 1 });
  aws.faults.inject({ fault: 'slow-task-start', target: 'prod/checkout', seconds: 600 });
  await ecs.send(new UpdateServiceCommand({ cluster, service: 'checkout', desiredCount: 2 }));
  await pass(9);
  expect(await service('checkout')).toMatchObject({ runningCount: 1, pendingCount: 1 });
  await pass(3);
  expect(await service('checkout')).toMatchObject({ runningCount: 2, pendingCount: 0 });
});
