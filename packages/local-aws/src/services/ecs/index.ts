import type * as Sdk from '@aws-sdk/client-ecs';
import { ecsParameters } from '../../core/model-parameters.ts';
import type { Ec2, EcsFaults, LoadBalancing, MetricSource, ServedMetric } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { Timeline } from '../ec2/model/timeline.ts';
import { createPublisher } from './events/publish.ts';
import { createContainerInstances } from './model/container-instances.ts';
import { createDefects } from './model/defects.ts';
import { createEcsFaults } from './model/faults.ts';
import { ecsMetrics, listEcsMetrics } from './model/metrics.ts';
import { createScheduler } from './model/scheduler.ts';
import { createShapes } from './model/shapes.ts';
import { createState, type EcsService, type TaskDefinition } from './model/state.ts';
import { createTasks, type Tasks } from './model/tasks.ts';
import { clusterOperations } from './operations/clusters.ts';
import { containerInstanceOperations } from './operations/container-instances.ts';
import { deploymentOperations } from './operations/deployments.ts';
import { serviceOperations, usualDeployment } from './operations/services.ts';
import { tagOperations } from './operations/tags.ts';
import { taskOperations } from './operations/tasks.ts';

/** A service as a world has it, with its tasks running. Times in milliseconds since the epoch. */
export type PlacedService = {
  cluster: string;
  name: string;
  createdAt?: number;
  desired?: number;
  /** Of its task definition; there are those before it, too. */
  revision?: number;
  /** Where it has hosts; `FARGATE` unless told otherwise. */
  launchType?: 'EC2' | 'FARGATE';
  controller?: Sdk.DeploymentControllerType;
  minimumHealthyPercent?: number;
  maximumPercent?: number;
  circuitBreaker?: { enable: boolean; rollback: boolean };
  alarms?: { enable: boolean; rollback: boolean; names: readonly string[] };
  /** Its tasks are registered there: by their own addresses, or each on a port of its own of its host. */
  targetGroupArn?: string | undefined;
  graceSeconds?: number;
  tags?: Readonly<Record<string, string>>;
};

/** A task as a world has it. */
export type PlacedTask = {
  cluster: string;
  id: string;
  createdAt?: number;
  /** The service that runs it. */
  service?: string;
  stopped?: { at: number; code: string; reason: string; exitCode?: number };
};

export type PlacedCluster = {
  name: string;
  /** Auto Scaling groups whose members are its container instances, as their user data says. */
  groups?: readonly string[];
  capacityProvider?: string;
  tags?: Readonly<Record<string, string>>;
};

/** What is true of a service now. */
export type ServiceView = {
  readonly tags: ReadonlyMap<string, string>;
  readonly desired: number;
  readonly running: number;
  readonly minimumHealthyPercent: number;
  /** What it is brought to: `family:revision`. */
  readonly definition: string;
};
/** What is true of a container instance now. */
export type HostView = { readonly id: string; readonly instanceId: string; readonly status: string; readonly connected: boolean };

export type Ecs = {
  service: Service;
  /** Namespace `AWS/ECS`: CPUUtilization and MemoryUtilization of services. */
  metrics: MetricSource;
  listMetrics(): Iterable<ServedMetric>;
  /** Makes a cluster, or gives it more groups. */
  placeCluster(placed: PlacedCluster): void;
  /** There are so many revisions of a task definition from now on, at least. */
  placeTaskDefinition(family: string, revisions: number): void;
  /** Puts a service there; the same name again changes nothing. */
  place(placed: PlacedService): void;
  placeTask(placed: PlacedTask): void;
  /** How many tasks of a service run, by `CLUSTER/NAME`; undefined where there is no such service. */
  running(clusterAndName: string): number | undefined;
  /** A service by `CLUSTER/NAME`; undefined for one that doesn't exist. */
  view(clusterAndName: string): ServiceView | undefined;
  clusters(): Iterable<string>;
  hosts(cluster: string): HostView[];
  /** Whether something is wrong with a task definition itself, by `family:revision`. */
  isDefective(definition: string): boolean;
  faults: EcsFaults;
};

/**
 * Clusters, services, their deployments and tasks, and container instances, which are instances of `ec2`.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html
 */
