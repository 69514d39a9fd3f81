import type {
  Activity as ActivityShape,
  AutoScalingGroup,
  Instance,
  InstanceRefresh,
  LaunchTemplateSpecification,
  TagDescription,
} from '@aws-sdk/client-auto-scaling';
import { detailsOf } from '../model/activity.ts';
import type { Core } from '../model/core.ts';
import type { Activity, DescribeView, Group, LaunchSource, Member } from '../model/group.ts';
import type { TemplateReference } from '../model/mixed.ts';
import { percentComplete } from '../model/refresh.ts';
import type { Refresh } from '../model/refresh-record.ts';

/** What Auto Scaling's answers look like, made of what it knows. */

export const templateOf = ({ id, name, version }: TemplateReference): LaunchTemplateSpecification => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  Version: version,
});

const sourceOf = (source: LaunchSource | null): Pick<Instance, 'LaunchTemplate' | 'LaunchConfigurationName'> => {
  if (!source) return {};
  return source.kind === 'configuration' ? { LaunchConfigurationName: source.name } : { LaunchTemplate: templateOf(source.template) };
};

export const instanceOf = (member: Member, view: DescribeView): Instance => ({
  InstanceId: member.instanceId,
  InstanceType: member.instanceType,
  AvailabilityZone: member.zone,
  LifecycleState: view.lifecycle,
  HealthStatus: view.health,
  ProtectedFromScaleIn: view.protected,
  ...sourceOf(member.source),
});

/** One member as describe calls see it at `now`, which may lag behind its coming and going. */
export const seenMember = (
  core: Core,
  instanceId: string,
  now: number,
): { group: Group; member: Member; view: DescribeView } | undefined => {
  const present = core.memberOf.get(instanceId);
  const candidates = [
    ...(present ? [present] : []),
    ...[...core.groups.values()].flatMap((group) => {
      const member = group.leaving.get(instanceId);
      return member ? [{ group, member }] : [];
    }),
  ];
  for (const { group, member } of candidates) {
    const view = member.described.seen(now);
    if (view) return { group, member, view };
  }
  return undefined;
};

/** The members as describe calls see them at `now`. */
export const seenMembers = (group: Group, now: number): { member: Member; view: DescribeView }[] =>
  [...group.leaving.values(), ...group.members.values()].flatMap((member) => {
    const view = member.described.seen(now);
    return view ? [{ member, view }] : [];
  });

export const isWarm = ({ lifecycle }: DescribeView): boolean => lifecycle.startsWith('Warmed:');

export const tagsOf = (group: Group): TagDescription[] =>
  [...group.tags.values()].map(({ key, value, propagate }) => ({
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    Key: key,
    Value: value,
    PropagateAtLaunch: propagate,
  }));

const launchOf = (source: LaunchSource): Pick<AutoScalingGroup, 'LaunchTemplate' | 'LaunchConfigurationName' | 'MixedInstancesPolicy'> => {
  switch (source.kind) {
    case 'configuration':
      return { LaunchConfigurationName: source.name };
    case 'template':
      return { LaunchTemplate: templateOf(source.template) };
    case 'mixed': {
      const { template, overrides, distribution } = source;
      return {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: templateOf(template),
            Overrides: overrides.map((override) => ({
              InstanceType: override.instanceType,
              ImageId: override.imageId,
              LaunchTemplateSpecification: override.template && templateOf(override.template),
            })),
          },
          InstancesDistribution: {
            OnDemandAllocationStrategy: distribution.onDemandStrategy,
            OnDemandBaseCapacity: distribution.onDemandBase,
            OnDemandPercentageAboveBaseCapacity: distribution.onDemandPercentage,
            SpotAllocationStrategy: distribution.spotStrategy,
          },
        },
      };
    }
  }
};

export const warmPoolOf = ({ warmPool: { pool, deleting } }: Group) =>
  pool
    ? {
        ...(pool.maxPrepared === undefined ? {} : { MaxGroupPreparedCapacity: pool.maxPrepared }),
        MinSize: pool.minSize,
        PoolState: pool.state,
        ...(deleting ? { Status: 'PendingDelete' as const } : {}),
        ...(pool.reuseOnScaleIn === undefined ? {} : { InstanceReusePolicy: { ReuseOnScaleIn: pool.reuseOnScaleIn } }),
      }
    : undefined;

export const groupOf = (core: Core, group: Group, withInstances: boolean): AutoScalingGroup => {
  const { settings } = group;
  const seen = seenMembers(group, core.world.clock.now());
  const warmPool = warmPoolOf(group);
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...launchOf(settings.source),
    MinSize: settings.min,
    MaxSize: settings.max,
    DesiredCapacity: settings.desired,
    DefaultCooldown: settings.cooldownSeconds,
    AvailabilityZones: [...settings.zones],
    LoadBalancerNames: [],
    TargetGroupARNs: [...settings.targetGroupArns],
    HealthCheckType: settings.healthCheckType,
    HealthCheckGracePeriod: settings.graceSeconds,
    ...(withInstances ? { Instances: seen.filter(({ view }) => !isWarm(view)).map(({ member, view }) => instanceOf(member, view)) } : {}),
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({ ProcessName, SuspensionReason })),
    VPCZoneIdentifier: settings.subnets ?? '',
    EnabledMetrics: group.history.collected().map((Metric) => ({ Metric, Granularity: '1Minute' })),
    ...(group.deleting ? { Status: 'Delete in progress' } : {}),
    Tags: tagsOf(group),
    TerminationPolicies: [...settings.terminationPolicies],
    NewInstancesProtectedFromScaleIn: settings.newMembersProtected,
    ServiceLinkedRoleARN: `arn:${core.world.partition}:iam::${core.world.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    ...(settings.maxLifetimeSeconds ? { MaxInstanceLifetime: settings.maxLifetimeSeconds } : {}),
    CapacityRebalance: settings.capacityRebalance,
    ...(warmPool ? { WarmPoolConfiguration: warmPool, WarmPoolSize: seen.filter(({ view }) => isWarm(view)).length } : {}),
    Context: settings.context,
    DesiredCapacityType: settings.desiredType,
    DefaultInstanceWarmup: settings.warmupSeconds,
    TrafficSources: settings.targetGroupArns.map((Identifier) => ({ Identifier, Type: 'elbv2' })),
    ...(settings.maintenance
      ? { InstanceMaintenancePolicy: { MinHealthyPercentage: settings.maintenance.min, MaxHealthyPercentage: settings.maintenance.max } }
      : {}),
    ...(settings.onTerminateHookAbandon
      ? { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: settings.onTerminateHookAbandon } } }
      : {}),
  };
};

export const activityOf = (core: Core, group: Pick<Group, 'name' | 'arn'>, activity: Activity): ActivityShape => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: group.arn,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  ...(activity.endedAt === null ? {} : { EndTime: new Date(activity.endedAt) }),
  StatusCode: activity.status,
  ...(activity.message === null ? {} : { StatusMessage: activity.message }),
  Progress: activity.progress,
  Details: detailsOf(core, activity),
});

export const refreshOf = (group: Group, refresh: Refresh): InstanceRefresh => ({
  InstanceRefreshId: refresh.id,
  AutoScalingGroupName: group.name,
  Status: refresh.status,
  StatusReason: refresh.reason,
  StartTime: new Date(refresh.startedAt),
  ...(refresh.endedAt === null ? {} : { EndTime: new Date(refresh.endedAt) }),
  PercentageComplete: percentComplete(refresh),
  InstancesToUpdate: refresh.left.size,
  Preferences: refresh.preferences,
  Strategy: 'Rolling',
});
