import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import * as z from 'zod';
import { dayMs } from '../../shared/model/duration.ts';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { name } from './values.ts';

const tags = z.record(z.string().min(1).max(128), z.string().max(256)).default({});
const optedIn = z.boolean().default(true);

const cluster = z.strictObject({
  /** Groups of the fleet whose members are its container instances; without them, its services run on Fargate. */
  groups: z.array(name).default([]),
  capacityProvider: name.optional(),
});

const service = z
  .strictObject({
    cluster: name.default('default'),
    desired: z.int().min(0).max(100).default(2),
    /** Revisions of its task definition that there are, and the one that it runs: the newest, where it is left out. */
    revisions: z.int().min(1).max(50).default(1),
    revision: z.int().min(1).max(50).optional(),
    /** Percent of the desired count that is healthy at least, and there at most, while it is deployed. */
    percent: z.strictObject({ min: z.int().min(0).max(100), max: z.int().min(100).max(200) }).default({ min: 100, max: 200 }),
    /** What the deployment circuit breaker does with a deployment that fails. */
    circuitBreaker: z.enum(['off', 'stops', 'rolls-back']).default('off'),
    /** Alarms, by the names that they have in CloudWatch, with which a deployment is rolled back. */
    rollbackAlarms: z.array(z.string().min(1).max(255)).default([]),
    controller: z.enum(['ECS', 'CODE_DEPLOY', 'EXTERNAL']).default('ECS'),
    /** Registers its tasks there: with their addresses on Fargate, else with a port of their host. */
    targetGroup: name.optional(),
    /** Bounds of Service Auto Scaling, and whether a policy of it scales the service. */
    scaling: z.strictObject({ min: z.int().min(0), max: z.int().min(0), policy: z.boolean().default(false) }).optional(),
    optedIn,
    tags,
  })
  .refine(({ revision, revisions }) => (revision ?? 1) <= revisions, { error: 'runs a revision that there is' });

export const containersSchema = {
  clusters: z.record(name, cluster).default({}),
  services: z.record(name, service).default({}),
};
type Containers = { [Kind in keyof typeof containersSchema]: z.output<(typeof containersSchema)[Kind]> };
type Services = Containers['services'];

/** Groups whose members join a cluster are known to it before they are launched. */
export const placeClusters = ({ aws: { ecs } }: Host, { clusters, services }: Containers): void => {
  for (const { cluster: own } of Object.values(services)) ecs.placeCluster({ name: own });
  for (const [own, { groups, capacityProvider }] of Object.entries(clusters))
    ecs.placeCluster({ name: own, groups, ...(capacityProvider === undefined ? {} : { capacityProvider }) });
};

/** Whether a target group's targets are addresses: that of a service without hosts. */
export const hasAddresses = ({ clusters, services }: Containers, targetGroup: string): boolean =>
  Object.values(services).some((one) => one.targetGroup === targetGroup && (clusters[one.cluster]?.groups ?? []).length === 0);

/** Puts the services into the world once their hosts are up, as they have been for a month. */
export const placeServices = async (
  host: Host,
  { clusters, services }: Containers,
  arnOf: (targetGroup: string) => string,
): Promise<void> => {
  const { aws, operator } = host;
  for (const [own, spec] of Object.entries(services)) {
    const {
      cluster: home,
      desired,
      revisions,
      revision = revisions,
      percent,
      circuitBreaker,
      rollbackAlarms,
      controller,
      targetGroup,
    } = spec;
    aws.ecs.placeTaskDefinition(own, revisions);
    aws.ecs.place({
      cluster: home,
      name: own,
      desired,
      revision,
      createdAt: aws.world.clock.now() - 30 * dayMs,
      launchType: (clusters[home]?.groups ?? []).length > 0 ? 'EC2' : 'FARGATE',
      controller,
      minimumHealthyPercent: percent.min,
      maximumPercent: percent.max,
      circuitBreaker: { enable: circuitBreaker !== 'off', rollback: circuitBreaker === 'rolls-back' },
      alarms: { enable: rollbackAlarms.length > 0, rollback: true, names: rollbackAlarms },
      tags: { ...(spec.optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...spec.tags },
      ...(targetGroup === undefined ? {} : { targetGroupArn: arnOf(targetGroup) }),
    });
    if (!spec.scaling) continue;
    const { min: MinCapacity, max: MaxCapacity, policy } = spec.scaling;
    const scaling = operator.of(ApplicationAutoScalingClient);
    const target = {
      ServiceNamespace: 'ecs',
      ResourceId: `service/${home}/${own}`,
      ScalableDimension: 'ecs:service:DesiredCount',
    } as const;
    await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity, MaxCapacity }));
    if (!policy) continue;
    const PredefinedMetricSpecification = { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' } as const;
    await scaling.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: `${own}-cpu`,
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: { TargetValue: 60, PredefinedMetricSpecification },
      }),
    );
  }
};

