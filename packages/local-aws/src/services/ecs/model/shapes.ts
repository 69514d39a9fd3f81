import type * as Sdk from '@aws-sdk/client-ecs';
import { ecsParameters } from '../../../core/model-parameters.ts';
import {
  type Cluster,
  type ContainerInstance,
  type EcsService,
  isLive,
  type Rollout,
  type ServiceDeployment,
  type ServiceRevision,
  type State,
  type Task,
  type TaskDefinition,
} from './state.ts';

const date = (at: number) => new Date(at);
export const tagList = (tags: ReadonlyMap<string, string>): Sdk.Tag[] => [...tags].map(([key, value]) => ({ key, value }));

/** Failed tasks that end a deployment. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
export const thresholdOf = ({ desired }: EcsService): number => {
  const { share, least, most } = ecsParameters.circuitBreaker;
  return Math.min(most, Math.max(least, Math.ceil(share * desired)));
};

const countsOf = (tasks: readonly Task[]) => {
  const live = tasks.filter(isLive);
  return {
    runningCount: live.filter(({ last }) => last === 'RUNNING').length,
    pendingCount: live.filter(({ last }) => last === 'PENDING').length,
  };
};

/** What is there, in the API's words. */
export const createShapes = ({ arn }: State) => {
  const tasksOf = (service: EcsService): Task[] => [...service.cluster.tasks.values()].filter((task) => task.service === service);

  const configuration = (service: EcsService): Sdk.DeploymentConfiguration => {
    const { circuitBreaker, alarms, maximumPercent, minimumHealthyPercent, controller } = service;
    return {
      maximumPercent,
      minimumHealthyPercent,
      ...(controller === 'ECS' ? { deploymentCircuitBreaker: circuitBreaker, strategy: 'ROLLING' } : {}),
      ...(alarms.names.length > 0 ? { alarms: { alarmNames: [...alarms.names], enable: alarms.enable, rollback: alarms.rollback } } : {}),
    };
  };

  const rollout = (service: EcsService, one: Rollout, tasks: readonly Task[]): Sdk.Deployment => {
    const own = tasks.filter(({ rollout }) => rollout === one);
    const primary = service.rollouts.at(-1) === one;
    return {
      id: one.id,
      status: primary ? 'PRIMARY' : 'ACTIVE',
      taskDefinition: arn.definition(one.revision.definition),
      desiredCount: primary ? service.desired : own.filter(isLive).length,
      ...countsOf(own),
      failedTasks: one.failedTasks,
      createdAt: date(one.createdAt),
      updatedAt: date(one.updatedAt),
      launchType: service.launchType,
      ...(service.controller === 'ECS' ? { rolloutState: one.state, rolloutStateReason: one.reason } : {}),
    };
  };

  const revisionSummary = (service: EcsService, revision: ServiceRevision, requested: number): Sdk.ServiceRevisionSummary => {
    const { runningCount, pendingCount } = countsOf(tasksOf(service).filter((task) => task.rollout?.revision === revision));
    return { arn: revision.arn, requestedTaskCount: requested, runningTaskCount: runningCount, pendingTaskCount: pendingCount };
  };

  const service = (one: EcsService, include: readonly string[] = []): Sdk.Service => {
    const tasks = tasksOf(one);
    const primary = one.rollouts.at(-1);
    const current = one.deployments.at(-1);
    return {
      serviceArn: arn.service(one),
      serviceName: one.name,
      clusterArn: arn.cluster(one.cluster),
      status: one.status,
      desiredCount: one.desired,
      ...countsOf(tasks),
      launchType: one.launchType,
      ...(primary ? { taskDefinition: arn.definition(primary.revision.definition) } : {}),
      deploymentConfiguration: configuration(one),
      deploymentController: { type: one.controller },
      deployments: one.rollouts.toReversed().map((each) => rollout(one, each, tasks)),
      ...(current?.status === 'IN_PROGRESS' || current?.status === 'ROLLBACK_IN_PROGRESS' || current?.status === 'ROLLBACK_REQUESTED'
        ? { currentServiceDeployment: current.arn }
        : {}),
      currentServiceRevisions: [...new Set(one.rollouts.map(({ revision }) => revision))].map((revision) => {
        const { requestedTaskCount: _, ...counts } = revisionSummary(one, revision, 0);
        return { ...counts, requestedTaskCount: revision === primary?.revision ? one.desired : (counts.runningTaskCount ?? 0) };
      }),
      loadBalancers:
        one.targetGroupArn === undefined ? [] : [{ targetGroupArn: one.targetGroupArn, containerName: 'app', containerPort: 80 }],
      ...(one.targetGroupArn === undefined ? {} : { healthCheckGracePeriodSeconds: one.graceSeconds }),
      serviceRegistries: [],
      // "Up to 100 of the latest events".
      events: one.events
        .slice(-100)
        .toReversed()
        .map(({ id, at, message }) => ({ id, createdAt: date(at), message })),
      createdAt: date(one.createdAt),
      schedulingStrategy: 'REPLICA',
      // Of all services here: its tasks have its tags.
      propagateTags: 'SERVICE',
      placementConstraints: [],
      placementStrategy: [],
      ...(include.includes('TAGS') ? { tags: tagList(one.tags) } : {}),
    };
  };

  const deployment = (of: EcsService, one: ServiceDeployment): Sdk.ServiceDeployment => {
    const { source, target, rollback, finishedAt, stoppedAt, reason } = one;
    const wanted = rollback?.revision ?? target;
    const done = finishedAt !== undefined || stoppedAt !== undefined;
    return {
      serviceDeploymentArn: one.arn,
      serviceArn: arn.service(of),
      clusterArn: arn.cluster(of.cluster),
      createdAt: date(one.createdAt),
      startedAt: date(one.createdAt),
      updatedAt: date(one.updatedAt),
      ...(finishedAt === undefined ? {} : { finishedAt: date(finishedAt) }),
      ...(stoppedAt === undefined ? {} : { stoppedAt: date(stoppedAt) }),
      sourceServiceRevisions: source.map((revision) => revisionSummary(of, revision, revision === wanted ? of.desired : 0)),
      targetServiceRevision: revisionSummary(of, target, rollback ? 0 : of.desired),
      status: one.status,
      ...(reason === undefined ? {} : { statusReason: reason }),
      deploymentConfiguration: configuration(of),
      ...(rollback
        ? { rollback: { reason: rollback.reason, startedAt: date(rollback.startedAt), serviceRevisionArn: rollback.revision.arn } }
        : {}),
      deploymentCircuitBreaker: {
        status: !of.circuitBreaker.enable ? 'DISABLED' : one.breakerTriggered ? 'TRIGGERED' : done ? 'MONITORING_COMPLETE' : 'MONITORING',
        failureCount: one.failures,
        threshold: thresholdOf(of),
      },
      alarms: {
        status: !of.alarms.enable ? 'DISABLED' : one.triggeredAlarms.length > 0 ? 'TRIGGERED' : done ? 'MONITORING_COMPLETE' : 'MONITORING',
        alarmNames: [...of.alarms.names],
        triggeredAlarmNames: one.triggeredAlarms,
      },
    };
  };

  const task = (one: Task, include: readonly string[] = []): Sdk.Task => {
    const { host, definition, stop, startedAt, stoppingAt, stoppedAt, port, address } = one;
    const taskArn = arn.task(one);
    return {
      taskArn,
      clusterArn: arn.cluster(one.cluster),
      taskDefinitionArn: arn.definition(definition),
      group: one.group,
      ...(one.rollout ? { startedBy: one.rollout.id } : {}),
      lastStatus: one.last,
      desiredStatus: one.desired,
      healthStatus: 'UNKNOWN',
      availabilityZone: one.zone,
      connectivity: one.last !== 'PENDING' && host?.connected !== false ? 'CONNECTED' : 'DISCONNECTED',
      cpu: String(ecsParameters.task.cpu),
      memory: String(ecsParameters.task.memory),
      launchType: host ? 'EC2' : 'FARGATE',
      ...(host ? { containerInstanceArn: arn.host(host) } : {}),
      createdAt: date(one.createdAt),
      ...(startedAt === undefined ? {} : { startedAt: date(startedAt) }),
      ...(stoppingAt === undefined ? {} : { stoppingAt: date(stoppingAt) }),
      ...(stoppedAt === undefined ? {} : { stoppedAt: date(stoppedAt), executionStoppedAt: date(stoppedAt) }),
      ...(stop ? { stopCode: stop.code, stoppedReason: stop.reason } : {}),
      containers: [
        {
          containerArn: taskArn.replace(':task/', ':container/'),
          taskArn,
          name: 'app',
          image: definition.image,
          lastStatus: one.last,
          healthStatus: 'UNKNOWN',
          ...(stoppedAt === undefined || stop?.exitCode === undefined ? {} : { exitCode: stop.exitCode }),
          ...(stop?.code === 'TaskFailedToStart' ? { reason: stop.reason } : {}),
          ...(startedAt === undefined || !host
            ? {}
            : { networkBindings: [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: port, protocol: 'tcp' }] }),
          ...(address === undefined ? {} : { networkInterfaces: [{ attachmentId: `eni-${one.id}`, privateIpv4Address: address }] }),
        },
      ],
      ...(address === undefined
        ? {}
        : {
            attachments: [
              {
                id: `eni-${one.id}`,
                type: 'ElasticNetworkInterface',
                status: one.last === 'STOPPED' ? 'DELETED' : 'ATTACHED',
                details: [{ name: 'privateIPv4Address', value: address }],
              },
            ],
          }),
      version: one.version,
      ...(include.includes('TAGS') ? { tags: tagList(one.tags) } : {}),
    };
  };

  const tasksOn = (host: ContainerInstance): Task[] =>
    [...host.cluster.tasks.values()].filter((one) => one.host === host && one.last !== 'STOPPED');

  const resources = (cpu: number, memory: number): Sdk.Resource[] => [
    { name: 'CPU', type: 'INTEGER', integerValue: cpu },
    { name: 'MEMORY', type: 'INTEGER', integerValue: memory },
    { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2376', '2375', '51678', '51679'] },
    { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
  ];

  const host = (one: ContainerInstance, include: readonly string[] = []): Sdk.ContainerInstance => {
    const tasks = tasksOn(one);
    const { cpu, memory } = ecsParameters.host;
    return {
      containerInstanceArn: arn.host(one),
      ec2InstanceId: one.instanceId,
      ...(one.cluster.capacityProvider === undefined ? {} : { capacityProviderName: one.cluster.capacityProvider }),
      version: one.version,
      versionInfo: { agentVersion: '1.100.0', agentHash: '0a1b2c3d', dockerVersion: 'DockerVersion: 25.0.8' },
      registeredResources: resources(cpu, memory),
      remainingResources: resources(cpu - tasks.length * ecsParameters.task.cpu, memory - tasks.length * ecsParameters.task.memory),
      status: one.status,
      agentConnected: one.connected,
      runningTasksCount: tasks.filter(({ last }) => last === 'RUNNING').length,
      pendingTasksCount: tasks.filter(({ last }) => last === 'PENDING').length,
      attributes: [
        { name: 'ecs.availability-zone', value: one.zone },
        { name: 'ecs.instance-type', value: one.type },
        { name: 'ecs.os-type', value: 'linux' },
      ],
      registeredAt: date(one.registeredAt),
      attachments: [],
      ...(include.includes('TAGS') ? { tags: tagList(one.tags) } : {}),
    };
  };

  const cluster = (one: Cluster, include: readonly string[] = []): Sdk.Cluster => {
    const tasks = [...one.tasks.values()];
    return {
      clusterArn: arn.cluster(one),
      clusterName: one.name,
      status: 'ACTIVE',
      registeredContainerInstancesCount: [...one.hosts.values()].filter(({ status }) => status !== 'INACTIVE').length,
      runningTasksCount: tasks.filter(({ last }) => last === 'RUNNING').length,
      pendingTasksCount: tasks.filter(({ last }) => last === 'PENDING').length,
      activeServicesCount: [...one.services.values()].filter(({ status }) => status === 'ACTIVE').length,
      capacityProviders: one.capacityProvider === undefined ? [] : [one.capacityProvider],
      ...(include.includes('TAGS') ? { tags: tagList(one.tags) } : {}),
    };
  };

  return {
    tasksOf,
    tasksOn,
    service,
    deployment,
    task,
    host,
    cluster,
    revision: (of: EcsService, { arn: own, definition, createdAt }: ServiceRevision): Sdk.ServiceRevision => ({
      serviceRevisionArn: own,
      serviceArn: arn.service(of),
      clusterArn: arn.cluster(of.cluster),
      taskDefinition: arn.definition(definition),
      launchType: of.launchType,
      loadBalancers: service(of).loadBalancers,
      containerImages: [{ containerName: 'app', image: definition.image }],
      createdAt: date(createdAt),
    }),
    brief: (of: EcsService, one: ServiceDeployment): Sdk.ServiceDeploymentBrief => {
      const { serviceDeploymentArn, serviceArn, clusterArn, startedAt, createdAt, finishedAt, status, statusReason } = deployment(of, one);
      return {
        serviceDeploymentArn,
        serviceArn,
        clusterArn,
        startedAt,
        createdAt,
        finishedAt,
        status,
        statusReason,
        targetServiceRevisionArn: one.target.arn,
      };
    },
    definition: (one: TaskDefinition): Sdk.TaskDefinition => ({
      taskDefinitionArn: arn.definition(one),
      family: one.family,
      revision: one.revision,
      status: 'ACTIVE',
      containerDefinitions: [
        { name: 'app', image: one.image, cpu: 0, essential: true, portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }] },
      ],
      networkMode: 'bridge',
      cpu: String(ecsParameters.task.cpu),
      memory: String(ecsParameters.task.memory),
      compatibilities: ['EC2', 'FARGATE'],
      registeredAt: date(one.registeredAt),
    }),
  };
};
export type Shapes = ReturnType<typeof createShapes>;
