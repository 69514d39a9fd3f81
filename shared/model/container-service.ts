import { formatDuration } from './duration.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
export const deploymentStages = {
  PENDING: 'under-way',
  IN_PROGRESS: 'under-way',
  STOP_REQUESTED: 'ending',
  ROLLBACK_REQUESTED: 'ending',
  ROLLBACK_IN_PROGRESS: 'ending',
  SUCCESSFUL: 'over',
  STOPPED: 'over',
  ROLLBACK_SUCCESSFUL: 'over',
  ROLLBACK_FAILED: 'over',
} as const;
export type DeploymentStatus = keyof typeof deploymentStages;

/** The newest service deployment of a service. Times are milliseconds since the epoch. */
export type DeploymentFacts = {
  arn: string;
  status: DeploymentStatus | 'unknown';
  startedAt: number;
  /** The task definition that it brings, as `family:revision`. */
  target: string;
  /** The one that it takes the place of; null unless there is exactly one. */
  source: string | null;
  /** ECS itself has gone back, or is going back. */
  rolledBack: boolean;
};

/** Tasks that have failed in a span before the look, by whether they ran what the newest deployment brings. */
export type FailedTasks = {
  /** In milliseconds: the last hour at most, since ECS keeps stopped tasks no longer. */
  since: number;
  newer: number;
  others: number;
  /** Of all: those that never ran, and those that failed for want of a network, a registry or the like. */
  neverRan: number;
  elsewhere: number;
  /** When the last one stopped; null without one. */
  lastAt: number | null;
};

/** A service of ECS. */
export type ContainerServiceFacts = {
  kind: 'ecs-service';
  /** `CLUSTER/NAME`. */
  id: string;
  tags: Record<string, string>;
  /** `ACTIVE`, `DRAINING`, `INACTIVE`. */
  status: string;
  desired: number;
  running: number;
  pending: number;
  /** Percent of the desired count that are healthy at least while it is deployed; null if unknown. */
  minimumHealthyPercent: number | null;
  /** What deploys it: `ECS`, or something else, which alone may. */
  controller: string;
  /** Whether ECS itself ends a deployment that fails, by its circuit breaker or by alarms of its own, and whether it then goes back. */
  endsFailures: 'no' | 'stops' | 'rolls-back';
  /** As `family:revision`. */
  taskDefinition: string;
  /** `COMPLETED`, `IN_PROGRESS`, `FAILED`; null if ECS says none. */
  rollout: string | null;
  /** Deployments whose tasks there are. */
  rollouts: number;
  deployment: DeploymentFacts | null;
  failed: FailedTasks | null;
  /** Its scalable target, where that was asked for; null if there is none. */
  scaling?: { max: number; policies: string[]; suspended: boolean } | null;
};

/** `family:revision` from a task definition's ARN, or as it is. */
export const definitionOf = (arn: string | undefined): string => (arn ?? '').slice((arn ?? '').lastIndexOf('/') + 1);

const partsOf = (definition: string): { family: string; revision: number } | null => {
  const [, family, revision] = /^([\w-]{1,255}):(\d{1,9})$/.exec(definition) ?? [];
  return family === undefined || revision === undefined ? null : { family, revision: Number(revision) };
};

/** How many of the failed tasks must have run what the newest deployment brings: nearly all, and more than chance. */
const share = 0.95;
const minFailures = 2;

/** How long before a failure a deployment may have begun, and where the failure was reported. Both in seconds and milliseconds. */
type Cause = { at: number; within: number };

/**
 * Why the newest deployment of a service isn't to blame for its failure, or must not be rolled back; null if it is, and may be. It is to
 * blame if it began shortly before, nearly all failed tasks ran what it brings, and there is one earlier revision to go back to. Where tasks
 * of both fail, the cause is elsewhere.
 */
export const whyNoRollback = (service: ContainerServiceFacts, { at, within }: Cause): string | null => {
  const { deployment, failed } = service;
  if (!deployment) return 'ECS lists no deployment of it';
  const { target, source, status, startedAt, rolledBack } = deployment;
  if (status === 'unknown') return 'its deployment is in an unknown state';
  if (rolledBack) return 'its last deployment has been rolled back already';
  if (deploymentStages[status] === 'ending') return `its deployment is ${status}`;
  const before = (at - startedAt) / 1000;
  if (before < 0) return 'its last deployment began after the failure';
  if (before > within) return `its last deployment began ${formatDuration(before)} before the failure`;
  if (source === null) return 'there is not exactly one revision before';
  const [newer, older] = [partsOf(target), partsOf(source)];
  if (!newer || !older) return `${target} or ${source} is no revision of a task definition`;
  if (newer.family !== older.family) return `${source} is of another family than ${target}`;
  if (newer.revision === older.revision) return `its deployment brought nothing new: ${target}`;
  if (newer.revision < older.revision) return `its last deployment went back to ${target} already, and ${source} came after it`;
  if (!failed) return 'its stopped tasks are unknown';
  const all = failed.newer + failed.others;
  if (failed.newer < minFailures) return `${failed.newer} tasks of ${target} have failed`;
  if (failed.elsewhere > (1 - share) * all)
    return `${failed.elsewhere} of ${all} failed tasks could not reach what they need: the cause is elsewhere`;
  if (failed.newer < share * all) return `${failed.others} of ${all} failed tasks did not run ${target}: the cause is elsewhere`;
  return null;
};

/** Whether its newest deployment began so shortly before the failure that it may be its cause. */
export const isFresh = ({ deployment }: ContainerServiceFacts, { at, within }: Cause): boolean =>
  deployment !== null && at - deployment.startedAt <= within * 1000;

/** How many tasks it has after one step: a share more, at least one more, and never above the maximum of its scalable target. */
export const scaledTo = ({ desired, scaling }: ContainerServiceFacts, share: number): number =>
  Math.max(desired, Math.min(scaling?.max ?? desired, desired + Math.max(1, Math.ceil(desired * share))));
