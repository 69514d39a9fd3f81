import { readConsumer } from '../model/consumer.ts';
import { volumeOf } from '../model/disk.ts';
import { isOrphan } from '../model/replica.ts';
import { hasNoHealthyTarget, isUnhealthy, type ResourceSnapshot } from '../model/snapshot.ts';
import type { Condition } from './playbook.ts';

/** The instance is not in an Auto Scaling group. */
export const lone: Condition = { id: 'not in a group', met: ({ instance }) => instance !== null && instance.groupName === null };

/**
 * EC2 recovers it from a failed host by itself: not where that is switched off or its type doesn't support it, nor a spot instance.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html
 */
export const recoveredByEc2: Condition = {
  id: 'EC2 recovers it by itself',
  met: ({ instance }) => instance?.autoRecovery === true && !instance.spot,
};

/** The incident is about an instance, in a group or not. */
export const anInstance: Condition = { id: 'an instance', met: ({ instance }) => instance !== null };

/** The instance is in an Auto Scaling group. */
export const inGroup: Condition = { id: 'in a group', met: ({ instance, group }) => instance?.groupName != null && group !== null };

/** A stop erases instance store volumes, so the type must be known to have none. */
export const ebsOnly: Condition = {
  id: 'no instance store',
  met: ({ instance }) => instance?.rootDevice === 'ebs' && instance.instanceStore === false,
};

/** A spot instance may not start again after a stop. */
export const onDemand: Condition = { id: 'not a spot instance', met: ({ instance }) => instance?.spot === false };

/** EC2 reclaims only these: a notice for any other instance is a mistake or forged. */
export const reclaimable: Condition = { id: 'an instance that EC2 may reclaim', met: ({ instance }) => instance?.spot === true };

/** A failed host also fails the instance check, and a rebooted instance stays on its host: so look at the system check first. */
export const hostIsFine: Condition = { id: 'the host is fine', met: ({ status }) => status?.system === 'ok' };
/** The system status check fails. */
export const hostIsImpaired: Condition = { id: 'the host is impaired', met: ({ status }) => status?.system === 'impaired' };

/** The instance is unhealthy, and at least half of the others are healthy: otherwise the cause is elsewhere, and a restart won't help. */
export const fewSickTargets: Condition = {
  id: 'at most half of the targets are unhealthy',
  met: ({ targets, instance }) => {
    if (!targets || !instance) return false;
    const most = Math.max(1, Math.floor(targets.hosts / 2));
    return targets.unhealthyHosts <= most && targets.own.some((one) => one.id === instance.id && isUnhealthy(one));
  },
};

/** No target is unhealthy any more, and its alarm counts those that are: one that counts the healthy may tell of too few. */
export const noTargetIsSick: Condition = {
  id: 'no target is unhealthy, of which the alarm tells',
  met: ({ targets, alarm }) =>
    targets !== null &&
    targets.unhealthy === 0 &&
    targets.healthy > 0 &&
    (alarm?.metrics ?? []).some((one) => one.endsWith(' UnHealthyHostCount')),
};

/** A task is unhealthy, and at least half of the others are healthy. */
export const aSickTask: Condition = {
  id: 'a task is unhealthy, and at most half of the targets are',
  met: ({ targets, task = null, instance }) =>
    task !== null && instance === null && targets !== null && targets.unhealthyHosts <= Math.max(1, Math.floor(targets.hosts / 2)),
};

/** If another port of the host still answers, a service is at fault and not the host. */
export const noPortAnswers: Condition = {
  id: 'no port responds',
  met: ({ targets, instance }) => instance !== null && hasNoHealthyTarget(targets?.own ?? [], instance.id),
};

/** The incident's group exists. */
export const isGroup: Condition = { id: 'a group', met: ({ group }) => group !== null };

/** The incident is about a whole group, not a member. */
export const wholeGroup: Condition = { id: 'a whole group', met: ({ group, instance }) => group !== null && instance === null };

