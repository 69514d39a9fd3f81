import type * as Sdk from '@aws-sdk/client-ecs';
import { ecsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Timeline } from '../../ec2/model/timeline.ts';

export type TaskDefinition = {
  family: string;
  revision: number;
  image: string;
  registeredAt: number;
};

/** What a service was to be from some time on; a rollback goes back to one. */
export type ServiceRevision = { arn: string; definition: TaskDefinition; createdAt: number };

export type ServiceDeployment = {
  arn: string;
  createdAt: number;
  updatedAt: number;
  finishedAt?: number;
  stoppedAt?: number;
  status: Sdk.ServiceDeploymentStatus;
  reason?: string;
  source: ServiceRevision[];
  target: ServiceRevision;
  rollback?: { reason: string; startedAt: number; revision: ServiceRevision };
  /** Consecutive failed tasks of its target. */
  failures: number;
  breakerTriggered: boolean;
  triggeredAlarms: string[];
};

/** What `DescribeServices` calls a deployment: tasks of one revision that are brought up. A rollback is another one. */
export type Rollout = {
  id: string;
  revision: ServiceRevision;
  deployment: ServiceDeployment;
  createdAt: number;
  updatedAt: number;
  state: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  reason: string;
  /** Consecutive ones, which a healthy task ends. */
  failedTasks: number;
};

export type EcsService = {
  readonly cluster: Cluster;
  readonly name: string;
  readonly createdAt: number;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  desired: number;
  readonly launchType: 'EC2' | 'FARGATE';
  readonly controller: Sdk.DeploymentControllerType;
  minimumHealthyPercent: number;
  maximumPercent: number;
  circuitBreaker: { enable: boolean; rollback: boolean };
  alarms: { enable: boolean; rollback: boolean; names: readonly string[] };
  readonly targetGroupArn: string | undefined;
  graceSeconds: number;
  readonly tags: Map<string, string>;
  /** Oldest first; the last one is the primary. */
  rollouts: Rollout[];
  /** Oldest first. */
  readonly deployments: ServiceDeployment[];
  readonly revisions: ServiceRevision[];
  readonly events: { id: string; at: number; message: string }[];
  /** How many of its tasks ran, and what they had to do, in percent of what one task may use. */
  readonly running: Timeline<number>;
  readonly load: Readonly<Record<'cpu' | 'memory', Timeline<number>>>;
  steady: boolean;
  /** What is over once new tasks have taken the place of all that there are. */
  untilDeployed: (() => void)[];
  /** Failed starts in a row, and until when no task is started because of them. */
  failures: number;
  heldUntil: number;
};

export type Task = {
  readonly id: string;
  readonly cluster: Cluster;
  readonly group: string;
  readonly service: EcsService | undefined;
  readonly rollout: Rollout | undefined;
  readonly definition: TaskDefinition;
  readonly host: ContainerInstance | undefined;
  readonly zone: string;
  /** Where a load balancer reaches it: on a port of its host, or at an address of its own. */
  readonly port: number;
  readonly address: string | undefined;
  readonly createdAt: number;
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  desired: 'RUNNING' | 'STOPPED';
  last: 'PENDING' | 'RUNNING' | 'STOPPED';
  stop?: { code: Sdk.TaskStopCode; reason: string; exitCode?: number | undefined };
  /** It has been healthy once: what befalls it later is no failure of its deployment. */
  proven: boolean;
  /** What its load balancer says of it isn't acted on. */
  overlooked: boolean;
  readonly tags: Map<string, string>;
  version: number;
};

export type ContainerInstance = {
  readonly id: string;
  readonly cluster: Cluster;
  readonly instanceId: string;
  readonly zone: string;
  readonly type: string;
  readonly registeredAt: number;
  readonly tags: Map<string, string>;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  connected: boolean;
  /** Grows whenever its agent comes or goes, so that what was planned for it before is over. */
  changes: number;
  /** Boots of its instance when its agent was last connected. */
  boots: number;
  /** Docker binds ports by itself, from 32768 on: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html */
  nextPort: number;
  version: number;
  goneAt?: number;
};

