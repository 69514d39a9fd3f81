import { type AutoScalingGroup, DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { DescribeInstanceStatusCommand, DescribeInstancesCommand, DescribeInstanceTypesCommand, type Instance } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import {
  type AlarmFacts,
  countMembers,
  type Facts,
  type GroupFacts,
  type InstanceFacts,
  instanceToTreat,
  type LaunchSource,
  type MaintenancePolicy,
  type StatusFacts,
  sumTargets,
  type TargetFacts,
} from '../model/snapshot.ts';
import { explain, isDenied, sortError } from './call.ts';
import type { Clients } from './clients.ts';

/** Read-only IAM actions of a look. A test compares them with the packaged template. */
export const lookPermissions = [
  'ec2:DescribeInstances',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeInstanceTypes',
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeLifecycleHooks',
  'cloudwatch:DescribeAlarms',
  'elasticloadbalancing:DescribeTargetHealth',
] as const;

/** One response of a look contradicts another because EC2 is eventually consistent: look again. */
class DescribeLag extends Error {
  override readonly name = 'DescribeLag';
}

const tagMap = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Record<string, string> =>
  Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));

const isNotFound = (error: unknown): boolean => (error as { name?: string }).name === 'InvalidInstanceID.NotFound';

const toInstance = (found: Instance): InstanceFacts => {
  const tags = tagMap(found.Tags);
  return {
    id: found.InstanceId ?? '',
    state: found.State?.Name ?? 'unknown',
    stateReason: found.StateReason?.Code ?? null,
    stoppedAt: stoppedAtOf(found.StateTransitionReason),
    instanceType: found.InstanceType ?? 'unknown',
    availabilityZone: found.Placement?.AvailabilityZone ?? 'unknown',
    zoneId: found.Placement?.AvailabilityZoneId ?? null,
    launchedAt: found.LaunchTime?.getTime() ?? 0,
    tags,
    rootDevice: found.RootDeviceType ?? 'unknown',
    instanceStore: null,
    spot: found.InstanceLifecycle === 'spot' || found.InstanceLifecycle === 'interruptible-capacity-reservation',
    autoRecovery: found.MaintenanceOptions?.AutoRecovery === 'default',
    groupName: tags['aws:autoscaling:groupName'] ?? null,
    address: toAddress(found),
    volumes: (found.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []),
    operator: found.Operator?.Managed ? (found.Operator.Principal ?? 'an AWS service') : null,
  };
};

/** Reads the time in `User initiated (2026-03-02 10:05:31 GMT)`. */
const stoppedAtOf = (reason: string | undefined): number | null => {
  const [, date, time] = /\((\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) GMT\)/.exec(reason ?? '') ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(at) ? null : at;
};

/**
 * Owner of the association: `amazon` for an address from AWS's pool, an account for an elastic one.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceAssociation.html
 */
const toAddress = ({ PublicIpAddress, NetworkInterfaces = [] }: Instance): InstanceFacts['address'] => {
  if (!PublicIpAddress) return null;
  const owners = NetworkInterfaces.flatMap(({ Association }) => (Association?.PublicIp === PublicIpAddress ? [Association.IpOwnerId] : []));
  // An address that isn't certain to stay is assumed to change.
  return { ip: PublicIpAddress, elastic: owners.some((owner) => owner !== undefined && /^\d{12}$/.test(owner)) };
};

/** AWS writes -1 for "not set". */
const toMaintenance = ({ InstanceMaintenancePolicy: found }: AutoScalingGroup): MaintenancePolicy | null => {
  const { MinHealthyPercentage: minHealthy = -1, MaxHealthyPercentage: maxHealthy = -1 } = found ?? {};
  return minHealthy < 0 && maxHealthy < 0 ? null : { minHealthy: Math.max(0, minHealthy), maxHealthy };
};

const launchSourceOf = ({ LaunchTemplate, MixedInstancesPolicy, LaunchConfigurationName }: AutoScalingGroup): LaunchSource | null => {
  const template = LaunchTemplate ?? MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  if (template) {
    const { LaunchTemplateName: name = null, LaunchTemplateId: id = null, Version: version = '$Default' } = template;
    return { kind: 'template', id, name, version };
  }
  return LaunchConfigurationName ? { kind: 'configuration', name: LaunchConfigurationName } : null;
};

/**
 * The instance; null if EC2 has none with that id.
 * @throws whatever the SDK throws
 */
