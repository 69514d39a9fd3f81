import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { clockTime } from '../model/duration.ts';
import { missingIn } from './missing.ts';
import type { ResourceKind, Subject } from './resource-kind.ts';

/** The cluster and name from `CLUSTER/NAME`, as in metrics, or from an ARN; null if the cluster is missing, as in old ARNs. */
export const serviceParts = ({ resource: { id } }: Pick<Subject, 'resource'>): { cluster: string; name: string } | null => {
  const [, ofArn] = /^arn:[^:]+:ecs:[^:]*:[^:]*:service\/(.+)$/.exec(id) ?? [];
  const [cluster, name, ...more] = (ofArn ?? id).split('/');
  return cluster && name && more.length === 0 ? { cluster, name } : null;
};

/** The name in an ARN: `checkout:7` from `arn:aws:ecs:us-east-1:111122223333:task-definition/checkout:7`. */
const nameOf = (arn: string | undefined): string => arn?.slice(arn.lastIndexOf('/') + 1) ?? 'unknown';

const namespaces = new Set(['AWS/ECS', 'ECS/ContainerInsights']);

/** An ECS service. Its last change is its newest deployment. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html */
export const ecsService: ResourceKind = {
  id: 'ecs-service',
  types: ['service'],
  noun: 'ECS service',
  permissions: ['ecs:DescribeServices'],
  // `MISSING` is a reason in the response's failures.
  notFound: ['MISSING', 'ClusterNotFound', 'ServiceNotFound'],
  is: (subject) => (subject.kind === 'ecs' || namespaces.has(subject.evidence.namespace ?? '')) && serviceParts(subject) !== null,
  // By the service's name: assumed.
  trailName: (subject) => serviceParts(subject)?.name ?? null,
  observe: async (clients, subject) => {
    const { cluster, name } = serviceParts(subject) ?? {};
    const answer = await clients.of(ECSClient).send(new DescribeServicesCommand({ cluster, services: [name ?? ''] }));
    const found = answer.services?.[0];
    if (!found) return missingIn(answer.failures);
    const { runningCount = 0, desiredCount = 0, pendingCount = 0, deployments = [], events = [] } = found;
    const current = deployments.find(({ status }) => status === 'PRIMARY');
    const [last] = events;
    const facts = [`${runningCount} of ${desiredCount} tasks running${pendingCount > 0 ? `, ${pendingCount} pending` : ''}`];
    if (current?.rolloutState && current.rolloutState !== 'COMPLETED')
      facts.push(`deployment ${current.rolloutState}: ${current.rolloutStateReason ?? 'no reason given'}`);
    if (current?.failedTasks) facts.push(`${current.failedTasks} failed tasks in it`);
    if (last?.createdAt) facts.push(`ECS said at ${clockTime(last.createdAt.getTime())}: ${last.message}`);
    return {
      state: found.status ?? 'unknown',
      since: null,
      createdAt: found.createdAt?.getTime() ?? null,
      changed: current?.createdAt
        ? { what: `deployment of ${nameOf(current.taskDefinition)} began`, at: current.createdAt.getTime() }
        : null,
      facts,
    };
  },
};
