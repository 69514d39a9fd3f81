import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import type { Clients } from '../aws/clients.ts';
import type { ContainerHostFacts } from '../model/container-host.ts';
import { isNamed } from '../model/errors.ts';
import { DescribeLagError } from './describe-lag.ts';
import type { TreatedLook } from './resource-kind.ts';

/** IAM actions of the look at an agent, whatever may be done; and of the rest. A test compares them with the packaged template. */
export const agentPermissions = ['ecs:DescribeContainerInstances'] as const;
export const containerHostPermissions = ['ecs:ListContainerInstances', 'ecs:ListTasks'] as const;

/** What one call describes at most. */
const atOnce = 100;
/** Hosts of a cluster that are looked at. */
const most = 1000;

const tagsOf = (tags: ContainerInstance['tags']): Record<string, string> =>
  Object.fromEntries((tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : [[key, value ?? '']])));

/** All hosts of a cluster. */
const hostsOf = async (ecs: ECSClient, cluster: string): Promise<ContainerInstance[]> => {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page: { containerInstanceArns?: string[] | undefined; nextToken?: string | undefined } = await ecs.send(
      new ListContainerInstancesCommand({ cluster, ...(nextToken ? { nextToken } : {}) }),
    );
    arns.push(...(page.containerInstanceArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken && arns.length < most);
  const found: ContainerInstance[] = [];
  for (let from = 0; from < arns.length; from += atOnce) {
    const containerInstances = arns.slice(from, from + atOnce);
    const page = await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }));
    found.push(...(page.containerInstances ?? []));
  }
  return found;
};

/** The tasks that ECS wants to run on a host; `standalone` are of no service. */
const tasksOn = async (ecs: ECSClient, cluster: string, containerInstance: string): Promise<{ tasks: number; standalone: number }> => {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, containerInstance, desiredStatus: 'RUNNING' }));
  if (taskArns.length === 0) return { tasks: 0, standalone: 0 };
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, atOnce) }));
  return { tasks: taskArns.length, standalone: tasks.filter(({ group = '' }) => !group.startsWith('service:')).length };
};

/**
 * A container instance by its ARN; null if ECS knows none.
 * @throws whatever the SDK throws
 */
const describeHost = async (ecs: ECSClient, cluster: string, arn: string, mayAct: boolean): Promise<ContainerHostFacts | null> => {
  const { containerInstances, failures } = await ecs.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: [arn], include: ['TAGS'] }),
  );
  const [found] = containerInstances ?? [];
  if (!found) {
    if (failures?.some(({ reason }) => reason === 'MISSING')) return null;
    throw new DescribeLagError(`ECS returned an empty result for ${arn}`);
  }
  // The rest only decides about actions.
  const [all, tasks] = mayAct ? await Promise.all([hostsOf(ecs, cluster), tasksOn(ecs, cluster, arn)]) : [[], { tasks: 0, standalone: 0 }];
  const isAble = ({ status, agentConnected }: ContainerInstance) => status === 'ACTIVE' && agentConnected === true;
  const lost = all.filter((one) => !isAble(one));
  return {
    arn,
    cluster: cluster.slice(cluster.lastIndexOf('/') + 1),
    tags: tagsOf(found.tags),
    status: found.status ?? 'unknown',
    connected: found.agentConnected === true,
    ...tasks,
    hosts: {
      all: all.length,
      lost: lost.length,
      lostIds: lost.flatMap(({ ec2InstanceId }) => ec2InstanceId ?? []).sort(),
      able: all.length - lost.length,
    },
  };
};

/** What the standard look at an instance adds where an agent of ECS is what the incident is about. */
export const lookAtContainerHost: TreatedLook = async (clients: Clients, { incident: { failure, evidence, disposition } }) => {
  const { clusterArn, containerInstanceArn } = evidence;
  if (failure !== 'agent-lost' || !clusterArn || !containerInstanceArn) return {};
  try {
    return { host: await describeHost(clients.of(ECSClient), clusterArn, containerInstanceArn, disposition === 'remediate') };
  } catch (error) {
    if (isNamed(error, 'ClusterNotFoundException')) return { host: null };
    throw error;
  }
};
