import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import type { Clients } from '../aws/clients.ts';
import {
  type ContainerServiceFacts,
  type DeploymentFacts,
  type DeploymentStatus,
  definitionOf,
  deploymentStages,
  type FailedTasks,
} from '../model/container-service.ts';
import { minuteMs } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import { DescribeLagError } from './describe-lag.ts';
import type { LookPolicy } from './resource-kind.ts';

/** IAM actions of the look, besides those of every look. A test compares them with the packaged template. */
export const containerServicePermissions = {
  deployments: ['ecs:DescribeServiceDeployments', 'ecs:DescribeServiceRevisions', 'ecs:ListServiceDeployments'],
  tasks: ['ecs:ListTasks'],
  scaling: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
} as const;

/** What one call describes at most. */
const atOnce = 100;
/** Tasks of a service that are looked at: with more failed ones than this, the newest are not all seen. */
const maxStopped = 1000;
/** Stopped tasks are kept for an hour at least: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html */
const keptMs = 55 * minuteMs;

const tagsOf = (tags: Service['tags']): Record<string, string> =>
  Object.fromEntries((tags ?? []).flatMap(({ key, value }) => (key === undefined ? [] : [[key, value ?? '']])));

const isStatus = (status: string | undefined): status is DeploymentStatus =>
  status !== undefined && Object.hasOwn(deploymentStages, status);

/** The newest service deployment, with the task definitions of its revisions; null if ECS lists none. */
const newestDeployment = async (ecs: ECSClient, cluster: string, service: string): Promise<DeploymentFacts | null> => {
  const { serviceDeployments: listed = [] } = await ecs.send(new ListServiceDeploymentsCommand({ cluster, service }));
  const [newest] = listed.toSorted((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0));
  const arn = newest?.serviceDeploymentArn;
  if (!arn) return null;
  const { serviceDeployments } = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }));
  const [found] = serviceDeployments ?? [];
  if (!found) throw new DescribeLagError(`ECS returned an empty result for ${arn}`);
  const target = found.targetServiceRevision?.arn;
  const sources = (found.sourceServiceRevisions ?? []).flatMap((one) => one.arn ?? []);
  const arns = [...new Set([...(target ? [target] : []), ...sources])];
  const { serviceRevisions = [] } =
    arns.length > 0 ? await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: arns.slice(0, 20) })) : {};
  const definition = (of: string | undefined) =>
    definitionOf(serviceRevisions.find(({ serviceRevisionArn }) => serviceRevisionArn === of)?.taskDefinition);
  const [source, ...more] = [...new Set(sources.map(definition))];
  return {
    arn,
    status: isStatus(found.status) ? found.status : 'unknown',
    startedAt: (found.startedAt ?? found.createdAt)?.getTime() ?? 0,
    target: definition(target),
    source: more.length > 0 || !source ? null : source,
    rolledBack: found.rollback !== undefined || (found.status ?? '').startsWith('ROLLBACK'),
  };
};

/** Whether a stopped task has failed, and was not stopped by a person or to scale or deploy. */
const hasFailed = ({ stopCode, stoppedReason = '', containers = [] }: Task): boolean => {
  if (stopCode === 'TaskFailedToStart') return true;
  if (stoppedReason.includes('failed') && stoppedReason.includes('health check')) return true;
  return stopCode === 'EssentialContainerExited' && containers.some(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
};

/**
 * What a task lacked that no revision of it brings. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resolve-container-errors.html
 * and the pages beside it.
 */
const lacks =
  /ResourceInitializationError|time(?:d )?out|deadline exceeded|dial tcp|no such host|connection (?:refused|reset)|TLS handshake|toomanyrequests|rate limit|throttl|unavailable|no space left|RESOURCE:|AGENT/i;

/** The tasks of a service that have failed; null if there are too many to look at. */
const failedTasks = async (
  ecs: ECSClient,
  { cluster, name, newer, now }: { cluster: string; name: string; newer: string; now: number },
): Promise<FailedTasks | null> => {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page: { taskArns?: string[] | undefined; nextToken?: string | undefined } = await ecs.send(
      new ListTasksCommand({ cluster, serviceName: name, desiredStatus: 'STOPPED', ...(nextToken ? { nextToken } : {}) }),
    );
    arns.push(...(page.taskArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken && arns.length < maxStopped);
  if (nextToken) return null;
  const since = now - keptMs;
  const failed: Task[] = [];
  for (let from = 0; from < arns.length; from += atOnce) {
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: arns.slice(from, from + atOnce) }));
    failed.push(...tasks.filter((task) => (task.stoppedAt?.getTime() ?? now) >= since && hasFailed(task)));
  }
  const isNewer = ({ taskDefinitionArn }: Task) => definitionOf(taskDefinitionArn) === newer;
  const times = failed.map(({ stoppedAt }) => stoppedAt?.getTime() ?? now);
  return {
    since,
    newer: failed.filter(isNewer).length,
    others: failed.filter((task) => !isNewer(task)).length,
    elsewhere: failed.filter(({ stoppedReason = '' }) => lacks.test(stoppedReason)).length,
    neverRan: failed.filter(({ startedAt }) => startedAt === undefined).length,
    lastAt: times.length > 0 ? Math.max(...times) : null,
  };
};

