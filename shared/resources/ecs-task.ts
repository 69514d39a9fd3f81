import { DescribeTasksCommand, ECSClient } from '@aws-sdk/client-ecs';
import { missingIn } from './missing.ts';
import type { ResourceKind, Subject } from './resource-kind.ts';

/** The cluster and id from an ARN; null if the cluster is missing, as in old ARNs. */
const partsOf = ({ resource: { id } }: Subject): { cluster: string; task: string } | null => {
  const [, cluster, task] = /^arn:[^:]+:ecs:[^:]*:[^:]*:task\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
  return cluster && task ? { cluster, task } : null;
};

/** An ECS task; ECS keeps stopped ones for about an hour. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
export const ecsTask: ResourceKind = {
  id: 'ecs-task',
  types: ['task'],
  noun: 'ECS task',
  permissions: ['ecs:DescribeTasks'],
  notFound: ['MISSING', 'ClusterNotFound'],
  is: (subject) => partsOf(subject) !== null,
  // A task is never changed, only started and stopped.
  trailName: () => null,
  observe: async (clients, subject) => {
    const { cluster, task = '' } = partsOf(subject) ?? {};
    const answer = await clients.of(ECSClient).send(new DescribeTasksCommand({ cluster, tasks: [task] }));
    const found = answer.tasks?.[0];
    if (!found) return missingIn(answer.failures);
    const { lastStatus = 'unknown', stoppedReason, stopCode, group, availabilityZone, containers = [] } = found;
    const since = lastStatus === 'STOPPED' ? found.stoppedAt : lastStatus === 'RUNNING' ? found.startedAt : undefined;
    const facts: string[] = [];
    if (stopCode || stoppedReason) facts.push([stopCode, stoppedReason].filter(Boolean).join(': '));
    const exits = containers.filter(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
    facts.push(...exits.map(({ name, exitCode, reason }) => `container ${name} exited with ${exitCode}${reason ? `: ${reason}` : ''}`));
    if (group) facts.push(`of ${group}`);
    if (availabilityZone) facts.push(`in ${availabilityZone}`);
    return {
      state: lastStatus,
      since: since?.getTime() ?? null,
      createdAt: found.createdAt?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