export const describeInstance = async ({ ec2 }: Pick<Clients, 'ec2'>, id: string): Promise<InstanceFacts | null> => {
  try {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const found = Reservations?.[0]?.Instances?.[0];
    // EC2 reports a missing instance with an error. An empty result is not an answer.
    if (!found) throw new DescribeLag(`EC2 returned an empty result for ${id}`);
    return toInstance(found);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
};

/** Whether instance types have an instance store, cached per client: it never changes for a type. */
const instanceStores = new WeakMap<Clients['ec2'], Map<string, boolean>>();

const hasInstanceStore = async ({ ec2 }: Clients, instanceType: string): Promise<boolean | null> => {
  const known = instanceStores.get(ec2) ?? new Map<string, boolean>();
  instanceStores.set(ec2, known);
  const learnt = known.get(instanceType);
  if (learnt !== undefined) return learnt;
  const { InstanceTypes } = await ec2.send(
    new DescribeInstanceTypesCommand({ InstanceTypes: [instanceType as NonNullable<Instance['InstanceType']>] }),
  );
  const supported = InstanceTypes?.[0]?.InstanceStorageSupported;
  if (supported !== undefined) known.set(instanceType, supported);
  return supported ?? null;
};

const lookAtStatus = async ({ ec2 }: Clients, id: string): Promise<StatusFacts | null> => {
  try {
    const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }));
    const found = InstanceStatuses?.[0];
    if (!found) return null;
    return {
      state: found.InstanceState?.Name ?? 'unknown',
      system: found.SystemStatus?.Status ?? 'unknown',
      systemImpairedSince: found.SystemStatus?.Details?.find(({ ImpairedSince }) => ImpairedSince)?.ImpairedSince?.getTime() ?? null,
      instance: found.InstanceStatus?.Status ?? 'unknown',
      attachedEbs: found.AttachedEbsStatus?.Status ?? null,
      // AWS keeps a completed event for a week and marks it only in its description.
      scheduled: (found.Events ?? [])
        .filter(({ Description }) => !/^\[(Completed|Canceled)\]/.test(Description ?? ''))
        .map(({ Code, NotBefore, NotAfter }) => ({
          code: Code ?? 'unknown',
          notBefore: NotBefore?.getTime() ?? null,
          notAfter: NotAfter?.getTime() ?? null,
        })),
    };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
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
  const members = (found.Instances ?? []).map((instance) => ({
    instanceId: instance.InstanceId ?? '',
    lifecycleState: instance.LifecycleState ?? 'unknown',
    health: instance.HealthStatus ?? 'unknown',
    protectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
  }));
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
    drainSeconds: null,
    suspendedProcesses: (found.SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName ?? ''),
    count: countMembers(members),
    members: members.filter(({ instanceId }) => about.includes(instanceId)),
    tags: tagMap(found.Tags),
    deleting: Boolean(found.Status),
    createdAt: found.CreatedTime?.getTime() ?? null,
  };
};

/** Metric math has a period per metric; the longest counts. */
const evaluationOf = ({ Period, EvaluationPeriods = 1, Metrics = [] }: MetricAlarm): number => {
  const periods = [Period, ...Metrics.map(({ Period: own, MetricStat }) => MetricStat?.Period ?? own)].map((period) => period ?? 0);
  return Math.max(60, ...periods) * EvaluationPeriods;
};

const lookAtAlarm = async ({ cloudWatch }: Clients, name: string): Promise<AlarmFacts | null> => {
  const { MetricAlarms, CompositeAlarms } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  const found = MetricAlarms?.[0] ?? CompositeAlarms?.[0];
  if (!found) return null;
  return {
    name,
    state: found.StateValue ?? 'unknown',
    updatedAt: found.StateUpdatedTimestamp?.getTime() ?? null,
    composite: !MetricAlarms?.[0],
    evaluated: /"(queryDate|triggeringAlarms)"/.test(found.StateReasonData ?? ''),
    actionsEnabled: found.ActionsEnabled ?? true,
    actions: found.AlarmActions ?? [],
    evaluationSeconds: MetricAlarms?.[0] ? evaluationOf(MetricAlarms[0]) : null,
    comparison: MetricAlarms?.[0]?.ComparisonOperator ?? null,
  };
};

const lookAtTargets = async ({ elb }: Clients, arn: string): Promise<TargetFacts[]> => {
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  return (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({
    id: Target?.Id ?? '',
    state: TargetHealth?.State ?? 'unknown',
  }));
};

/**
 * How long lifecycle hooks may delay a leaving member; only looked up while one is leaving.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
const drainOf = async (
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

/** An alarm's dimension has only the end of a target group's ARN; the API needs all of it. */
const targetGroupArn = ({ resource: { id }, partition, region, account }: Incident): string =>
  id.startsWith('arn:') ? id : `arn:${partition}:elasticloadbalancing:${region}:${account}:${id}`;

/** `full` reads everything; `vital` reads what shows whether the resource has recovered, and reuses the rest of an earlier look. */
export type Depth = 'full' | 'vital';

type Part = <Value>(what: string, run: () => Promise<Value>) => Promise<Value | null>;

/**
 * Reads one part of a look. If an action may follow, a missing part makes the look useless, so errors are thrown. If no action will follow,
 * a refused part must not hide the rest: it is listed and null.
 */
const createPartReader =
  ({ disposition }: Incident, refused: string[]): Part =>
  async (what, run) => {
    if (disposition === 'remediate') return run();
    try {
      return await run();
    } catch (thrown) {
      const error = sortError(thrown);
      if (error.kind !== 'refused') throw thrown;
      const denied = `selfheal isn't allowed to look at ${what} (${error.call ?? error.code})`;
      refused.push(isDenied(error) ? denied : `${what} could not be read: ${explain(error)}`);
      return null;
    }
  };