export type Cluster = {
  readonly name: string;
  readonly services: Map<string, EcsService>;
  readonly tasks: Map<string, Task>;
  readonly hosts: Map<string, ContainerInstance>;
  /** The Auto Scaling groups whose members join it, as their user data says. */
  readonly groups: Set<string>;
  capacityProvider: string | undefined;
  readonly tags: Map<string, string>;
};

/** An ARN's last part, or the name itself. */
export const lastOf = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

export const isLive = ({ desired }: Task): boolean => desired === 'RUNNING';

export const createState = (world: World) => {
  const clusters = new Map<string, Cluster>();
  const definitions = new Map<string, TaskDefinition[]>();
  const ids = world.random.fork('ecs');
  const digits = (count: number) => Array.from({ length: count }, (_, i) => ids.int(i === 0 ? 9 : 10) + (i === 0 ? 1 : 0)).join('');

  const cluster = (name: string): Cluster => {
    const known = clusters.get(name);
    if (known) return known;
    const made: Cluster = {
      name,
      services: new Map(),
      tasks: new Map(),
      hosts: new Map(),
      groups: new Set(),
      capacityProvider: undefined,
      tags: new Map(),
    };
    clusters.set(name, made);
    return made;
  };

  const expectCluster = (text = 'default'): Cluster => {
    const found = clusters.get(lastOf(text));
    if (!found) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return found;
  };

  /** Forgets tasks that have been stopped for long, and hosts that are gone. */
  const tidy = ({ tasks, hosts }: Cluster): void => {
    const kept = world.clock.now() - ecsParameters.stoppedKeptSeconds * 1000;
    for (const [id, { stoppedAt }] of tasks) if (stoppedAt !== undefined && stoppedAt < kept) tasks.delete(id);
    for (const [id, { goneAt }] of hosts) if (goneAt !== undefined && goneAt < kept) hosts.delete(id);
  };

  const register = (family: string, image: string, at = world.clock.now()): TaskDefinition => {
    const all = definitions.get(family) ?? [];
    definitions.set(family, all);
    const made = { family, revision: all.length + 1, image, registeredAt: at };
    all.push(made);
    return made;
  };

  return {
    clusters,
    cluster,
    expectCluster,
    tidy,
    register,
    /** Those of a family that are there, with so many at least. */
    definitions: (family: string, count: number, at: number): TaskDefinition[] => {
      while ((definitions.get(family)?.length ?? 0) < count)
        register(family, `${family}:v${(definitions.get(family)?.length ?? 0) + 1}`, at);
      return definitions.get(family) ?? [];
    },
    /** By an ARN, `family:revision` or a family, of which the newest is meant. */
    definition: (text: string): TaskDefinition | undefined => {
      const [, family = '', revision] = /^(.*?)(?::(\d{1,9}))?$/.exec(lastOf(text)) ?? [];
      return revision === undefined ? definitions.get(family)?.at(-1) : definitions.get(family)?.[Number(revision) - 1];
    },
    id: () => ids.hex(32),
    uuid: () => ids.uuid(),
    number: () => digits(19),
    /** What ends the ARN of a service deployment. */
    token: () =>
      Array.from({ length: 22 }, () => ids.pick([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_'])).join(''),
    seconds: ({ least, most }: { least: number; most: number }) => Math.round(ids.between(least, most) * 1000),
    arn: {
      cluster: ({ name }: Cluster) => world.arn('ecs', `cluster/${name}`),
      service: ({ cluster: { name: own }, name }: EcsService) => world.arn('ecs', `service/${own}/${name}`),
      task: ({ cluster: { name }, id }: Task) => world.arn('ecs', `task/${name}/${id}`),
      host: ({ cluster: { name }, id }: ContainerInstance) => world.arn('ecs', `container-instance/${name}/${id}`),
      definition: ({ family, revision }: TaskDefinition) => world.arn('ecs', `task-definition/${family}:${revision}`),
    },
  };
};
export type State = ReturnType<typeof createState>;
