import { ecsParameters } from '../../../core/model-parameters.ts';
import type { Ec2, InstanceView } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import type { Publisher } from '../events/publish.ts';
import type { Scheduler } from './scheduler.ts';
import type { Shapes } from './shapes.ts';
import type { Cluster, ContainerInstance, State } from './state.ts';
import type { Tasks } from './tasks.ts';

/** The agent's process: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html names its unit `ecs`. */
export const agentProcess = 'ecs';

/**
 * Instances of EC2 that belong to a cluster. Each has an agent, which is a process: it is gone with it or with what it runs on, and back
 * once somebody starts it again.
 */
export const createContainerInstances = (
  world: World,
  ec2: Ec2,
  {
    state,
    shapes,
    publisher,
    scheduler,
    tasks,
  }: { state: State; shapes: Shapes; publisher: Publisher; scheduler: Scheduler; tasks: Tasks },
) => {
  const { clock } = world;
  /** Agents that can't reach ECS although they run, by how many faults say so. */
  const cutOff = new Map<string, number>();

  const all = function* (): Iterable<ContainerInstance> {
    for (const { hosts } of state.clusters.values()) for (const host of hosts.values()) if (host.status !== 'INACTIVE') yield host;
  };
  const of = (instanceId: string): ContainerInstance | undefined => [...all()].find((host) => host.instanceId === instanceId);

  const agentWorks = (instanceId: string): boolean =>
    ec2.get(instanceId)?.reachable === true && ec2.software.process(instanceId, agentProcess).runs && (cutOff.get(instanceId) ?? 0) === 0;

  const connect = (host: ContainerInstance, connected: boolean): void => {
    host.connected = connected;
    publisher.host(host);
    if (!connected) return;
    const { boots = host.boots } = ec2.get(host.instanceId) ?? {};
    // Containers don't outlive their operating system, which ECS learns of from the agent.
    if (boots !== host.boots)
      for (const task of shapes.tasksOn(host))
        tasks.ends(task, { code: 'EssentialContainerExited', reason: 'Essential container in task exited', exitCode: 137 });
    host.boots = boots;
    tasks.catchUp(host);
    scheduler.pokeAll(host.cluster);
  };

  /** Whether its agent works may have changed; ECS finds out a little later. */
  const look = (host: ContainerInstance): void => {
    const change = ++host.changes;
    if (agentWorks(host.instanceId) === host.connected) return;
    const { agentBackSeconds, agentLostSeconds } = ecsParameters;
    clock.after(state.seconds(host.connected ? agentLostSeconds : agentBackSeconds), () => {
      if (host.changes === change && host.status !== 'INACTIVE') connect(host, !host.connected);
    });
  };

  const register = (cluster: Cluster, instance: InstanceView, at = clock.now()): ContainerInstance => {
    const host: ContainerInstance = {
      id: state.id(),
      cluster,
      instanceId: instance.id,
      zone: instance.availabilityZone,
      type: instance.instanceType,
      registeredAt: at,
      // As an agent registers it whose ECS_CONTAINER_INSTANCE_PROPAGATE_TAGS_FROM is `ec2_instance`: assumed of all.
      tags: new Map([...instance.tags].filter(([key]) => !key.startsWith('aws:'))),
      status: 'ACTIVE',
      connected: true,
      changes: 0,
      boots: instance.boots,
      nextPort: 32_768,
      version: 0,
    };
    cluster.hosts.set(host.id, host);
    publisher.host(host);
    scheduler.pokeAll(cluster);
    return host;
  };

  /** A member that has come up joins its group's cluster. */
  const join = (instance: InstanceView): void => {
    const { groupName } = instance;
    if (groupName === null || of(instance.id)) return;
    const cluster = [...state.clusters.values()].find(({ groups }) => groups.has(groupName));
    if (!cluster) return;
    clock.after(state.seconds(ecsParameters.agentBackSeconds), () => {
      if (agentWorks(instance.id) && !of(instance.id)) register(cluster, instance);
    });
  };

  /** What ran on it has ended with it. */
  const endTasks = (host: ContainerInstance, how: 'stopped' | 'terminated'): void => {
    const reason = `Host EC2 (instance ${host.instanceId}) ${how}.`;
    // That this is the code is assumed: no page gives one for it.
    for (const task of shapes.tasksOn(host)) {
      // Whatever befalls its host is no failure of a deployment.
      task.proven = true;
      tasks.ends(task, { code: 'TerminationNotice', reason });
    }
  };

  world.subscribe((event) => {
    if (event.type !== 'instance-state' && event.type !== 'instance-reachable' && event.type !== 'instance-process') return;
    const host = of(event.instanceId);
    if (!host) {
      const instance = ec2.get(event.instanceId);
      if (instance?.reachable) join(instance);
      return;
    }
    if (event.type === 'instance-state' && (event.to === 'terminated' || event.to === 'stopped')) {
      endTasks(host, event.to);
      // "If you terminate a running container instance, Amazon ECS automatically deregisters the instance from your cluster":
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterContainerInstance.html
      if (event.to === 'terminated') {
        host.status = 'INACTIVE';
        host.goneAt = clock.now();
        connect(host, false);
        return;
      }
    }
    look(host);
  });

  return {
    of,
    agentWorks,
    /** The cluster has the members of these groups; those that are up have joined it already. */
    adopt: (cluster: Cluster, groups: readonly string[]): void => {
      for (const group of groups) cluster.groups.add(group);
      for (const instance of ec2.list())
        if (instance.reachable && instance.groupName !== null && groups.includes(instance.groupName) && !of(instance.id))
          register(cluster, instance);
    },
    register,
    setStatus: (host: ContainerInstance, status: 'ACTIVE' | 'DRAINING'): void => {
      if (host.status === status) return;
      host.status = status;
      publisher.host(host);
      scheduler.pokeAll(host.cluster);
    },
    /** An agent that runs can't reach ECS; returns what ends that. */
    cutOff: (instanceId: string): (() => void) => {
      const add = (by: number) => {
        cutOff.set(instanceId, (cutOff.get(instanceId) ?? 0) + by);
        const host = of(instanceId);
        if (host) look(host);
      };
      add(1);
      return () => add(-1);
    },
  };
};
export type ContainerInstances = ReturnType<typeof createContainerInstances>;
