import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { ModifyInstanceMaintenanceOptionsCommand } from '@aws-sdk/client-ec2';
import { createFleet, optInTag } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Pace } from '../replay/pace.ts';
import { instanceNames, type Scenario, type ScenarioFleet } from './schema.ts';

const minute = 60_000;
/** How long a fleet has to come up, before its scenario begins. */
export const settling = 20 * minute;
/** What needs longer than this after that never will be well. */
const patience = 40 * minute;

/** What a scenario's names stand for: ids of instances, names of groups, ARNs of target groups. */
export type Built = { instances: Map<string, string>; targetGroups: Map<string, string> };

type InstanceSpec = ScenarioFleet['instances'][string];
type InstanceAlarm = InstanceSpec['alarms'][number];

/** Builds a scenario's fleet with its alarms, as an engineer would, and lets it settle. */
export const buildFleet = async (host: Host, { fleet }: Scenario, pace: Pace): Promise<Built> => {
  const { aws, operator } = host;
  const { clock, region } = aws.world;
  const began = clock.now();
  const make = createFleet(host);
  const built: Built = { instances: new Map(), targetGroups: new Map() };

  const launch = async (name: string, { id, zone, type, optedIn, tags, autoRecovery }: InstanceSpec): Promise<void> => {
    const place = `${region}${zone}`;
    if (id === undefined) built.instances.set(name, await make.instance({ name, zone: place, type, optedIn, tags }));
    else {
      const own = Object.entries({ Name: name, ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...tags });
      aws.ec2.launch({
        id,
        imageId: 'ami-0123456789abcdef0',
        instanceType: type,
        availabilityZone: place,
        tags: own.map(([key, value]) => ({ key, value })),
      });
      built.instances.set(name, id);
    }
    if (autoRecovery) return;
    const InstanceId = built.instances.get(name);
    await operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId, AutoRecovery: 'disabled' }));
  };

  const watch = async (id: string, alarms: readonly InstanceAlarm[]): Promise<void> => {
    for (const alarm of alarms) {
      if (alarm === 'memory') await make.memoryAlarm(id);
      else if (alarm === 'either') {
        await make.alarm({
          AlarmName: `${id}-status-check`,
          Namespace: 'AWS/EC2',
          MetricName: 'StatusCheckFailed',
          Dimensions: [{ Name: 'InstanceId', Value: id }],
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        });
      } else await make.statusAlarm(id, alarm === 'system' ? 'System' : 'Instance');
    }
  };

  for (const name of Object.keys(fleet.targetGroups)) built.targetGroups.set(name, await make.targetGroup(name));
  for (const [name, { min, desired, max, optedIn, spot, suspended, targetGroup }] of Object.entries(fleet.groups)) {
    const arn = targetGroup === undefined ? undefined : built.targetGroups.get(targetGroup);
    await make.group({ name, min, desired, max, optedIn, spot, ...(arn === undefined ? {} : { targetGroupArns: [arn] }) });
    if (suspended.length > 0)
      await operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: suspended }));
  }
  for (const [name, spec] of Object.entries(fleet.instances)) for (const one of instanceNames({ [name]: spec })) await launch(one, spec);

  const isUp = () =>
    Object.entries(fleet.groups).every(([name, { desired }]) => aws.autoScaling.get(name)?.inServiceIds.length === desired) &&
    [...aws.ec2.list()].every(
      ({ reachable, instanceStatus, systemStatus }) => reachable && instanceStatus === 'ok' && systemStatus === 'ok',
    );
  await pace.advance(host, isUp, began + patience);

  for (const [name, { alarms, memberAlarms }] of Object.entries(fleet.groups)) {
    if (alarms.includes('cpu')) await make.cpuAlarm(name, { Period: 300, EvaluationPeriods: 1 });
    for (const id of aws.autoScaling.get(name)?.memberIds ?? []) await watch(id, memberAlarms);
  }
  for (const [name, spec] of Object.entries(fleet.instances))
    for (const one of instanceNames({ [name]: spec })) await watch(built.instances.get(one) ?? '', spec.alarms);
  for (const [name, { instances, alarm }] of Object.entries(fleet.targetGroups)) {
    const arn = built.targetGroups.get(name) ?? '';
    if (instances.length > 0)
      await make.register(
        arn,
        instances.map((one) => built.instances.get(one) ?? ''),
      );
    if (alarm) await make.targetsAlarm(`${name}-targets`, arn);
  }
  await pace.advance(host, () => false, began + settling);
  return built;
};

/** What is not well before anything was broken: there should be none. */
export const notSteady = (host: Host): string[] => {
  const sick = [...host.aws.ec2.list()].filter(({ reachable, instanceStatus }) => !reachable || instanceStatus !== 'ok');
  return [
    ...sick.map(({ id, state, instanceStatus }) => `${id} is ${state}, its instance check ${instanceStatus}`),
    ...host.outcomes.map(({ failure, resource }) => `${failure} on ${resource.id} has been told already`),
    ...(host.busy() ? ['an incident is open already'] : []),
  ];
};
