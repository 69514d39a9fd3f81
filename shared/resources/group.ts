import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  type Instance,
} from '@aws-sdk/client-auto-scaling';
import type { Clients } from '../aws/clients.ts';
import { readHealth, readLifecycleState } from '../aws/states.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import {
  countMembers,
  type GroupFacts,
  type LaunchSource,
  launchedFrom,
  type MaintenancePolicy,
  workingBySource,
} from '../model/snapshot.ts';
import { tagMap } from '../model/tags.ts';

/** Read-only calls of a look at a group. A test compares them with the packaged template. */
export const groupPermissions = ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks'] as const;

/** AWS writes -1 for "not set". */
const toMaintenance = ({ InstanceMaintenancePolicy: found }: AutoScalingGroup): MaintenancePolicy | null => {
  const { MinHealthyPercentage: minHealthy = -1, MaxHealthyPercentage: maxHealthy = -1 } = found ?? {};
  return minHealthy < 0 && maxHealthy < 0 ? null : { minHealthy: Math.max(0, minHealthy), maxHealthy };
};

const sourceOf = ({ LaunchTemplate, LaunchConfigurationName }: Pick<Instance, 'LaunchTemplate' | 'LaunchConfigurationName'>) => {
  if (LaunchTemplate) {
    const { LaunchTemplateName: name = null, LaunchTemplateId: id = null, Version: version = '$Default' } = LaunchTemplate;
    return { kind: 'template', id, name, version } satisfies LaunchSource;
  }
  return LaunchConfigurationName ? ({ kind: 'configuration', name: LaunchConfigurationName } satisfies LaunchSource) : null;
};

const launchSourceOf = ({ LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName }: AutoScalingGroup): LaunchSource | null =>
  sourceOf({
    LaunchTemplate: LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification,
    LaunchConfigurationName,
  });

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html */
const otherSourcesOf = ({ MixedInstancesPolicy }: AutoScalingGroup): LaunchSource[] =>
  (MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []).flatMap(
    ({ LaunchTemplateSpecification: LaunchTemplate }) => sourceOf({ LaunchTemplate }) ?? [],
  );

const launchedFromOf = (instance: Instance): string | null => {
  const source = sourceOf(instance);
  return source && launchedFrom(source);
};

/** What Auto Scaling says of a group, in the words of a look, with all its members. */
export const toGroup = (name: string, found: AutoScalingGroup): GroupFacts => {
  const members = (found.Instances ?? []).map((instance) => ({
    instanceId: instance.InstanceId ?? '',
    lifecycleState: readLifecycleState(instance.LifecycleState),
    health: readHealth(instance.HealthStatus),
    protectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
    source: launchedFromOf(instance),
  }));
  const otherSources = otherSourcesOf(found);
  return {
    name,
    min: found.MinSize ?? 0,
    max: found.MaxSize ?? 0,
    desired: found.DesiredCapacity ?? 0,
    healthCheckType: found.HealthCheckType ?? 'EC2',
    healthCheckGraceSeconds: found.HealthCheckGracePeriod ?? 0,
    cooldownSeconds: found.DefaultCooldown ?? 300,
    warmUpSeconds: (found.DefaultInstanceWarmup ?? -1) >= 0 ? (found.DefaultInstanceWarmup ?? null) : null,
    maintenance: toMaintenance(found),
    balanced: Boolean(found.TargetGroupARNs?.length || found.LoadBalancerNames?.length || found.TrafficSources?.length),
    launchSource: launchSourceOf(found),
    ...(otherSources.length > 0 ? { otherSources } : {}),
    working: workingBySource(members),
    drainSeconds: null,
    suspendedProcesses: (found.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName ?? ''),
    count: countMembers(members),
    members,
    tags: tagMap(found.Tags),
    deleting: Boolean(found.Status),
    createdAt: found.CreatedTime?.getTime() ?? null,
  };
};

/**
 * The group, with the requested members; null if there is none with that name.
 * @throws whatever the SDK throws
 */
export const describeGroup = async (
  { autoScaling }: Pick<Clients, 'autoScaling'>,
  name: string,
  about: readonly string[] = [],
): Promise<GroupFacts | null> => {
  const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
  const found = AutoScalingGroups?.[0];
  if (!found) return null;
  const group = toGroup(name, found);
  return { ...group, members: group.members.filter(({ instanceId }) => about.includes(instanceId)) };
};

/**
 * How long lifecycle hooks may delay a leaving member; only looked up while one is leaving.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
export const drainOf = async (
  { autoScaling }: Clients,
  { name, members }: GroupFacts,
  instance: string | undefined,
  known: number | null,
): Promise<number | null> => {
  const leaving = members.some(({ instanceId, lifecycleState }) => instanceId === instance && stageOf(lifecycleState) === 'leaving');
  if (!leaving || known !== null) return known;
  const { LifecycleHooks = [] } = await autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name }));
  const hooks = LifecycleHooks.filter(({ LifecycleTransition }) => LifecycleTransition === 'autoscaling:EC2_INSTANCE_TERMINATING');
  // A heartbeat can extend a hook up to its global timeout.
  return Math.max(0, ...hooks.map(({ GlobalTimeout, HeartbeatTimeout }) => GlobalTimeout ?? HeartbeatTimeout ?? 0));
};
