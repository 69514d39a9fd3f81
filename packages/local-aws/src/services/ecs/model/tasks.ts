import type * as Sdk from '@aws-sdk/client-ecs';
import { ecsParameters } from '../../../core/model-parameters.ts';
import type { LoadBalancing } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import type { Publisher } from '../events/publish.ts';
import type { Defects } from './defects.ts';
import type { Shapes } from './shapes.ts';
import {
  type Cluster,
  type ContainerInstance,
  type EcsService,
  isLive,
  type Rollout,
  type State,
  type Task,
  type TaskDefinition,
} from './state.ts';

export type Stop = { code: Sdk.TaskStopCode; reason: string; exitCode?: number };

/** Of the container `app`. */
export const containerPort = 80;

type NewTask = {
  service?: EcsService;
  rollout?: Rollout;
  host?: ContainerInstance;
  group: string;
  id?: string;
  at?: number;
};

type Parts = {
  world: World;
  state: State;
  shapes: Shapes;
  publisher: Publisher;
  defects: Defects;
  loadBalancing: Pick<LoadBalancing, 'register' | 'deregister' | 'stateOf'>;
  /** A task of a service has become something else. */
  onChange(service: EcsService, task: Task, failed: boolean): void;
};

/** The life of tasks: placed, pending, running, stopped. What runs on a host is told by its agent, and only while that is connected. */
export const createTasks = ({ world, state, shapes, publisher, defects, loadBalancing, onChange }: Parts) => {
  const { clock } = world;
  const zones = [`${world.region}a`, `${world.region}b`] as const;

  const changed = (task: Task, failed = false): void => {
    const { service } = task;
    if (!service) return;
    service.running.set(clock.now(), shapes.tasksOf(service).filter(({ last }) => last === 'RUNNING').length);
    onChange(service, task, failed);
  };

  const targetOf = ({ service, host, address, port }: Task) =>
    service?.targetGroupArn === undefined ? undefined : { arn: service.targetGroupArn, id: host?.instanceId ?? address ?? '', port };

  const leaveTarget = (task: Task): void => {
    const target = targetOf(task);
    if (target) loadBalancing.deregister(target.arn, target.id, target.port);
  };

  const hasStopped = (task: Task, failed = false): void => {
    if (task.last === 'STOPPED') return;
    leaveTarget(task);
    if (task.address !== undefined) addresses.delete(task.address);
    task.last = 'STOPPED';
    task.desired = 'STOPPED';
    task.stoppingAt ??= clock.now();
    task.stoppedAt = clock.now();
    publisher.task(task);
    changed(task, failed);
  };

  /**
   * Asks a task to stop. Where the agent of its host is gone, it goes on until the agent is back: assumed, on the ground of
   * https://github.com/aws/containers-roadmap/issues/2040.
   */
  const stop = (task: Task, why: Stop): void => {
    if (!isLive(task)) return;
    task.desired = 'STOPPED';
    task.stop = why;
    task.stoppingAt = clock.now();
    leaveTarget(task);
    publisher.task(task);
    changed(task);
    carryOut(task);
  };
  const carryOut = (task: Task): void => {
    clock.after(state.seconds(ecsParameters.stopSeconds), () => {
      if (task.host?.connected === false && task.host.status !== 'INACTIVE') return;
      if (task.last === 'RUNNING' && task.stop) task.stop.exitCode ??= 0;
      hasStopped(task);
    });
  };

  /** It has ended by itself, or with what it ran on. */
  const ends = (task: Task, why: Stop): void => {
    if (task.last === 'STOPPED') return;
    const failed = isLive(task) && !task.proven;
    if (isLive(task)) task.stop = why;
    hasStopped(task, failed);
  };

  const run = (task: Task): void => {
    task.last = 'RUNNING';
    task.startedAt = clock.now();
    const target = targetOf(task);
    if (target) loadBalancing.register(target.arn, target.id, target.port);
    publisher.task(task);
    const defect = defects.of(task.definition);
    if (defect?.kind === 'exits')
      clock.after(defect.after * 1000, () =>
        ends(task, { code: 'EssentialContainerExited', reason: 'Essential container in task exited', exitCode: 1 }),
      );
    changed(task);
  };

  const start = (task: Task): void => {
    const defect = defects.of(task.definition);
    if (defect?.kind === 'cannot-pull') {
      const why = defect.reason === 'not-found' ? 'not found' : 'dial tcp 10.0.0.9:443: i/o timeout';
      const reason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${task.definition.image}: ${why}`;
      clock.after(state.seconds(ecsParameters.failSeconds), () => {
        if (task.last === 'PENDING') ends(task, { code: 'TaskFailedToStart', reason });
      });
      return;
    }
    const slow = task.service ? (slowStarts.get(task.service) ?? []).reduce((sum, seconds) => sum + seconds, 0) * 1000 : 0;
    clock.after(state.seconds(ecsParameters.startSeconds) + slow, () => {
      if (task.last === 'PENDING' && isLive(task)) run(task);
    });
  };
  const slowStarts = new Map<EcsService, number[]>();

  const addresses = new Map<string, Task>();
  const nextAddress = (): string => {
    const number = ++count;
    return `10.0.${16 + Math.floor(number / 250)}.${(number % 250) + 4}`;
  };

  let count = 0;
  const add = (
    cluster: Cluster,
    definition: TaskDefinition,
    { service, rollout, host, group, id = state.id(), at = clock.now() }: NewTask,
  ): Task => {
    const task: Task = {
      id,
      cluster,
      group,
      service,
      rollout,
      definition,
      host,
      zone: host?.zone ?? (zones[count % 2] as string),
      port: host ? host.nextPort++ : containerPort,
      address: host ? undefined : nextAddress(),
      createdAt: at,
      desired: 'RUNNING',
      last: 'PENDING',
      proven: false,
      overlooked: false,
      tags: new Map(service?.tags),
      version: 0,
    };
    cluster.tasks.set(id, task);
    if (task.address !== undefined) addresses.set(task.address, task);
    return task;
  };

  return {
    add,
    /** Places a task, which is pending from then on. */
    place: (...what: Parameters<typeof add>): Task => {
      const task = add(...what);
      publisher.task(task);
      start(task);
      return task;
    },
    /** One that has been running since it was made. */
    placeRunning: (...what: Parameters<typeof add>): Task => {
      const task = add(...what);
      task.last = 'RUNNING';
      task.startedAt = task.createdAt;
      task.proven = true;
      const target = targetOf(task);
      if (target) loadBalancing.register(target.arn, target.id, target.port);
      return task;
    },
    /** The task that has this address now. */
    at: (address: string): Task | undefined => addresses.get(address),
    stop,
    ends,
    /** What its load balancer says of it; without one, a task that runs is well. */
    isHealthy: (task: Task): boolean => {
      if (task.last !== 'RUNNING') return false;
      const target = targetOf(task);
      const found = target && loadBalancing.stateOf(target.arn, target.id, target.port);
      return found === undefined || found === 'healthy' || task.overlooked;
    },
    isSick: (task: Task): boolean => {
      const target = targetOf(task);
      return (
        task.last === 'RUNNING' &&
        !task.overlooked &&
        target !== undefined &&
        loadBalancing.stateOf(target.arn, target.id, target.port) === 'unhealthy'
      );
    },
    targetOf,
    /** An agent is back: it learns what was asked of its tasks meanwhile. */
    catchUp: (host: ContainerInstance): void => {
      for (const task of shapes.tasksOn(host)) if (!isLive(task)) carryOut(task);
    },
    /** Lets the service's tasks take so much longer to start; returns what ends it. */
    slowStart: (service: EcsService, seconds: number): (() => void) => {
      const all = slowStarts.get(service) ?? [];
      slowStarts.set(service, all);
      all.push(seconds);
      return () => {
        all.splice(all.indexOf(seconds), 1);
      };
    },
  };
};
export type Tasks = ReturnType<typeof createTasks>;