/** The queue gets the dead letters of others, and the policy lets them be moved back. */
export const isDeadLetterQueue: Condition = {
  id: 'a dead-letter queue',
  met: ({ queue = null }) => (queue?.sources?.length ?? 0) > 0,
};

/** The policy or a tag names a group that processes the messages of the queue. */
export const consumedByGroup: Condition = {
  id: 'a queue that a group is named for',
  met: ({ queue = null, group }) => readConsumer(queue?.consumer ?? null)?.kind === 'group' && group !== null,
};

/** The agent of a container instance is what the incident is about. */
export const isContainerHost: Condition = { id: 'a container instance', met: ({ host = null }) => host !== null };

/** The incident's service is one of ECS. */
export const isContainerService: Condition = {
  id: 'a service of ECS',
  met: ({ service = null }) => service?.kind === 'ecs-service',
};

/** Whether its newest deployment is under way, or being ended. */
const isDeploying: Condition['met'] = ({ service = null }) =>
  service?.kind === 'ecs-service' && (service.rollout === 'IN_PROGRESS' || service.rollouts > 1);

/** ECS itself ends the deployment under way if it fails, and hasn't done all that it will do. */
export const endsItself: Condition = {
  id: 'ECS ends a failing deployment itself',
  met: (facts) => {
    if (!isDeploying(facts) || facts.service?.kind !== 'ecs-service') return false;
    const { endsFailures, deployment } = facts.service;
    return endsFailures === 'rolls-back' || (endsFailures === 'stops' && deployment?.status !== 'STOPPED');
  },
};

/** Its newest deployment brought another revision than the one before. */
export const ownDeployment: Condition = {
  id: 'a new revision',
  met: ({ service = null }) => {
    if (service?.kind !== 'ecs-service' || !service.deployment) return false;
    const { source, target, status } = service.deployment;
    return status !== 'SUCCESSFUL' || source !== target;
  },
};

/** It is not being deployed. */
export const sameDeployment: Condition = {
  id: 'no deployment under way',
  met: (facts) => facts.service?.kind === 'ecs-service' && !isDeploying(facts),
};

/** The incident's database is an instance of RDS. */
export const isDatabase: Condition = { id: 'a database instance', met: ({ database = null }) => database !== null && !database.members };
/** The incident's database is a cluster of RDS. */
export const isDatabaseCluster: Condition = { id: 'a cluster of databases', met: ({ database }) => database?.members !== undefined };

/** The policy names the instance for read replicas. */
export const mayHaveReplicas: Condition = {
  id: 'an instance that is named for read replicas',
  met: ({ database }) => database?.replicas !== undefined,
};

/** The incident is about a certificate. */
export const isCertificate: Condition = { id: 'a certificate', met: ({ certificate = null }) => certificate !== null };

/** Its alarm tells of a file system by its path, as the agent does on Linux. */
export const namesFileSystem: Condition = {
  id: 'an alarm on a file system of Linux',
  met: ({ alarm }) => (alarm?.fileSystems ?? []).length > 0,
};

/** What was listed shows that a volume was grown, and not what lies on it. */
const isLess = (facts: ResourceSnapshot): boolean => {
  const found = volumeOf(facts);
  return 'unfinished' in found && found.unfinished;
};
export const hasLessThanVolume: Condition = { id: 'a file system that has not all of its volume', met: isLess };

/** Nothing shows that an earlier growth has not come to its end. */
export const hasAllOfVolume: Condition = { id: 'a file system that has all of its volume', met: (facts) => !isLess(facts) };

/** What the incident's replica replicates is lost. */
export const sourceIsLost: Condition = {
  id: 'a read replica whose source is lost',
  met: ({ database }) => isOrphan(database?.replica),
};

/** The incident's service is a function of Lambda. */
export const isFunction: Condition = { id: 'a function', met: ({ service = null }) => service?.kind === 'function' };
