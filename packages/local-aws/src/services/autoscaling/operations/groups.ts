import type {
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstancesType,
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  DescribeAutoScalingInstancesType,
  Filter,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { at } from '../model/activity.ts';
import { type Core, historyOf } from '../model/core.ts';
import { bucketOf, type Group, isRetained, type LaunchSource, type Settings } from '../model/group.ts';
import { startChecks } from '../model/health.ts';
import { candidates } from '../model/launch-source.ts';
import { terminate } from '../model/terminating.ts';
import { terminationPolicies } from '../model/termination-policy.ts';
import { groupNamed, invalid, liveGroup, oneOf, page, whole } from './check.ts';
import { addHook } from './hooks.ts';
import { mixedFrom, templateReference } from './launch-templates.ts';
import { deleteTrackingAlarms } from './policies.ts';
import { putTag } from './tags.ts';
import { groupOf, instanceOf, seenMember, seenMembers } from './wire.ts';

const mostMembers = 10_000;

type SourceInput = Pick<CreateAutoScalingGroupType, 'LaunchTemplate' | 'LaunchConfigurationName' | 'MixedInstancesPolicy'>;

const sourceFrom = (
  core: Core,
  { LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy }: SourceInput,
  present: LaunchSource | undefined,
): LaunchSource | undefined => {
  if ([LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy].filter((given) => given !== undefined).length > 1)
    throw invalid(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  if (LaunchTemplate) return { kind: 'template', template: templateReference(core, LaunchTemplate) };
  if (MixedInstancesPolicy) return mixedFrom(core, MixedInstancesPolicy, present);
  if (LaunchConfigurationName === undefined) return undefined;
  if (!core.configurations.has(LaunchConfigurationName)) throw invalid(`Launch configuration name not found - ${LaunchConfigurationName}`);
  return { kind: 'configuration', name: LaunchConfigurationName };
};

/** Zones, or the subnets that stand for them; undefined where neither was given. */
const placesFrom = (core: Core, input: Pick<CreateAutoScalingGroupType, 'AvailabilityZones' | 'VPCZoneIdentifier'>) => {
  const { AvailabilityZones = [], VPCZoneIdentifier } = input;
  for (const name of AvailabilityZones)
    if (!core.ec2.zones.some((zone) => zone.name === name)) throw invalid(`Invalid availability zones: [${name}]`);
  if (!VPCZoneIdentifier) return AvailabilityZones.length > 0 ? { zones: [...new Set(AvailabilityZones)], subnets: undefined } : undefined;
  const zones = VPCZoneIdentifier.split(',').map((id) => {
    const zone = core.ec2.zones.find(({ subnetId }) => subnetId === id.trim());
    if (!zone) throw invalid(`The subnet ID '${id.trim()}' does not exist`);
    return zone.name;
  });
  if (AvailabilityZones.some((zone) => !zones.includes(zone)))
    throw invalid('The availability zones of the specified subnets and the AutoScalingGroup do not match');
  return { zones: [...new Set(zones)], subnets: VPCZoneIdentifier };
};

const maintenanceFrom = ({ InstanceMaintenancePolicy }: Pick<CreateAutoScalingGroupType, 'InstanceMaintenancePolicy'>) => {
  const min = whole('instanceMaintenancePolicy.minHealthyPercentage', InstanceMaintenancePolicy?.MinHealthyPercentage, -1, 100);
  const max = whole('instanceMaintenancePolicy.maxHealthyPercentage', InstanceMaintenancePolicy?.MaxHealthyPercentage, -1, 200);
  if (min === undefined && max === undefined) return undefined;
  if (min === -1 && max === -1) return 'cleared';
  if (min === undefined || max === undefined || min < 0 || max < 100 || max - min > 100)
    throw invalid(
      'MinHealthyPercentage and MaxHealthyPercentage must both be specified, and the difference between them cannot be greater than 100.',
    );
  return { min, max };
};

const retentionFrom = ({ InstanceLifecyclePolicy }: Pick<CreateAutoScalingGroupType, 'InstanceLifecyclePolicy'>) => {
  const action = InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon;
  return action === undefined
    ? undefined
    : oneOf('instanceLifecyclePolicy.retentionTriggers.terminateHookAbandon', action, ['retain', 'terminate']);
};

const healthCheckTypes = ['EC2', 'ELB', 'EBS', 'VPC_LATTICE'];

/** What would be taken and not carried out: nothing here stands for it. */
const refuseUnmodelled = (input: CreateAutoScalingGroupType | UpdateAutoScalingGroupType): void => {
  const { AvailabilityZoneDistribution, AvailabilityZoneImpairmentPolicy, CapacityReservationSpecification, DeletionProtection } = input;
  const given = {
    InstanceId: 'InstanceId' in input && input.InstanceId,
    AvailabilityZoneIds: input.AvailabilityZoneIds?.length,
    AvailabilityZoneDistribution:
      (AvailabilityZoneDistribution?.CapacityDistributionStrategy ?? 'balanced-best-effort') !== 'balanced-best-effort',
    AvailabilityZoneImpairmentPolicy: AvailabilityZoneImpairmentPolicy?.ZonalShiftEnabled,
    CapacityReservationSpecification: (CapacityReservationSpecification?.CapacityReservationPreference ?? 'default') !== 'default',
    DeletionProtection: (DeletionProtection ?? 'none') !== 'none',
    DesiredCapacityType: (input.DesiredCapacityType ?? 'units') !== 'units',
    PlacementGroup: input.PlacementGroup,
    Operator: 'Operator' in input && input.Operator,
  };
  for (const [name, value] of Object.entries(given)) if (value) throw invalid(`${name} is not supported here.`);
  if ('LoadBalancerNames' in input && input.LoadBalancerNames?.length)
    throw invalid('Provided Load Balancers may not be valid. Please ensure they exist and try again.');
};

/** What create and update have in common: each setting that was given, checked. */
const settingsFrom = (
  core: Core,
  input: CreateAutoScalingGroupType | UpdateAutoScalingGroupType,
  present?: LaunchSource,
): Partial<Settings> => {
  refuseUnmodelled(input);
  const places = placesFrom(core, input);
  const source = sourceFrom(core, input, present);
  const maintenance = maintenanceFrom(input);
  const type = input.HealthCheckType;
  if (type !== undefined && !type.split(',').every((part) => healthCheckTypes.includes(part.trim())))
    throw invalid(`Invalid HealthCheckType: ${type}. Valid values are: EC2, EBS, ELB, VPC_LATTICE.`);
  for (const policy of input.TerminationPolicies ?? [])
    if (!Object.hasOwn(terminationPolicies, policy)) throw invalid(`Invalid termination policy: ${policy}`);
  const given: { [Key in keyof Settings]?: Settings[Key] | undefined } = {
    min: whole('minSize', input.MinSize, 0, mostMembers),
    max: whole('maxSize', input.MaxSize, 0, mostMembers),
    desired: whole('desiredCapacity', input.DesiredCapacity, 0, mostMembers),
    cooldownSeconds: whole('defaultCooldown', input.DefaultCooldown, 0, 86_400 * 365),
    graceSeconds: whole('healthCheckGracePeriod', input.HealthCheckGracePeriod, 0, 86_400 * 365),
    warmupSeconds: whole('defaultInstanceWarmup', input.DefaultInstanceWarmup, -1, 86_400),
    maxLifetimeSeconds: input.MaxInstanceLifetime === 0 ? 0 : whole('maxInstanceLifetime', input.MaxInstanceLifetime, 86_400, 31_536_000),
    ...places,
    source,
    healthCheckType: type,
    terminationPolicies: input.TerminationPolicies?.length ? input.TerminationPolicies : undefined,
    newMembersProtected: input.NewInstancesProtectedFromScaleIn,
    capacityRebalance: input.CapacityRebalance,
    context: input.Context,
    desiredType: input.DesiredCapacityType,
    onTerminateHookAbandon: retentionFrom(input),
  };
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Settings>;
  if (maintenance !== undefined) Object.assign(settings, { maintenance: maintenance === 'cleared' ? undefined : maintenance });
  if (settings.warmupSeconds === -1) Object.assign(settings, { warmupSeconds: undefined });
  return settings;
};

const checkBounds = ({ min, max, desired }: Pick<Settings, 'min' | 'max' | 'desired'>): void => {
  if (max < min) throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min || desired > max)
    throw invalid(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`);
};

const create = (core: Core) => (input: CreateAutoScalingGroupType) => {
  const name = input.AutoScalingGroupName ?? '';
  if (!/^[^\p{Cc}:]{1,255}$/u.test(name)) throw invalid(`Invalid AutoScalingGroupName: '${name.slice(0, 300)}'`);
  const namesake = core.groups.get(name);
  if (namesake)
    throw new AwsError(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists${namesake.deleting ? ' and is pending delete' : ''}`,
    );
  const given = settingsFrom(core, input);
  const { source } = given;
  if (!source)
    throw invalid(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  if (!given.zones) throw invalid('At least one Availability Zone or VPC Subnet is required.');
  const settings: Settings = {
    min: 0,
    max: 0,
    desired: given.min ?? 0,
    cooldownSeconds: autoScalingParameters.defaultCooldownSeconds,
    zones: [],
    subnets: undefined,
    graceSeconds: 0,
    healthCheckType: 'EC2',
    terminationPolicies: ['Default'],
    newMembersProtected: false,
    capacityRebalance: undefined,
    maxLifetimeSeconds: undefined,
    warmupSeconds: undefined,
    maintenance: undefined,
    onTerminateHookAbandon: undefined,
    targetGroupArns: [...(input.TargetGroupARNs ?? []), ...(input.TrafficSources ?? []).map(({ Identifier }) => Identifier ?? '')],
    context: undefined,
    desiredType: undefined,
    ...given,
    source,
  };
  checkBounds(settings);
  const now = core.world.clock.now();
  const group: Group = {
    name,
    arn: core.world.arn('autoscaling', `autoScalingGroup:${core.random.uuid()}:autoScalingGroupName/${name}`),
    createdAt: now,
    settings,
    members: new Map(),
    leaving: new Map(),
    counts: { pending: 0, inService: 0, standby: 0, terminating: 0, warm: 0 },
    hooks: new Map(),
    hookAnswers: new Set(),
    tags: new Map(),
    policies: new Map(),
    suspended: new Map(),
    activities: [],
    refreshes: [],
    history: historyOf(core, name),
    loads: new Map(),
    warmPool: { pool: null, deleting: false },
    desiredCause: at(core, `a user request created an AutoScalingGroup changing the desired capacity from 0 to ${settings.desired}.`),
    replacements: 0,
    scaledAt: null,
    failures: null,
    deleting: false,
    wakeUp: null,
    stopChecks: () => {},
  };
  for (const hook of input.LifecycleHookSpecificationList ?? []) addHook(group, hook);
  for (const tag of input.Tags ?? []) putTag(group, tag);
  candidates(core, group);
  core.groups.set(name, group);
  startChecks(core, group);
  group.history.record(now, group);
  core.wake(group);
  return {};
};

const update = (core: Core) => (input: UpdateAutoScalingGroupType) => {
  const group = liveGroup(core, input.AutoScalingGroupName);
  const given = settingsFrom(core, input, group.settings.source);
  const before = group.settings.desired;
  const next = { ...group.settings, ...given };
  // A size that no longer fits is moved to the new bound, unless the call names one itself.
  if (given.desired === undefined) next.desired = Math.max(next.min, Math.min(next.max, next.desired));
  checkBounds(next);
  candidates(core, { ...group, settings: next });
  Object.assign(group.settings, given, { desired: next.desired });
  if (next.desired !== before)
    group.desiredCause = at(
      core,
      `a user request update of AutoScalingGroup constraints to min: ${next.min}, max: ${next.max}, desired: ${next.desired} changing the desired capacity from ${before} to ${next.desired}.`,
    );
  if (given.source) group.failures = null;
  group.history.record(core.world.clock.now(), group);
  core.wake(group);
  return {};
};

const remove = (core: Core) => async (input: DeleteAutoScalingGroupType) => {
  const group = groupNamed(core, input.AutoScalingGroupName);
  if (!input.ForceDelete) {
    if (group.deleting || group.activities.some((activity) => activity.endedAt === null))
      throw new AwsError(
        'ScalingActivityInProgress',
        'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
      );
    if (group.members.size > 0)
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      );
  }
  group.deleting = true;
  const reason = at(core, 'an instance was taken out of service in response to a user request to delete the AutoScalingGroup.');
  for (const member of group.members.values()) {
    const leaving = bucketOf(member) === 'terminating' || member.lifecycle.startsWith('Warmed:Terminating');
    if (!leaving || member.lifecycle.endsWith(':Wait') || isRetained(member)) terminate(core, group, member, reason);
  }
  core.wake(group);
  const policies = [...group.policies.values()];
  group.policies.clear();
  await deleteTrackingAlarms(core, policies);
  return {};
};

/** `*` matches nothing here but itself: Auto Scaling's tag filters are exact, and all filters must hold. */
const matches = (group: Group, filters: readonly Filter[]): boolean =>
  filters.every(({ Name = '', Values = [] }) => {
    const tags = [...group.tags.values()];
    if (Name === 'tag-key') return tags.some(({ key }) => Values.includes(key));
    if (Name === 'tag-value') return tags.some(({ value }) => Values.includes(value));
    if (Name.startsWith('tag:')) return tags.some(({ key, value }) => key === Name.slice(4) && Values.includes(value));
    throw invalid(`Filter type ${Name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`);
  });

const describe = (core: Core) => (input: AutoScalingGroupNamesType) => {
  const { AutoScalingGroupNames: names = [], Filters = [], IncludeInstances = true } = input;
  const named = names.length > 0 ? [...new Set(names)].flatMap((name) => core.groups.get(name) ?? []) : [...core.groups.values()];
  const found = named.filter((group) => matches(group, Filters));
  const { page: groups, ...more } = page('groups', input, found, 100, 50);
  return { AutoScalingGroups: groups.map((group) => groupOf(core, group, IncludeInstances)), ...more };
};

const describeInstances = (core: Core) => (input: DescribeAutoScalingInstancesType) => {
  const { InstanceIds: ids = [] } = input;
  if (ids.length > 50)
    throw invalid(
      "1 validation error detected: Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
    );
  const now = core.world.clock.now();
  const found =
    ids.length > 0
      ? [...new Set(ids)].flatMap((id) => seenMember(core, id, now) ?? [])
      : [...core.groups.values()].flatMap((group) => seenMembers(group, now).map((seen) => ({ group, ...seen })));
  const { page: seen, ...more } = page('instances', input, found, 50);
  return {
    AutoScalingInstances: seen.map(({ group, member, view }) => {
      const { ProtectedFromScaleIn = false, ...instance } = instanceOf(member, view);
      return { ...instance, AutoScalingGroupName: group.name, ProtectedFromScaleIn, HealthStatus: view.health.toUpperCase() };
    }),
    ...more,
  };
};

export const groupOperations = (core: Core): Record<string, Operation> => ({
  CreateAutoScalingGroup: operation<CreateAutoScalingGroupType, object>(() => sdk.autoScaling().CreateAutoScalingGroup$, create(core)),
  UpdateAutoScalingGroup: operation<UpdateAutoScalingGroupType, object>(() => sdk.autoScaling().UpdateAutoScalingGroup$, update(core)),
  DeleteAutoScalingGroup: operation<DeleteAutoScalingGroupType, object>(() => sdk.autoScaling().DeleteAutoScalingGroup$, remove(core)),
  DescribeAutoScalingGroups: operation<AutoScalingGroupNamesType, AutoScalingGroupsType>(
    () => sdk.autoScaling().DescribeAutoScalingGroups$,
    describe(core),
  ),
  DescribeAutoScalingInstances: operation<DescribeAutoScalingInstancesType, AutoScalingInstancesType>(
    () => sdk.autoScaling().DescribeAutoScalingInstances$,
    describeInstances(core),
  ),
});
