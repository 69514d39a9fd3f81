import type * as Sdk from '@aws-sdk/client-ecs';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import { type Clusters, type EcsService, lastOf, type PlacedTask } from './model.ts';

type Out<Output> = Omit<Output, '$metadata'>;

/** Stopped tasks are kept for an hour: assumed from "at least one hour". https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html */
const keptStopped = 3_600_000;

export const clusterOperations = (world: World, { services, tasks, clusterOf }: Clusters): Service['operations'] => {
  const { clock } = world;
  const ids = world.random.fork('ecs');

  const clusterArn = (name: string) => world.arn('ecs', `cluster/${name}`);
  const serviceArn = (cluster: string, name: string) => world.arn('ecs', `service/${cluster}/${name}`);
  const definitionArn = (family: string, revision: number) => world.arn('ecs', `task-definition/${family}:${revision}`);
  const within = (given: readonly unknown[], what: string, most: number) => {
    if (given.length === 0) throw new AwsError('InvalidParameterException', `${what} cannot be empty.`);
    if (given.length > most) throw new AwsError('InvalidParameterException', `${what} can have at most ${most} items.`);
  };

  const describe = (service: EcsService): Sdk.Service => {
    const { cluster, name, createdAt, desired, running, revision } = service;
    return {
      serviceArn: serviceArn(cluster, name),
      serviceName: name,
      clusterArn: clusterArn(cluster),
      status: 'ACTIVE',
      desiredCount: desired,
      runningCount: running,
      pendingCount: Math.max(0, desired - running),
      launchType: 'FARGATE',
      taskDefinition: definitionArn(name, revision),
      deployments: service.deployments.toReversed().map((deployment, i) => ({
        id: `ecs-svc/${Math.floor(deployment.at / 1000)}`,
        status: i === 0 ? 'PRIMARY' : 'ACTIVE',
        taskDefinition: definitionArn(name, deployment.revision),
        desiredCount: desired,
        runningCount: i === 0 ? running : 0,
        pendingCount: 0,
        failedTasks: deployment.failedTasks,
        createdAt: new Date(deployment.at),
        updatedAt: new Date(deployment.at),
        rolloutState: deployment.state,
        rolloutStateReason: deployment.reason,
      })),
      events: service.events.toReversed().map(({ at, message }) => ({ id: ids.uuid(), createdAt: new Date(at), message })),
      createdAt: new Date(createdAt),
      schedulingStrategy: 'REPLICA',
    };
  };

  const describeServices = (input: Sdk.DescribeServicesCommandInput): Out<Sdk.DescribeServicesCommandOutput> => {
    const { services: names = [] } = input;
    const cluster = clusterOf(input.cluster);
    within(names, 'Services', 10);
    const found = names.map((name) => services.get(`${cluster}/${lastOf(name)}`) ?? name);
    return {
      services: found.flatMap((one) => (typeof one === 'string' ? [] : [describe(one)])),
      failures: found.flatMap((one) => (typeof one === 'string' ? [{ arn: serviceArn(cluster, lastOf(one)), reason: 'MISSING' }] : [])),
    };
  };

  const describeTask = ({ cluster, id, createdAt, service, stopped }: PlacedTask & { createdAt: number }): Sdk.Task => ({
    taskArn: world.arn('ecs', `task/${cluster}/${id}`),
    clusterArn: clusterArn(cluster),
    taskDefinitionArn: definitionArn(service ?? 'task', 1),
    group: service === undefined ? 'family:task' : `service:${service}`,
    lastStatus: stopped ? 'STOPPED' : 'RUNNING',
    desiredStatus: stopped ? 'STOPPED' : 'RUNNING',
    healthStatus: 'UNKNOWN',
    availabilityZone: `${world.region}a`,
    createdAt: new Date(createdAt),
    startedAt: new Date(createdAt),
    ...(stopped && {
      stoppedAt: new Date(stopped.at),
      stoppingAt: new Date(stopped.at),
      stopCode: stopped.code as Sdk.TaskStopCode,
      stoppedReason: stopped.reason,
    }),
    containers: [
      {
        name: 'app',
        lastStatus: stopped ? 'STOPPED' : 'RUNNING',
        ...(stopped?.exitCode === undefined ? {} : { exitCode: stopped.exitCode }),
      },
    ],
  });

  const describeTasks = (input: Sdk.DescribeTasksCommandInput): Out<Sdk.DescribeTasksCommandOutput> => {
    const { tasks: names = [] } = input;
    const cluster = clusterOf(input.cluster);
    within(names, 'Tasks', 100);
    const found = names.map((name) => {
      const task = tasks.get(`${cluster}/${lastOf(name)}`);
      return task && (task.stopped === undefined || clock.now() - task.stopped.at <= keptStopped) ? task : name;
    });
    return {
      tasks: found.flatMap((one) => (typeof one === 'string' ? [] : [describeTask(one)])),
      failures: found.flatMap((one) =>
        typeof one === 'string' ? [{ arn: world.arn('ecs', `task/${cluster}/${lastOf(one)}`), reason: 'MISSING' }] : [],
      ),
    };
  };

  const updateService = (input: Sdk.UpdateServiceCommandInput): Out<Sdk.UpdateServiceCommandOutput> => {
    const found = services.get(`${clusterOf(input.cluster)}/${lastOf(input.service ?? '')}`);
    if (!found) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    found.desired = input.desiredCount ?? found.desired;
    if (input.taskDefinition !== undefined || input.forceNewDeployment) {
      found.revision = Number(/:(\d{1,6})$/.exec(input.taskDefinition ?? '')?.[1] ?? found.revision);
      const state = { state: 'IN_PROGRESS', reason: 'ECS deployment in progress.', failedTasks: 0 } as const;
      found.deployments.push({ at: clock.now(), revision: found.revision, ...state });
    }
    return { service: describe(found) };
  };

  return {
    DescribeServices: operation<Sdk.DescribeServicesCommandInput, Sdk.DescribeServicesCommandOutput>(
      () => sdk.ecs().DescribeServices$,
      describeServices,
    ),
    DescribeTasks: operation<Sdk.DescribeTasksCommandInput, Sdk.DescribeTasksCommandOutput>(() => sdk.ecs().DescribeTasks$, describeTasks),
    UpdateService: operation<Sdk.UpdateServiceCommandInput, Sdk.UpdateServiceCommandOutput>(() => sdk.ecs().UpdateService$, updateService),
  };
};
