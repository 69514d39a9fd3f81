import type * as Sdk from '@aws-sdk/client-ecs';
import { ecsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import type { Publisher } from '../events/publish.ts';
import { type Shapes, thresholdOf } from './shapes.ts';
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
import type { Tasks } from './tasks.ts';

/** In these a deployment can be stopped: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html */
const underWay: readonly Sdk.ServiceDeploymentStatus[] = [
  'PENDING',
  'IN_PROGRESS',
  'STOP_REQUESTED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
];
export const isUnderWay = ({ status }: ServiceDeployment): boolean => underWay.includes(status);

/** Keeps each service at its desired count, and brings revisions of it up and down within its percentages. */
export const createScheduler = (world: World, state: State, shapes: Shapes, publisher: Publisher, tasks: () => Tasks) => {
  const { clock } = world;
  const planned = new Set<EcsService>();

  const tell = (service: EcsService, message: string): void => {
    service.events.push({ id: state.uuid(), at: clock.now(), message });
  };

  const primaryOf = ({ rollouts }: EcsService): Rollout | undefined => rollouts.at(-1);

  const set = (deployment: ServiceDeployment, status: Sdk.ServiceDeploymentStatus, reason?: string): void => {
    deployment.status = status;
    deployment.updatedAt = clock.now();
    if (reason !== undefined) deployment.reason = reason;
    if (status === 'STOPPED') deployment.stoppedAt = clock.now();
    if (status === 'SUCCESSFUL' || status === 'ROLLBACK_SUCCESSFUL' || status === 'ROLLBACK_FAILED') deployment.finishedAt = clock.now();
  };

  const settle = (rollout: Rollout, to: Rollout['state'], reason: string): void => {
    rollout.state = to;
    rollout.reason = reason;
    rollout.updatedAt = clock.now();
  };

  const begin = (
    service: EcsService,
    revision: ServiceRevision,
    deployment: ServiceDeployment,
    reason: (id: string) => string,
  ): Rollout => {
    const id = `ecs-svc/${state.number()}`;
    const rollout: Rollout = {
      id,
      revision,
      deployment,
      createdAt: clock.now(),
      updatedAt: clock.now(),
      state: 'IN_PROGRESS',
      reason: reason(id),
      failedTasks: 0,
    };
    service.rollouts.push(rollout);
    service.steady = false;
    // "If you update your service to use a new task definition, your service returns to a normal, non-throttled state immediately."
    service.failures = 0;
    service.heldUntil = 0;
    if (service.controller === 'ECS') publisher.deployment(service, rollout, 'IN_PROGRESS');
    poke(service);
    return rollout;
  };

  const newDeployment = (service: EcsService, definition: TaskDefinition, at = clock.now()): ServiceDeployment => {
    const { cluster } = service;
    const revision: ServiceRevision = {
      arn: world.arn('ecs', `service-revision/${cluster.name}/${service.name}/${state.number()}`),
      definition,
      createdAt: at,
    };
    service.revisions.push(revision);
    const last = service.deployments.at(-1);
    if (last && isUnderWay(last)) set(last, 'STOPPED', 'Service deployment stopped: a newer one has taken its place.');
    const deployment: ServiceDeployment = {
      arn: world.arn('ecs', `service-deployment/${cluster.name}/${service.name}/${state.token()}`),
      createdAt: at,
      updatedAt: at,
      status: 'IN_PROGRESS',
      source: [...new Set(service.rollouts.map((rollout) => rollout.revision))],
      target: revision,
      failures: 0,
      breakerTriggered: false,
      triggeredAlarms: [],
    };
    service.deployments.push(deployment);
    return deployment;
  };

  const deploy = (service: EcsService, definition: TaskDefinition): void => {
    const deployment = newDeployment(service, definition);
    begin(service, deployment.target, deployment, (id) => `ECS deployment ${id} in progress.`);
  };

  /** The revision of the last deployment that came to its end, other than the one that is rolled back. */
  const lastGood = (service: EcsService, deployment: ServiceDeployment): ServiceRevision | undefined => {
    const good = service.deployments.findLast(
      (other) => other !== deployment && (other.status === 'SUCCESSFUL' || other.status === 'ROLLBACK_SUCCESSFUL'),
    );
    return good && (good.rollback?.revision ?? good.target);
  };

  const rollBack = (service: EcsService, deployment: ServiceDeployment, revision: ServiceRevision, why: string): void => {
    const there = service.rollouts.find((rollout) => rollout.revision === revision);
    const reason = there ? `${why}: rolling back to deploymentId ${there.id}.` : `${why}: rolling back to ${revision.arn}.`;
    deployment.rollback = { reason, startedAt: clock.now(), revision };
    set(deployment, 'ROLLBACK_IN_PROGRESS', reason);
    if (!there) return void begin(service, revision, deployment, () => reason);
    // Its tasks are the ones that are wanted: that they are kept is assumed, on the ground that the event names their deployment.
    service.rollouts = [...service.rollouts.filter((rollout) => rollout !== there), there];
    there.deployment = deployment;
    settle(there, 'IN_PROGRESS', reason);
    service.steady = false;
    service.failures = 0;
    service.heldUntil = 0;
    publisher.deployment(service, there, 'IN_PROGRESS');
    poke(service);
  };

  /** A rollout that won't get anywhere. */
  const fail = (service: EcsService, rollout: Rollout, who: string, what: string, rollback: boolean): void => {
    const { deployment } = rollout;
    settle(rollout, 'FAILED', `${who}: ${what}.`);
    publisher.deployment(service, rollout, 'FAILED');
    tell(service, `(service ${service.name}) (deployment ${rollout.id}) deployment failed: ${what}.`);
    const revision = rollback && !deployment.rollback ? lastGood(service, deployment) : undefined;
    if (deployment.rollback) set(deployment, 'ROLLBACK_FAILED', rollout.reason);
    else if (revision) rollBack(service, deployment, revision, who);
    else set(deployment, 'STOPPED', rollout.reason);
  };

  const succeed = (service: EcsService, rollout: Rollout): void => {
    const { deployment } = rollout;
    settle(rollout, 'COMPLETED', `ECS deployment ${rollout.id} completed.`);
    tell(service, `(service ${service.name}) (deployment ${rollout.id}) deployment completed.`);
    publisher.deployment(service, rollout, 'COMPLETED');
    for (const end of service.untilDeployed.splice(0)) end();
    if (isUnderWay(deployment)) set(deployment, deployment.rollback ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL');
  };

  const hostFor = (cluster: Cluster): ContainerInstance | undefined => {
    const most = Math.min(
      Math.floor(ecsParameters.host.cpu / ecsParameters.task.cpu),
      Math.floor(ecsParameters.host.memory / ecsParameters.task.memory),
    );
    let best: ContainerInstance | undefined;
    let fewest = most;
    for (const host of cluster.hosts.values()) {
      if (host.status !== 'ACTIVE' || !host.connected) continue;
      const count = shapes.tasksOn(host).length;
      if (count < fewest) [best, fewest] = [host, count];
    }
    return best;
  };

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html */
  const cannotPlace = (service: EcsService): void => {
    const message = `(service ${service.name}) was unable to place a task because no container instance met all of its requirements.`;
    // "Duplicate event messages are omitted until either the cause is resolved or six hours passes."
    const last = service.events.at(-1);
    if (last?.message !== message || clock.now() - last.at > 6 * 3_600_000) {
      tell(service, message);
      const hosts = [...service.cluster.hosts.values()].filter(({ status }) => status === 'ACTIVE');
      const reason = hosts.length > 0 && hosts.every(({ connected }) => !connected) ? 'AGENT' : 'RESOURCE:CPU';
      publisher.action(service, 'ERROR', 'SERVICE_TASK_PLACEMENT_FAILURE', { reason });
    }
    clock.after(ecsParameters.placementRetrySeconds * 1000, () => poke(service));
  };

  const startTasks = (service: EcsService, rollout: Rollout, count: number): void => {
    const made: string[] = [];
    for (let i = 0; i < count; i++) {
      const host = service.launchType === 'EC2' ? hostFor(service.cluster) : undefined;
      if (service.launchType === 'EC2' && !host) {
        cannotPlace(service);
        break;
      }
      const task = tasks().place(service.cluster, rollout.revision.definition, {
        service,
        rollout,
        group: `service:${service.name}`,
        ...(host ? { host } : {}),
      });
      made.push(`(task ${task.id})`);
    }
    if (made.length > 0) tell(service, `(service ${service.name}) has started ${made.length} tasks: ${made.join(' ')}.`);
  };

  const isLeaving = ({ host }: Task): boolean => host !== undefined && host.status !== 'ACTIVE';

  const stopTasks = (service: EcsService, which: readonly Task[], reason: string): void => {
    if (which.length === 0) return;
    for (const task of which) tasks().stop(task, { code: 'ServiceSchedulerInitiated', reason });
    const ids = which.map(({ id }) => `(task ${id})`).join(' ');
    tell(service, `(service ${service.name}) has stopped ${which.length} running tasks: ${ids}.`);
  };

  const reconcile = (service: EcsService): void => {
    const rollout = primaryOf(service);
    const { desired } = service;
    if (!rollout || service.status === 'INACTIVE') return;
    const { isHealthy, isSick } = tasks();
    const since = (task: Task) => clock.now() - (task.startedAt ?? clock.now());
    const liveNow = () => shapes.tasksOf(service).filter(isLive);

    for (const task of liveNow()) {
      if (!task.proven && isHealthy(task)) {
        task.proven = true;
        if (task.rollout) task.rollout.failedTasks = 0;
        if (task.rollout?.revision === task.rollout?.deployment.target && task.rollout) task.rollout.deployment.failures = 0;
        service.failures = 0;
        service.heldUntil = 0;
      }
    }
    const sick = liveNow().filter((task) => isSick(task) && since(task) >= service.graceSeconds * 1000);
    for (const task of sick) {
      const reason = `Task failed ELB health checks in (target-group ${service.targetGroupArn})`;
      tell(service, `(service ${service.name}) (task ${task.id}) failed ELB health checks in (target-group ${service.targetGroupArn}).`);
      const failed = !task.proven;
      tasks().stop(task, { code: 'ServiceSchedulerInitiated', reason });
      if (failed) onFailed(service, task);
    }
    // "Any tasks that are part of a service that are in a PENDING state are stopped immediately" where their host is drained.
    const idle = liveNow().filter(
      (task) => task.last === 'PENDING' && (isLeaving(task) || (task.rollout !== rollout && rollout.state !== 'FAILED')),
    );
    for (const task of idle) tasks().stop(task, { code: 'ServiceSchedulerInitiated', reason: stopReason(task) });

    const live = liveNow();
    const current = live.filter((task) => task.rollout === rollout && !isLeaving(task));
    const others = live.filter((task) => !current.includes(task));
    const most = Math.max(Math.floor((desired * service.maximumPercent) / 100), 0);
    const wanted = rollout.state === 'FAILED' ? 0 : desired - current.length;
    const room = most - live.length;
    const held = service.heldUntil - clock.now();
    if (Math.min(wanted, room) > 0 && held <= 0) startTasks(service, rollout, Math.min(wanted, room));
    else if (wanted > 0 && held > 0) clock.after(held, () => poke(service));

    if (wanted < 0) stopTasks(service, current.toReversed().slice(0, -wanted), `Scaling activity initiated by (deployment ${rollout.id})`);
    if (rollout.state !== 'FAILED') {
      const least = Math.ceil((desired * service.minimumHealthyPercent) / 100);
      const healthy = live.filter(isHealthy);
      const spare = Math.max(0, healthy.length - least);
      const replaced = others.filter((task) => !healthy.includes(task));
      replaced.push(...others.filter((task) => healthy.includes(task)).slice(0, spare));
      for (const group of Map.groupBy(replaced, stopReason)) stopTasks(service, group[1], group[0]);
    }
    conclude(service, rollout);
  };

  const stopReason = (task: Task): string =>
    isLeaving(task)
      ? 'Task stopped: its container instance is draining'
      : `Scaling activity initiated by (deployment ${task.rollout?.id ?? ''})`;

  /** What has come to its end by now. */
  const conclude = (service: EcsService, rollout: Rollout): void => {
    const live = shapes.tasksOf(service).filter(isLive);
    service.rollouts = service.rollouts.filter((one) => one === rollout || live.some((task) => task.rollout === one));
    const well = live.filter((task) => task.rollout === rollout && tasks().isHealthy(task) && !isLeaving(task));
    const steady = well.length === service.desired && live.length === service.desired;
    if (steady && rollout.state === 'IN_PROGRESS') succeed(service, rollout);
    if (steady && !service.steady && rollout.state === 'COMPLETED') {
      tell(service, `(service ${service.name}) has reached a steady state.`);
      publisher.action(service, 'INFO', 'SERVICE_STEADY_STATE');
    }
    service.steady = steady;
    if (service.status === 'DRAINING' && shapes.tasksOf(service).every(({ last }) => last === 'STOPPED')) service.status = 'INACTIVE';
  };

  const onFailed = (service: EcsService, { rollout }: Task): void => {
    const { after, firstSeconds, mostSeconds } = ecsParameters.throttle;
    service.failures++;
    if (service.failures === after) {
      tell(service, `(service ${service.name}) is unable to consistently start tasks successfully.`);
      publisher.action(service, 'WARN', 'SERVICE_TASK_START_IMPAIRED');
    }
    if (service.failures >= after)
      service.heldUntil = clock.now() + Math.min(mostSeconds, firstSeconds * 2 ** Math.min(service.failures - after, 12)) * 1000;
    if (!rollout) return;
    rollout.failedTasks++;
    if (rollout.revision === rollout.deployment.target) rollout.deployment.failures = rollout.failedTasks;
    const { enable, rollback } = service.circuitBreaker;
    if (!enable || rollout !== primaryOf(service) || rollout.state !== 'IN_PROGRESS' || rollout.failedTasks < thresholdOf(service)) return;
    rollout.deployment.breakerTriggered = true;
    fail(service, rollout, 'ECS deployment circuit breaker', 'tasks failed to start', rollback);
  };

  /** Something about a service has changed: its scheduler acts on that a little later. */
  const poke = (service: EcsService): void => {
    if (planned.has(service)) return;
    planned.add(service);
    clock.after(state.seconds(ecsParameters.reactSeconds), () => {
      planned.delete(service);
      state.tidy(service.cluster);
      reconcile(service);
    });
  };

  world.subscribe((event) => {
    if (event.type !== 'alarm-state' || event.to !== 'ALARM') return;
    for (const { services } of state.clusters.values())
      for (const service of services.values()) {
        const rollout = primaryOf(service);
        const { enable, rollback, names } = service.alarms;
        if (!enable || rollout?.state !== 'IN_PROGRESS' || !names.includes(event.alarmName)) continue;
        rollout.deployment.triggeredAlarms.push(event.alarmName);
        fail(service, rollout, 'ECS deployment alarms', 'alarm detected', rollback);
      }
  });

  return {
    poke,
    pokeAll: ({ services }: Cluster): void => {
      for (const service of services.values()) poke(service);
    },
    tell,
    deploy,
    /** A service that has been there since it was made, and its tasks with it, as far as there is a place for them. */
    placed: (service: EcsService, definition: TaskDefinition): void => {
      const at = Math.min(service.createdAt, clock.now());
      const deployment = newDeployment(service, definition, at);
      Object.assign(deployment, { status: 'SUCCESSFUL', finishedAt: at });
      const id = `ecs-svc/${state.number()}`;
      const reason = `ECS deployment ${id} completed.`;
      const rollout: Rollout = {
        id,
        revision: deployment.target,
        deployment,
        createdAt: at,
        updatedAt: at,
        state: 'COMPLETED',
        reason,
        failedTasks: 0,
      };
      service.rollouts.push(rollout);
      let count = 0;
      for (; count < service.desired; count++) {
        const host = service.launchType === 'EC2' ? hostFor(service.cluster) : undefined;
        if (service.launchType === 'EC2' && !host) break;
        tasks().placeRunning(service.cluster, definition, {
          service,
          rollout,
          group: `service:${service.name}`,
          at,
          ...(host ? { host } : {}),
        });
      }
      service.running.set(at, count);
      service.steady = count === service.desired;
      if (!service.steady) poke(service);
    },
    lastGood,
    primaryOf,
    onChange: (service: EcsService, task: Task, failed: boolean): void => {
      if (failed) onFailed(service, task);
      poke(service);
    },
    /** `ROLLBACK` goes back to the last good revision, which there must be; `ABORT` starts nothing more. */
    stopDeployment: (service: EcsService, deployment: ServiceDeployment, how: Sdk.StopServiceDeploymentStopType): void => {
      if (deployment.status !== 'IN_PROGRESS' && deployment.status !== 'PENDING') return;
      set(deployment, how === 'ABORT' ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED');
      clock.after(state.seconds(ecsParameters.rollbackRequestedSeconds), () => {
        const rollout = primaryOf(service);
        if (rollout?.deployment !== deployment || (deployment.status !== 'STOP_REQUESTED' && deployment.status !== 'ROLLBACK_REQUESTED'))
          return;
        settle(rollout, 'FAILED', 'ECS deployment stopped by user.');
        const revision = lastGood(service, deployment);
        if (how === 'ABORT' || !revision) set(deployment, 'STOPPED', 'Service deployment stopped by user.');
        else rollBack(service, deployment, revision, 'Service deployment rollback requested by user');
      });
    },
  };
};
export type Scheduler = ReturnType<typeof createScheduler>;