/** What a deployment of a service brings: what it has now, new software that is well, or such as isn't. */
export const releases = ['same', 'new', 'cannot-pull', 'exits', 'errors'] as const;
export type Release = { as: (typeof releases)[number]; ratio: number; after: number };

export const deployService = async (
  { aws, operator }: Host,
  serviceName: string,
  services: Services,
  { as, ratio, after }: Release,
): Promise<void> => {
  const ecs = operator.of(ECSClient);
  const target = { cluster: services[serviceName]?.cluster ?? 'default', service: serviceName };
  if (as === 'same') return void (await ecs.send(new UpdateServiceCommand({ ...target, forceNewDeployment: true })));
  const containerDefinitions = [{ name: 'app', image: `${serviceName}:${as}` }];
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand({ family: serviceName, containerDefinitions }));
  const made = `${serviceName}:${taskDefinition?.revision}`;
  if (as !== 'new') aws.faults.inject({ fault: 'bad-task-definition', target: made, kind: as, ratio, after });
  await ecs.send(new UpdateServiceCommand({ ...target, taskDefinition: made }));
};

/** The newest revision of a service's task definition, as `family:revision`. */
export const newestRevision = async ({ operator }: Host, taskDefinition: string): Promise<string> => {
  const { taskDefinition: found } = await operator.of(ECSClient).send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  return `${taskDefinition}:${found?.revision}`;
};

/** A person goes back: stops the deployment that is under way, or deploys the revision before. */
export const rollServiceBack = async ({ operator }: Host, serviceName: string, services: Services): Promise<void> => {
  const ecs = operator.of(ECSClient);
  const target = { cluster: services[serviceName]?.cluster ?? 'default', service: serviceName };
  const { serviceDeployments: [latest] = [] } = await ecs.send(new ListServiceDeploymentsCommand(target));
  if (latest?.status === 'IN_PROGRESS')
    return void (await ecs.send(
      new StopServiceDeploymentCommand({ serviceDeploymentArn: latest.serviceDeploymentArn, stopType: 'ROLLBACK' }),
    ));
  const { services: [found] = [] } = await ecs.send(new DescribeServicesCommand({ cluster: target.cluster, services: [serviceName] }));
  const [, revision = '2'] = /:(\d+)$/.exec(found?.taskDefinition ?? '') ?? [];
  await ecs.send(new UpdateServiceCommand({ ...target, taskDefinition: `${serviceName}:${Number(revision) - 1}` }));
};

export const scaleService = async ({ operator }: Host, serviceName: string, services: Services, desiredCount: number): Promise<void> => {
  const clusterName = services[serviceName]?.cluster ?? 'default';
  await operator.of(ECSClient).send(new UpdateServiceCommand({ cluster: clusterName, service: serviceName, desiredCount }));
};

/** The true state of a service that a scenario may expect. */
export type ServiceState = { desired: number; running: number; revision: number; steady: boolean };

export const serviceState = async ({ operator }: Host, serviceName: string, services: Services): Promise<ServiceState | null> => {
  const clusterName = services[serviceName]?.cluster ?? 'default';
  const { services: [found] = [] } = await operator
    .of(ECSClient)
    .send(new DescribeServicesCommand({ cluster: clusterName, services: [serviceName] }));
  if (!found) return null;
  const { desiredCount = 0, runningCount = 0, deployments = [], taskDefinition = '' } = found;
  const steady = deployments.length === 1 && runningCount === desiredCount && deployments[0]?.rolloutState !== 'FAILED';
  return { desired: desiredCount, running: runningCount, revision: Number(/:(\d+)$/.exec(taskDefinition)?.[1]), steady };
};
