import { DescribeAlarmsCommand, PutCompositeAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { Incident } from '../shared/incident/incident.ts';
import { createFleet, optInTag } from './fleet.ts';
import type { Host } from './host.ts';

/** Breaks the world as the incident says: `run` is called once, so many milliseconds before the incident's own time. */
export type Break = { run: () => void; before: number };

const minute = 60_000;

/** Metric alarms that the local AWS can raise by itself, so that verification can see them recover. */
const alarmMetrics: Readonly<
  Partial<Record<Incident['failure'], { namespace: string; metric: string; statistic: 'Maximum' | 'Average'; threshold: number }>>
> = {
  'instance-unreachable': { namespace: 'AWS/EC2', metric: 'StatusCheckFailed_Instance', statistic: 'Maximum', threshold: 1 },
  'host-impaired': { namespace: 'AWS/EC2', metric: 'StatusCheckFailed_System', statistic: 'Maximum', threshold: 1 },
  'status-check-failed': { namespace: 'AWS/EC2', metric: 'StatusCheckFailed', statistic: 'Maximum', threshold: 1 },
  'load-saturated': { namespace: 'AWS/EC2', metric: 'CPUUtilization', statistic: 'Average', threshold: 80 },
  'memory-exhausted': { namespace: 'CWAgent', metric: 'mem_used_percent', statistic: 'Average', threshold: 90 },
};

const dimensionOf = ({ type, id }: Incident['resource']) =>
  type === 'group' ? { Name: 'AutoScalingGroupName', Value: id } : type === 'instance' ? { Name: 'InstanceId', Value: id } : null;

/** So many targets are in a target group that an event names; one of them is sick. */
const targetsOfOne = 3;

/** A composite alarm over those of its children that are in this world already; the event tells their names and nothing of what they watch. */
const matchComposite = async ({ operator: { cloudWatch } }: Host, { alarm, children }: Incident): Promise<void> => {
  const named = children.map((arn) => arn.slice(arn.indexOf(':alarm:') + ':alarm:'.length)).filter((name) => name && !name.includes('"'));
  if (!alarm || named.length === 0) return;
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: named, AlarmTypes: ['MetricAlarm'] }));
  const rule = MetricAlarms.map(({ AlarmName }) => `ALARM("${AlarmName}")`).join(' OR ');
  if (rule) await cloudWatch.send(new PutCompositeAlarmCommand({ AlarmName: alarm.name, AlarmRule: rule }));
};

/**
 * Makes the world match an incident: what it names exists, is opted in, and has the alarm that told of it. Returns what breaks it as
 * the incident says, or null where the local AWS has nothing of the kind to break.
 */
export const matchWorld = async (host: Host, incident: Incident): Promise<Break | null> => {
  const { aws } = host;
  const { failure, resource, alarm, at } = incident;
  const fleet = createFleet(host);
  const instanceOptions = { imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.large', availabilityZone: `${aws.world.region}a` };
  const tags = [
    { key: 'Name', value: 'matched' },
    { key: optInTag.Key, value: optInTag.Value },
  ];
  const launch = (id: string, spot = false) => {
    if (!aws.ec2.get(id)) aws.ec2.launch({ ...instanceOptions, tags, id, spot });
  };
  const metric = alarmMetrics[failure];
  const dimension = dimensionOf(resource);

  if (resource.type === 'instance') launch(resource.id, failure === 'spot-interruption');
  else if (resource.type === 'group') {
    if (!aws.autoScaling.get(resource.id)) await fleet.group({ name: resource.id, min: 2, max: 6, desired: 2 });
  } else if (resource.type === 'target-group') {
    const arn = resource.id.startsWith('arn:') ? resource.id : aws.world.arn('elasticloadbalancing', resource.id);
    const targets = Array.from({ length: targetsOfOne }, () => aws.ec2.launch({ ...instanceOptions, tags }).id);
    aws.loadBalancing.place(arn, targets);
    if (failure !== 'target-unhealthy') return null;
    if (alarm) await fleet.targetsAlarm(alarm.name, arn);
    return { run: () => void aws.faults.inject({ fault: 'hang-kernel', target: targets[0] ?? '' }), before: 5 * minute };
  } else {
    await matchComposite(host, incident);
    return null;
  }
  if (alarm && metric && dimension) {
    await fleet.alarm({
      AlarmName: alarm.name,
      Namespace: metric.namespace,
      MetricName: metric.metric,
      Dimensions: [dimension],
      Statistic: metric.statistic,
      Threshold: metric.threshold,
      EvaluationPeriods: 2,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  }

  const fault = (kind: 'hang-kernel' | 'fail-host' | 'leak-memory' | 'interrupt-spot', before: number): Break | null =>
    resource.type === 'instance' ? { run: () => void aws.faults.inject({ fault: kind, target: resource.id }), before } : null;
  switch (failure) {
    case 'instance-unreachable':
    case 'status-check-failed':
      return fault('hang-kernel', 8 * minute);
    case 'host-impaired':
      return fault('fail-host', 6 * minute);
    case 'memory-exhausted':
      // At two to four points a minute: over 90 % by then, and not yet out of memory.
      return fault('leak-memory', 21 * minute);
    case 'spot-interruption':
      return fault('interrupt-spot', 0);
    case 'instance-stopped':
      return { run: () => aws.ec2.shutDown(resource.id, 'service'), before: 3 * minute };
    case 'instance-terminated':
      return { run: () => aws.ec2.terminate(resource.id, 'user'), before: minute };
    case 'instance-retiring':
      return { run: () => void aws.ec2.scheduleRetirement(resource.id, at + 14 * 24 * 60 * minute), before: 0 };
    case 'load-saturated':
      return resource.type === 'group'
        ? { run: () => void aws.faults.inject({ fault: 'add-load', target: resource.id, percent: 180 }), before: 12 * minute }
        : null;
    default:
      return null;
  }
};
