import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import type { TaskFacts } from '../model/snapshot.ts';
import type { TreatedLook } from './resource-kind.ts';
import { arnOfTargetGroup, describeTargets } from './target-group.ts';

/** IAM actions of the look, besides those of every look. A test compares them with the packaged template. */
export const containerTaskPermissions = ['ecs:ListClusters', 'ecs:ListServices', 'ecs:ListTasks'] as const;

/** So many clusters, and services of each, are looked through for those behind a target group. */
const most = { clusters: 20, services: 500 };

/** Services have no look-up by their target group. */
const servicesBehind = async (ecs: ECSClient, targetGroupArn: string): Promise<{ cluster: string; name: string }[]> => {
  const { clusterArns = [] } = await ecs.send(new ListClustersCommand({ maxResults: most.clusters }));
  const found: { cluster: string; name: string }[] = [];
  for (const cluster of clusterArns) {
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const page: { serviceArns?: string[] | undefined; nextToken?: string | undefined } = await ecs.send(
        new ListServicesCommand({ cluster, maxResults: 100, ...(nextToken ? { nextToken } : {}) }),
      );
      arns.push(...(page.serviceArns ?? []));
      nextToken = page.nextToken;
    } while (nextToken && arns.length < most.services);
    for (let from = 0; from < arns.length; from += 10) {
      const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: arns.slice(from, from + 10) }));
      for (const { serviceName, loadBalancers } of services)
        if (serviceName && loadBalancers?.some((one) => one.targetGroupArn === targetGroupArn))
          found.push({ cluster: cluster.slice(cluster.lastIndexOf('/') + 1), name: serviceName });
    }
  }
  return found;
};

const addressOf = ({ attachments, containers }: Task): string | undefined =>
  attachments?.flatMap(({ details }) => details ?? []).find(({ name }) => name === 'privateIPv4Address')?.value ??
  containers?.flatMap(({ networkInterfaces }) => networkInterfaces ?? [])[0]?.privateIpv4Address;

const toFacts = (task: Task, service: string): TaskFacts => ({
  id: task.taskArn ?? '',
  tags: Object.fromEntries((task.tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : [[key, value ?? '']]))),
  service,
  state: task.lastStatus ?? 'unknown',
  health: task.healthStatus ?? 'UNKNOWN',
  address: addressOf(task) ?? '',
  startedAt: task.startedAt?.getTime() ?? null,
});

/**
 * What the standard look at a target group adds: the task behind an unhealthy target, the one under treatment while it is unhealthy. Null if
 * no target is unhealthy and a task, and left out where the policy doesn't let tasks be stopped.
 */
export const lookAtTasks: TreatedLook = async (clients, { incident, known, policy }) => {
  if (policy.ecs.restart !== 'on') return {};
  const sick = (await describeTargets(clients, incident)).filter(({ state }) => state === 'unhealthy').map(({ id }) => id);
  const addresses = sick.filter((id) => !id.startsWith('i-'));
  if (addresses.length === 0) return { task: null };
  const ecs = clients.of(ECSClient);
  const found: TaskFacts[] = [];
  for (const { cluster, name } of await servicesBehind(ecs, arnOfTargetGroup(incident))) {
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName: name, desiredStatus: 'RUNNING' }));
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns, include: ['TAGS'] }));
    found.push(...tasks.map((task) => toFacts(task, `${cluster}/${name}`)).filter(({ address }) => addresses.includes(address)));
  }
  return { task: found.find(({ id }) => id === known?.task?.id) ?? found[0] ?? null };
};
