import {
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { cloudWatchParameters } from '#local-aws/model-parameters';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { isActedUpon, typesOfResource } from '../../shared/model/resources/index.ts';
import { type Cause, createCauses, type Named } from '../replay/cause.ts';
import type { ToldAlarm } from '../replay/told-alarm.ts';
import { type AlarmKind, metricAlarmInput, usual } from '../worlds/alarms.ts';
import { createFleet } from './fleet.ts';
import type { Host } from './host.ts';
import { placeResource } from './incident-resources.ts';

/** What is needed for an incident to happen in this world. */
type Match = {
  /** What breaks it, or null where the local AWS has nothing of the kind to break. */
  cause: Cause | null;
  /** Makes its alarm, so long before it goes off: it looks within that time, and what it does is done when the event says. */
  watch: { run: () => Promise<void>; before: number } | null;
  /** Why an incident that would be acted on can't be played here; null if it can, or if no action would follow. */
  unplayable: string | null;
};

/** Default alarms, for an incident without its event or a metric. */
const usualAlarms: Readonly<Partial<Record<Incident['failure'], AlarmKind>>> = {
  'instance-unreachable': 'instance',
  'host-impaired': 'system',
  'status-check-failed': 'either',
  'load-saturated': 'cpu',
  'memory-exhausted': 'memory',
};

/** The alarm of an incident that comes alone: by the metric that its evidence names, or as one of its class usually is. */
const aloneAlarm = (host: Host, { failure, resource, alarm, evidence }: Incident): ToldAlarm => {
  if (alarm === null) return null;
  const { namespace, metric, statistic, comparison, threshold, dimensions = '' } = evidence;
  const kind = usualAlarms[failure];
  const [dimension] = isActedUpon(resource.type) ? Object.keys(typesOfResource[resource.type].dimensions ?? {}) : [];
  const own = dimension === undefined ? null : { [dimension]: resource.id };
  const { arns } = createFleet(host);
  if (namespace === undefined || metric === undefined)
    return kind && own ? { input: metricAlarmInput(kind, own, alarm.name, usual, arns) } : null;
  if (comparison === undefined || threshold === undefined) {
    const preset = kind && own && metricAlarmInput(kind, own, alarm.name, usual, arns);
    if (preset?.Namespace === namespace && preset.MetricName === metric) return { input: preset };
    return { unknown: 'its evidence has no comparison and no threshold' };
  }
  const named = dimensions.split(', ').flatMap((pair) => (pair.includes('=') ? [pair.split(/=(.*)/s) as [string, string]] : []));
  return {
    input: {
      AlarmName: alarm.name,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: named.map(([Name, Value]) => ({ Name, Value })),
      Statistic: (statistic ?? 'Average') as 'Average',
      Threshold: Number(threshold),
      ComparisonOperator: comparison as 'GreaterThanThreshold',
      Period: 60,
      EvaluationPeriods: 1,
      ...(alarm.actions ? { AlarmActions: alarm.actions } : {}),
    },
  };
};

/** A composite alarm over its children that exist in this world; the event has their names but not what they watch. */
const matchComposite = async ({ operator: { cloudWatch } }: Host, { alarm, children }: Incident): Promise<void> => {
  const named = children.map((arn) => arn.slice(arn.indexOf(':alarm:') + ':alarm:'.length)).filter((name) => name && !name.includes('"'));
  if (!alarm || named.length === 0) return;
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: named, AlarmTypes: ['MetricAlarm'] }));
  const rule = MetricAlarms.map(({ AlarmName }) => `ALARM("${AlarmName}")`).join(' OR ');
  if (rule) await cloudWatch.send(new PutCompositeAlarmCommand({ AlarmName: alarm.name, AlarmRule: rule }));
};