export const createEcs = (world: World, ec2: Ec2, loadBalancing: LoadBalancing): Ecs => {
  const { clock } = world;
  const state = createState(world);
  const shapes = createShapes(state);
  const publisher = createPublisher(world, state, shapes);
  const defects = createDefects();
  const scheduler = createScheduler(world, state, shapes, publisher, () => tasks);
  const tasks: Tasks = createTasks({ world, state, shapes, publisher, defects, loadBalancing, onChange: scheduler.onChange });
  const hosts = createContainerInstances(world, ec2, { state, shapes, publisher, scheduler, tasks });

  loadBalancing.answerErrors((id, port) => {
    const host = hosts.of(id);
    const task = host ? shapes.tasksOn(host).find((one) => one.port === port) : tasks.at(id);
    const defect = task && defects.of(task.definition);
    return defect?.kind === 'errors' ? defect.ratio : 0;
  });
  loadBalancing.addAddresses((address) => (tasks.at(address) ? { state: 'running', reachable: true } : undefined));

  let looks = false;
  /** What load balancers say of tasks is asked for again and again, once there is one to ask. */
  const lookAtTargets = (): void => {
    if (looks) return;
    looks = true;
    clock.every(ecsParameters.lookSeconds * 1000, () => {
      for (const { services } of state.clusters.values())
        for (const service of services.values()) if (service.targetGroupArn !== undefined) scheduler.poke(service);
    });
  };

  const make = ({
    definition,
    createdAt = clock.now(),
    desired,
    ...placed
  }: Omit<PlacedService, 'desired' | 'revision'> & { desired: number; definition: TaskDefinition }): EcsService => {
    const cluster = state.cluster(placed.cluster);
    const since = Math.min(createdAt, clock.now());
    const usual = usualDeployment();
    const service: EcsService = {
      cluster,
      name: placed.name,
      createdAt,
      status: 'ACTIVE',
      desired,
      launchType: placed.launchType ?? 'FARGATE',
      controller: placed.controller ?? 'ECS',
      minimumHealthyPercent: placed.minimumHealthyPercent ?? usual.minimumHealthyPercent,
      maximumPercent: placed.maximumPercent ?? usual.maximumPercent,
      circuitBreaker: placed.circuitBreaker ?? usual.circuitBreaker,
      alarms: placed.alarms ?? usual.alarms,
      targetGroupArn: placed.targetGroupArn,
      graceSeconds: placed.graceSeconds ?? 0,
      tags: new Map(Object.entries(placed.tags ?? {})),
      rollouts: [],
      deployments: [],
      revisions: [],
      events: [],
      running: new Timeline(since, 0),
      load: { cpu: new Timeline(since, 0), memory: new Timeline(since, 0) },
      steady: false,
      untilDeployed: [],
      failures: 0,
      heldUntil: 0,
    };
    cluster.services.set(placed.name, service);
    if (service.targetGroupArn !== undefined) lookAtTargets();
    return service;
  };

  const create = (placed: Parameters<typeof make>[0]): EcsService => {
    const service = make(placed);
    scheduler.deploy(service, placed.definition);
    return service;
  };

  return {
    metrics: ecsMetrics(state),
    listMetrics: () => listEcsMetrics(state, clock.now()),
    running: (clusterAndName) => {
      const [cluster = '', name = ''] = clusterAndName.split('/');
      return state.clusters.get(cluster)?.services.get(name)?.running.now;
    },
    view: (clusterAndName) => {
      const [cluster = '', name = ''] = clusterAndName.split('/');
      const found = state.clusters.get(cluster)?.services.get(name);
      if (!found) return undefined;
      const { tags, desired, running, minimumHealthyPercent, rollouts } = found;
      const { family = '', revision = 0 } = rollouts.at(-1)?.revision.definition ?? {};
      return { tags, desired, running: running.now, minimumHealthyPercent, definition: `${family}:${revision}` };
    },
    clusters: () => state.clusters.keys(),
    hosts: (cluster) =>
      [...(state.clusters.get(cluster)?.hosts.values() ?? [])].map(({ id, instanceId, status, connected }) => ({
        id,
        instanceId,
        status,
        connected,
      })),
    isDefective: (definition) => defects.has(definition),
    placeCluster: ({ name, groups = [], capacityProvider, tags = {} }) => {
      const cluster = state.cluster(name);
      cluster.capacityProvider = capacityProvider ?? cluster.capacityProvider;
      for (const [key, value] of Object.entries(tags)) cluster.tags.set(key, value);
      hosts.adopt(cluster, groups);
    },
    placeTaskDefinition: (family, revisions) => void state.definitions(family, revisions, clock.now()),
    place: ({ desired = 2, revision = 1, ...placed }) => {
      if (state.cluster(placed.cluster).services.has(placed.name)) return;
      const at = placed.createdAt ?? clock.now();
      const definition = state.definitions(placed.name, revision, at)[revision - 1] as TaskDefinition;
      const service = make({ ...placed, desired, definition });
      scheduler.placed(service, definition);
    },
    placeTask: ({ cluster: name, id, createdAt = clock.now(), service: own, stopped }) => {
      const cluster = state.cluster(name);
      if (cluster.tasks.has(id)) return;
      const family = own ?? 'task';
      const [definition] = state.definitions(family, 1, createdAt) as [TaskDefinition];
      const service = cluster.services.get(own ?? '');
      const task = tasks.add(cluster, definition, {
        ...(service ? { service } : {}),
        group: own === undefined ? 'family:task' : `service:${own}`,
        id,
        at: createdAt,
      });
      task.startedAt = createdAt;
      task.last = stopped ? 'STOPPED' : 'RUNNING';
      if (!stopped) return;
      task.desired = 'STOPPED';
      task.stoppingAt = stopped.at;
      task.stoppedAt = stopped.at;
      task.stop = { code: stopped.code as Sdk.TaskStopCode, reason: stopped.reason, exitCode: stopped.exitCode };
    },
    faults: createEcsFaults({ world, ec2, loadBalancing, state, shapes, tasks, hosts, defects }),
    service: {
      signingName: 'ecs',
      protocols: ['json'],
      targetPrefix: 'AmazonEC2ContainerServiceV20141113',
      missingParameter: 'InvalidParameterException',
      operations: {
        ...clusterOperations(world, state, shapes),
        ...serviceOperations(world, state, { shapes, scheduler, place: create }),
        ...deploymentOperations(state, shapes, scheduler),
        ...taskOperations(world, state, shapes, tasks),
        ...containerInstanceOperations(world, state, shapes, hosts),
        ...tagOperations(state),
      },
    },
  };
};