/**
 * Looks at the incident's resource, its group and its alarm. The live state is the source of truth, not the event.
 * `known` is an earlier look of the same incident, whose unchanging parts are reused. The alarm is reused too, unless `asksAlarm` says that
 * its state matters given the rest: CloudWatch has the lowest rate limit of these calls. `about` are additional instances that the incident
 * is about.
 * @throws whatever the SDK throws: the caller must retry or hold, never treat it as "nothing there". If no action will follow, only
 * retryable errors are thrown.
 */
export const look = async (
  clients: Clients,
  incident: Incident,
  now: number,
  known?: Facts,
  depth: Depth = 'full',
  asksAlarm: (rest: Facts) => boolean = () => true,
  about: readonly string[] = [],
): Promise<Facts> => {
  const { resource, alarm } = incident;
  const refused: string[] = [];
  const part = createPartReader(incident, refused);
  const askAlarm = () => (alarm ? part(`alarm ${alarm.name}`, () => lookAtAlarm(clients, alarm.name)) : null);
  const later = depth === 'vital' && known !== undefined;
  const [early, targets] = await Promise.all([
    later ? known.alarm : askAlarm(),
    resource.type === 'target-group' ? part('the targets', () => lookAtTargets(clients, targetGroupArn(incident))) : null,
  ]);
  const instanceId = resource.type === 'instance' ? resource.id : instanceToTreat(targets ?? [], known?.instance?.id);
  const before = depth === 'vital' && known?.instance?.id === instanceId ? known?.instance : null;
  const [instance, status] = !instanceId
    ? [null, null]
    : incident.disposition === 'remediate'
      ? await lookAtBoth(clients, instanceId, before)
      : await lookAtEach(clients, instanceId, part);
  if (instance) instance.instanceStore ??= await instanceStoreOf(clients, incident, instance);
  const groupName = resource.type === 'group' ? resource.id : (instance?.groupName ?? known?.group?.name ?? null);
  const ids = [instanceId, known?.instance?.id, ...about].filter((id) => typeof id === 'string');
  const group = groupName ? await part(`group ${groupName}`, () => describeGroup(clients, groupName, ids)) : null;
  const listed = group?.members.find(({ instanceId: id }) => id === (instanceId ?? known?.instance?.id));
  if (instanceId && !instance && !status && refused.length === 0 && listed && stageOf(listed.lifecycleState) === 'in-service') {
    throw new DescribeLag(`EC2 finds no instance ${instanceId}, but its group reports it in service`);
  }
  const drain = known?.group?.drainSeconds ?? null;
  if (group)
    group.drainSeconds = await part(`the hooks of group ${group.name}`, () =>
      drainOf(clients, group, instance?.id ?? known?.instance?.id, drain),
    );
  const refusals = () => (refused.length > 0 ? { refused } : {});
  const facts = {
    at: now,
    full: depth === 'full',
    instance,
    status,
    group,
    alarm: early,
    targets: targets && sumTargets(targets, ids),
    ...refusals(),
  };
  return later && asksAlarm(facts) ? { ...facts, alarm: await askAlarm(), ...refusals() } : facts;
};

/**
 * Reads the instance and its status. For a known instance in an unchanged state, the status alone shows every relevant improvement. A
 * stopped one is read again: it may have been started and stopped for another reason.
 */
const lookAtBoth = async (
  clients: Clients,
  id: string,
  known: InstanceFacts | null | undefined,
): Promise<[InstanceFacts | null, StatusFacts | null]> => {
  const early = known ? await lookAtStatus(clients, id) : null;
  if (known && early && early.state === known.state && early.state !== 'stopped') return [known, early];
  const [instance, status] = await Promise.all([describeInstance(clients, id), early ?? lookAtStatus(clients, id)]);
  if (!instance && status) throw new DescribeLag(`EC2 finds no instance ${id}, but reports its status checks`);
  if (instance && instance.instanceType === known?.instanceType) instance.instanceStore = known.instanceStore;
  return [instance, status];
};

/** The same if no action will follow: each call may be refused without the other. */
const lookAtEach = async (clients: Clients, id: string, part: Part): Promise<[InstanceFacts | null, StatusFacts | null]> => {
  const [described, status] = await Promise.all([
    part(`instance ${id}`, async () => ({ instance: await describeInstance(clients, id) })),
    part(`the status checks of ${id}`, () => lookAtStatus(clients, id)),
  ]);
  if (described?.instance === null && status) throw new DescribeLag(`EC2 finds no instance ${id}, but reports its status checks`);
  return [described?.instance ?? null, status];
};

/** Only needed to decide whether a lone instance may be stopped. */
const instanceStoreOf = async (clients: Clients, incident: Incident, instance: InstanceFacts): Promise<boolean | null> => {
  if (incident.playbook === null || instance.groupName !== null) return null;
  try {
    return await hasInstanceStore(clients, instance.instanceType);
  } catch (error) {
    // Without this permission the instance can't be stopped, but it can still be rebooted.
    if (isDenied(sortError(error))) return null;
    throw error;
  }
};