const scalingOf = async (clients: Clients, id: string): Promise<ContainerServiceFacts['scaling']> => {
  const scaling = clients.of(ApplicationAutoScalingClient);
  const ResourceId = `service/${id}`;
  const { ScalableTargets } = await scaling.send(
    new DescribeScalableTargetsCommand({
      ServiceNamespace: 'ecs',
      ResourceIds: [ResourceId],
      ScalableDimension: 'ecs:service:DesiredCount',
    }),
  );
  const [found] = ScalableTargets ?? [];
  if (found?.MaxCapacity === undefined) return null;
  const { ScalingPolicies = [] } = await scaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: 'ecs', ResourceId }));
  return {
    max: found.MaxCapacity,
    policies: ScalingPolicies.flatMap(({ PolicyName }) => PolicyName ?? []),
    suspended: found.SuspendedState?.DynamicScalingOutSuspended === true,
  };
};

const endsFailures = ({ deploymentConfiguration }: Service): ContainerServiceFacts['endsFailures'] => {
  const { deploymentCircuitBreaker: breaker, alarms } = deploymentConfiguration ?? {};
  const own = [breaker, alarms].filter((one) => one?.enable === true);
  if (own.length === 0) return 'no';
  return own.some((one) => one?.rollback === true) ? 'rolls-back' : 'stops';
};

/**
 * Reads what decides about an action on a service of ECS; null if there is none.
 * @throws whatever the SDK throws
 */
export const describeContainerService = async (
  clients: Clients,
  { cluster, name }: { cluster: string; name: string },
  { now, policy }: { now: number; policy: LookPolicy },
): Promise<ContainerServiceFacts | null> => {
  const ecs = clients.of(ECSClient);
  const id = `${cluster}/${name}`;
  try {
    const { services, failures } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name], include: ['TAGS'] }));
    const [found] = services ?? [];
    if (!found) {
      if (failures?.some(({ reason }) => reason === 'MISSING')) return null;
      throw new DescribeLagError(`ECS returned an empty result for ${id}`);
    }
    const { ecs: named } = policy;
    const controller = found.deploymentController?.type ?? 'ECS';
    const primary = found.deployments?.find(({ status }) => status === 'PRIMARY');
    const taskDefinition = definitionOf(primary?.taskDefinition ?? found.taskDefinition);
    // What another controller deploys has no service deployments.
    const looksAtDeployments = controller === 'ECS' && (named.rollback === 'on' || named.restart === 'on');
    const deployment = looksAtDeployments ? await newestDeployment(ecs, cluster, name) : null;
    const [failed, scaling] = await Promise.all([
      looksAtDeployments ? failedTasks(ecs, { cluster, name, newer: deployment?.target ?? taskDefinition, now }) : null,
      named.scale === 'on' ? scalingOf(clients, id) : undefined,
    ]);
    return {
      kind: 'ecs-service',
      id,
      tags: tagsOf(found.tags),
      status: found.status ?? 'unknown',
      desired: found.desiredCount ?? 0,
      running: found.runningCount ?? 0,
      pending: found.pendingCount ?? 0,
      minimumHealthyPercent: found.deploymentConfiguration?.minimumHealthyPercent ?? null,
      controller,
      endsFailures: endsFailures(found),
      taskDefinition,
      rollout: primary?.rolloutState ?? null,
      rollouts: found.deployments?.length ?? 0,
      deployment,
      failed,
      ...(scaling === undefined ? {} : { scaling }),
    };
  } catch (error) {
    if (isNamed(error, 'ClusterNotFoundException') || isNamed(error, 'ServiceNotFoundException')) return null;
    throw error;
  }
};
