import { PutLifecycleHookCommand, PutWarmPoolCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { PutCompositeAlarmCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { AllocateAddressCommand, AssociateAddressCommand, ModifyInstanceMaintenanceOptionsCommand } from '@aws-sdk/client-ec2';
import { hourMs, minuteMs } from '../../shared/model/duration.ts';
import type { Pace } from '../replay/pace.ts';
import { createFleet, optInTag, templateOf, usualImage, type Volume } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { type AlarmList, compositeAlarmInput, metricAlarmInput, type NamedAlarm } from './alarms.ts';
import { placeCertificates } from './certificates.ts';
import { hasAddresses, placeClusters, placeServices } from './containers.ts';
import { setUpDisks } from './disks.ts';
import { instanceNames, type ScenarioFleet, type ScenarioScaling } from './fleet-schema.ts';
import { changeKey, type Keys, makeKeys } from './keys.ts';
import { placeLookedAt } from './looked-at.ts';
import { makeQueues } from './queues.ts';
import type { Scenario } from './schema.ts';
import { fillIn, memberOf } from './values.ts';

/** How long a fleet has to come up, before its scenario begins. */
export const settling = 20 * minuteMs;
/** Anything that isn't healthy this long after that never will be. */
const patience = 40 * minuteMs;

/** What a scenario's names stand for: ids of instances, names of groups, ARNs of target groups. */
type Built = { instances: Map<string, string>; targetGroups: Map<string, string>; keys: Keys };

type InstanceSpec = ScenarioFleet['instances'][string];
type GroupSpec = ScenarioFleet['groups'][string];

/** What a group has besides what every group has, as Auto Scaling takes it. */
const moreOf = (name: string, { healthCheck, maintenance, retains, mixed }: GroupSpec) => ({
  ...(healthCheck === 'EC2' ? {} : { HealthCheckType: healthCheck }),
  ...(maintenance ? { InstanceMaintenancePolicy: { MinHealthyPercentage: maintenance.min, MaxHealthyPercentage: maintenance.max } } : {}),
  ...(retains ? { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' as const } } } : {}),
  ...(mixed
    ? {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateName: templateOf(name), Version: '$Latest' },
            Overrides: mixed.types.map((InstanceType) => ({ InstanceType })),
          },
          InstancesDistribution: {
            OnDemandBaseCapacity: mixed.onDemandBase,
            OnDemandPercentageAboveBaseCapacity: mixed.onDemandPercent,
          },
        },
      }
    : {}),
});

/** Whether what is launched is lent a public address; undefined where its subnet has the word. */
const isLent = ({ address }: { address?: string | undefined }): boolean | undefined =>
  address === undefined ? undefined : address === 'lent';

const policyOf = (how: ScenarioScaling) =>
  'add' in how
    ? { PolicyType: 'SimpleScaling', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: how.add, Cooldown: how.cooldown }
    : {
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' as const },
          TargetValue: how.target,
          DisableScaleIn: !how.scaleIn,
        },
      };