/** What breaks the resource of an event that is not an alarm. */
const eventCause = ({ aws }: Host, { failure, resource: { type, id }, at }: Incident): Cause | null => {
  if (!typesOfResource[type].machine) return null;
  const fault = (kind: 'hang-kernel' | 'fail-host' | 'leak-memory' | 'interrupt-spot', before: number): Cause => ({
    run: () => void aws.faults.inject({ fault: kind, target: id }),
    before,
  });
  switch (failure) {
    case 'instance-unreachable':
    case 'status-check-failed':
      return fault('hang-kernel', 8 * minuteMs);
    case 'host-impaired':
      return fault('fail-host', 6 * minuteMs);
    case 'spot-interruption':
      return fault('interrupt-spot', 0);
    case 'instance-stopped':
      return { run: () => aws.ec2.shutDown(id, 'service'), before: 3 * minuteMs };
    case 'instance-terminated':
      return { run: () => aws.ec2.terminate(id, 'user'), before: minuteMs };
    case 'instance-retiring':
      return { run: () => void aws.ec2.scheduleRetirement(id, at + 14 * 24 * 60 * minuteMs), before: 0 };
    default:
      return null;
  }
};

const scalingPolicy = /:autoscaling:.*:autoScalingGroupName\/([^:]+):policyName\/(.+)$/;

/** What an alarm does, as its event tells: in this region, since CloudWatch refuses all else, and by scaling policies that there are. */
const createActions = (host: Host, named: Named) => {
  const { world } = host.aws;
  const fleet = createFleet(host);
  const policies = new Set<string>();

  const actionHere = async (arn: string): Promise<string | null> => {
    const [, partition, , region] = arn.split(':');
    if (partition !== world.partition || (region !== world.region && region !== '')) return null;
    const [, group, policy] = scalingPolicy.exec(arn) ?? [];
    if (group === undefined || policy === undefined) return arn;
    const ref = `${group}/${policy}`;
    if (!policies.has(ref)) {
      policies.add(ref);
      await named.group(group);
      // The event doesn't say by how much: assumed.
      await fleet.scalingPolicy(group, policy, { PolicyType: 'SimpleScaling', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 });
    }
    return fleet.arns.policy(ref);
  };
  const here = async (arns: readonly string[] = [host.alarmTopicArn]): Promise<string[]> =>
    (await Promise.all(arns.map(actionHere))).filter((arn) => arn !== null);

  return async (input: PutMetricAlarmCommandInput): Promise<PutMetricAlarmCommandInput> => ({
    ...input,
    AlarmActions: await here(input.AlarmActions),
    OKActions: await here(input.OKActions),
    InsufficientDataActions: await here(input.InsufficientDataActions ?? []),
  });
};

/**
 * Makes a world match incidents: the resource exists and is opted in, and its alarm exists as the event describes it, on the metric that it
 * watches. Whatever the failure class, the fault is the one that moves this metric.
 */
export const createMatcher = (host: Host) => {
  const { named, causeOf } = createCauses(host);
  const withActions = createActions(host, named);

  /** What the incident is about, whether or not it is what its alarm watches. */
  const make = async (incident: Incident): Promise<void> => {
    const { id, type } = incident.resource;
    const { machine, group, targets } = typesOfResource[type];
    if (machine) named.instance(id, incident.failure === 'spot-interruption');
    else if (group) await named.group(id);
    else if (targets) named.targetGroup(id);
    else await placeResource(host, incident);
  };

  /** `described` is undefined for an incident without its event. */
  return async (incident: Incident, described: ToldAlarm | undefined): Promise<Match> => {
    const alarm = described === undefined ? aloneAlarm(host, incident) : described;
    if (alarm === null) {
      await make(incident);
      // Once the alarms below it are there.
      const watch = incident.alarm ? { run: () => matchComposite(host, incident), before: 1000 } : null;
      return { cause: eventCause(host, incident), watch, unplayable: null };
    }
    // Before all else: it says how many targets there have to be.
    const cause = 'unknown' in alarm ? alarm.unknown : await causeOf(alarm.input);
    await make(incident);
    if (typeof cause === 'string' || 'unknown' in alarm)
      return { cause: null, watch: null, unplayable: incident.disposition === 'remediate' ? String(cause) : null };
    const put = new PutMetricAlarmCommand(await withActions(alarm.input));
    const run = async () => void (await host.operator.cloudWatch.send(put));
    return { cause, watch: { run, before: cloudWatchParameters.evaluateEverySeconds * 1000 + 1 }, unplayable: null };
  };
};