/** Builds a scenario's fleet with its alarms, as an engineer would, and lets it settle. */
export const buildFleet = async (host: Host, { fleet, start }: Scenario, pace: Pace): Promise<Built> => {
  const { aws, operator } = host;
  const { clock, region } = aws.world;
  const began = clock.now();
  const make = createFleet(host);
  const built: Built = { instances: new Map(), targetGroups: new Map(), keys: await makeKeys(host, fleet.keys) };

  const volumesOf = (volumes: InstanceSpec['volumes']): Volume[] | undefined =>
    volumes?.map(({ key, size }) => ({ keyArn: key === undefined || key === 'aws' ? key : built.keys.get(key)?.arn, sizeGiB: size }));

  const launch = async (name: string, spec: InstanceSpec): Promise<void> => {
    const { id, zone, type, image, optedIn, tags } = spec;
    const volumes = volumesOf(spec.volumes);
    const publicAddress = isLent(spec);
    const place = `${region}${zone}`;
    if (id === undefined)
      built.instances.set(name, await make.instance({ name, zone: place, type, image, optedIn, tags, volumes, publicAddress }));
    else {
      const own = Object.entries({ Name: name, ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...tags });
      aws.ec2.launch({
        id,
        imageId: image ?? usualImage,
        instanceType: type,
        availabilityZone: place,
        publicIp: publicAddress,
        tags: own.map(([key, value]) => ({ key, value })),
      });
      built.instances.set(name, id);
    }
  };

  const makeGroup = async (name: string, spec: GroupSpec): Promise<void> => {
    const { zones, targetGroup, hooks, warmPool, policies, suspended: _later, ...rest } = spec;
    const arn = targetGroup === undefined ? undefined : built.targetGroups.get(targetGroup);
    await make.group({
      ...rest,
      name,
      zones,
      volumes: volumesOf(spec.volumes),
      publicAddress: isLent(spec),
      more: moreOf(name, spec),
      ...(arn === undefined ? {} : { targetGroupArns: [arn] }),
    });
    const AutoScalingGroupName = name;
    for (const [hook, { on, timeout, result, answers }] of Object.entries(hooks)) {
      const LifecycleTransition = on === 'launch' ? 'autoscaling:EC2_INSTANCE_LAUNCHING' : 'autoscaling:EC2_INSTANCE_TERMINATING';
      const input = {
        AutoScalingGroupName,
        LifecycleHookName: hook,
        LifecycleTransition,
        HeartbeatTimeout: timeout,
        DefaultResult: result,
      };
      await operator.autoScaling.send(new PutLifecycleHookCommand(input));
      if (answers !== undefined) aws.faults.inject({ fault: 'answer-hooks', target: name, hook, afterSeconds: answers });
    }
    if (warmPool)
      await operator.autoScaling.send(new PutWarmPoolCommand({ AutoScalingGroupName, MinSize: warmPool.min, PoolState: warmPool.state }));
    for (const [policy, how] of Object.entries(policies)) await make.scalingPolicy(name, policy, policyOf(how));
  };

  const watchInstance = async (id: string, alarms: AlarmList): Promise<void> => {
    for (const alarm of alarms)
      if (typeof alarm === 'string') await make.instanceAlarm(id, alarm);
      else await make.instanceAlarm(id, alarm.metric, alarm);
  };

  const idOf = (ref: string): string => {
    const member = memberOf(ref);
    const members = member ? aws.autoScaling.get(member.group)?.memberIds : undefined;
    return built.instances.get(ref) ?? built.targetGroups.get(ref) ?? (member ? (members?.[member.index] ?? ref) : ref);
  };

  const makeAlarm = async (name: string, written: NamedAlarm): Promise<void> => {
    const alarm = fillIn(written, idOf) as NamedAlarm;
    if ('rule' in alarm)
      return void (await operator.cloudWatch.send(new PutCompositeAlarmCommand(compositeAlarmInput(name, alarm, make.arns))));
    const { metric, on, ...how } = alarm;
    if (typeof metric !== 'string')
      return void (await operator.cloudWatch.send(
        new PutMetricAlarmCommand(metricAlarmInput(metric, metric.dimensions, name, how, make.arns)),
      ));
    const ref = on ?? '';
    if (built.targetGroups.has(ref)) await make.targetsAlarm(name, idOf(ref), how);
    else if (Object.hasOwn(fleet.groups, ref)) await make.groupAlarm(ref, metric, { ...how, name });
    else await make.instanceAlarm(idOf(ref), metric, { ...how, name });
  };

  await placeLookedAt(host, fleet);
  placeCertificates(host, fleet, Date.parse(start));
  placeClusters(host, fleet);
  for (const [name, spec] of Object.entries(fleet.targetGroups))
    built.targetGroups.set(name, await make.targetGroup(name, { ...spec, addresses: hasAddresses(fleet, name) }));
  for (const [name, spec] of Object.entries(fleet.groups)) await makeGroup(name, spec);
  for (const [name, spec] of Object.entries(fleet.instances)) for (const one of instanceNames({ [name]: spec })) await launch(one, spec);

  const isUp = () =>
    Object.entries(fleet.groups).every(([name, { desired }]) => aws.autoScaling.get(name)?.inServiceIds.length === desired) &&
    isSteady(host);
  await pace.advance(host, isUp, began + patience);
  await placeServices(host, fleet, (name) => built.targetGroups.get(name) ?? name);
  // Only now: EC2 may not know yet of what has just been launched, and a group comes up by the processes that are suspended later.
  for (const [AutoScalingGroupName, { suspended: ScalingProcesses }] of Object.entries(fleet.groups)) {
    if (ScalingProcesses.length === 0) continue;
    await operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses }));
  }
  for (const [name, spec] of Object.entries(fleet.instances)) {
    for (const one of instanceNames({ [name]: spec })) {
      const InstanceId = built.instances.get(one);
      await setUpDisks(host, InstanceId ?? '', spec.volumes);
      if (spec.address === 'elastic') {
        const { AllocationId } = await operator.ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
        await operator.ec2.send(new AssociateAddressCommand({ InstanceId, AllocationId }));
      }
      if (!spec.autoRecovery)
        await operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId, AutoRecovery: 'disabled' }));
      // Last: nobody else may change it then.
      if (spec.operator !== undefined) aws.ec2.setOperator(InstanceId ?? '', spec.operator);
    }
  }

  await makeQueues(host, fleet.queues, (service) => fleet.services[service]?.cluster ?? 'default');

  for (const [name, { alarms, memberAlarms, volumes }] of Object.entries(fleet.groups)) {
    for (const id of aws.autoScaling.get(name)?.memberIds ?? []) await setUpDisks(host, id, volumes);
    for (const alarm of alarms)
      if (typeof alarm === 'string') await make.groupAlarm(name, alarm);
      else await make.groupAlarm(name, alarm.metric, alarm);
    for (const id of aws.autoScaling.get(name)?.memberIds ?? []) await watchInstance(id, memberAlarms);
  }
  for (const [name, spec] of Object.entries(fleet.instances))
    for (const one of instanceNames({ [name]: spec })) await watchInstance(idOf(one), spec.alarms);
  for (const [name, { instances, alarm }] of Object.entries(fleet.targetGroups)) {
    const arn = idOf(name);
    const targets = instances.map((one) => {
      const [ref = '', port] = one.split(':');
      return port === undefined ? idOf(ref) : { id: idOf(ref), port: Number(port) };
    });
    if (targets.length > 0) await make.register(arn, targets);
    if (alarm) await make.targetsAlarm(`${name}-targets`, arn);
  }
  for (const [hostName, { address, body, behind }] of Object.entries(fleet.sites)) {
    const works = () => behind === undefined || aws.ec2.get(idOf(behind))?.reachable === true;
    host.web.sites.set(hostName, { address, answer: () => (works() ? { status: 200, body } : null) });
  }
  // Composite alarms last: they name others.
  const named = Object.entries(fleet.alarms);
  for (const [name, alarm] of named.filter(([, one]) => !('rule' in one))) await makeAlarm(name, alarm);
  for (const [name, alarm] of named.filter(([, one]) => 'rule' in one)) await makeAlarm(name, alarm);
  for (const [name, { boot }] of [...Object.entries(fleet.groups), ...Object.entries(fleet.instances)])
    for (const one of Object.hasOwn(fleet.groups, name) ? [name] : instanceNames({ [name]: fleet.instances[name] as InstanceSpec }))
      if (boot !== undefined) aws.faults.inject({ fault: 'slow-boot', target: idOf(one), boot });
  for (const [name, spec] of Object.entries(fleet.keys)) await changeKey(host, built.keys.get(name), spec);
  await pace.advance(host, () => false, began + settling);
  // Repeated events are collected for half an hour, even if they are not reported.
  await pace.advance(host, () => !host.busy(), began + settling + hourMs);
  return built;
};

/** Instances that a warm pool keeps stopped are well. */
const isResting = (host: Host, { state, groupName, id }: { state: string; groupName: string | null; id: string }): boolean =>
  state === 'stopped' && groupName !== null && !(host.aws.autoScaling.get(groupName)?.inServiceIds ?? []).includes(id);

const sick = (host: Host) =>
  [...host.aws.ec2.list()].filter(
    (one) => !isResting(host, one) && (!one.reachable || one.instanceStatus !== 'ok' || one.systemStatus !== 'ok'),
  );
const isSteady = (host: Host): boolean => sick(host).length === 0;

/** What is unhealthy before any fault: there should be nothing. */
export const notSteady = (host: Host): string[] => [
  ...sick(host).map(({ id, state, instanceStatus }) => `${id} is ${state}, its instance check ${instanceStatus}`),
  ...host.outcomes.filter(({ quiet }) => !quiet).map(({ failure, resource }) => `${failure} on ${resource.id} has been told already`),
  ...(host.busy() ? ['an incident is open already'] : []),
];
