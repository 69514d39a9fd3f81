import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { hours } from '../model/duration.ts';
import { hashOf, nameOf } from './name.ts';
import type {
  AgentMetric,
  AlarmKind,
  Watched,
  WatchedFunction,
  WatchedGroup,
  WatchedInstance,
  WatchedQueue,
  WatchedService,
  WatchedTargets,
} from './watched.ts';

/** The desired configuration of an alarm; actions and tags are the same for all. */
export type Alarm = Omit<PutMetricAlarmCommandInput, 'AlarmName' | 'AlarmDescription'> & {
  AlarmName: string;
  AlarmDescription: string;
};

type Dimensions = Readonly<Record<string, string>>;
type Rule = Required<
  Pick<Alarm, 'Statistic' | 'Period' | 'EvaluationPeriods' | 'DatapointsToAlarm' | 'Threshold' | 'ComparisonOperator' | 'TreatMissingData'>
>;

const dimensionList = (dimensions: Dimensions) =>
  Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, Value]) => ({ Name, Value }));

/** A rule on `periods` consecutive periods. Missing data are ignored: a stopped or replaced resource reports nothing. */
const rule = (
  Statistic: Rule['Statistic'],
  Period: number,
  periods: number,
  ComparisonOperator: Rule['ComparisonOperator'],
  Threshold: number,
): Rule => ({
  Statistic,
  Period,
  EvaluationPeriods: periods,
  DatapointsToAlarm: periods,
  Threshold,
  ComparisonOperator,
  TreatMissingData: 'missing',
});

const atLeast = 'GreaterThanOrEqualToThreshold' as const;
const atMost = 'LessThanOrEqualToThreshold' as const;

/**
 * Two minutes for the host and three for the instance: a failed host fails both checks, so its alarm comes first, and the reboot, which
 * would not help, doesn't race with it. AWS recommends the same figures for its own recover and reboot actions.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/UsingAlarmActions.html
 */
const systemCheck = rule('Maximum', 60, 2, atLeast, 1);
const instanceCheck = rule('Maximum', 60, 3, atLeast, 1);

/**
 * 15 minutes distinguish a peak from sustained load, and 85 % leaves room until a group's new members serve. A lone instance can't grow, and many
 * run batches at full load: only an hour at 95 % is worth a person's attention.
 */
const groupCpu = rule('Average', 300, 3, atLeast, 85);
const loneCpu = rule('Average', 300, 12, atLeast, 95);

/**
 * The agent's metric excludes the page cache, and heaps sized to fill memory stay below 95 %. Above it for 15 minutes, the kernel is about
 * to kill a process. The alarm may lead to a reboot, so it is not lower.
 */
const memory = rule('Average', 300, 3, atLeast, 95);

/** A target is unhealthy only after several failed checks in a row; three more minutes outlast a restart of the service. */
const targets = rule('Maximum', 60, 3, atLeast, 1);

/** A message that has died is worth a look at once: it may be the first of many. */
const deadLetters = rule('Maximum', 60, 1, atLeast, 1);

/** Messages are lost once a queue has kept them for as long as it does: half of that leaves as much time to do something about it. */
const queueAge = (keeps: number): Rule => rule('Maximum', 300, 3, atLeast, keeps / 2);

/**
 * The average of Errors is the share of the invocations that fail: that Lambda publishes a zero for each that doesn't is assumed, and if it
 * doesn't, any error fires. One in twenty for three minutes is more than a single poison message that is tried again.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
const functionErrors = rule('Average', 60, 3, atLeast, 0.05);

/** A burst is throttled while Lambda adds instances; five minutes are a limit. AWS recommends the same span. */
const functionThrottles = rule('Sum', 60, 5, atLeast, 1);

/**
 * As of groups. The percentages are of what the task definition reserves, which only a memory limit makes a maximum.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
 */
const serviceCpu = groupCpu;
const serviceMemory = memory;

/**
 * Forecasts of disk usage from its current growth. Not a fixed share: half a percent an hour from 70 % fills a disk over a weekend, and a
 * constant 90 % is fine.
 * - by Monday: three days ahead, from hourly averages, for six hours in a row, so that a backup or a rotated log doesn't trigger it.
 * - within hours: four hours ahead, from five-minute averages, for 15 minutes in a row, since a disk that fills this fast is full before
 *   six hours have passed.
 * Both also fire on a full disk. RATE is the change per second:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
const forecasts = [
  { what: 'disk-by-monday', ahead: hours(72), period: hours(1), periods: 6, says: 'at this rate it is full within three days' },
  { what: 'disk-within-hours', ahead: hours(4), period: 300, periods: 3, says: 'at this rate it is full within four hours' },
] as const;

/** The agent's default metrics on Linux and Windows, and the value at which a disk counts as full. The last percent is unusable. */
const diskMetrics: Readonly<Record<string, { full: number; when: Rule['ComparisonOperator']; disk: string }>> = {
  disk_used_percent: { full: 99, when: atLeast, disk: 'path' },
  'LogicalDisk % Free Space': { full: 1, when: atMost, disk: 'instance' },
};
const memoryMetrics: ReadonlySet<string> = new Set(['mem_used_percent', 'Memory % Committed Bytes In Use']);

/** The agent's metrics that are listed. */
export const agentMetricNames: readonly string[] = [...Object.keys(diskMetrics), ...memoryMetrics];

/** File systems that are always full or hold nothing persistent. */
const pseudo: ReadonlySet<string> = new Set([
  'squashfs',
  'iso9660',
  'udf',
  'cdfs',
  'tmpfs',
  'devtmpfs',
  'ramfs',
  'overlay',
  'aufs',
  'proc',
  'sysfs',
  'efivarfs',
  'nsfs',
]);
const isPseudo = (type: string): boolean => pseudo.has(type.toLowerCase()) || type.toLowerCase().startsWith('fuse.');

/** The maximum number of disks of one instance, shortest paths first, since the root matters most. */
const maxDisks = 10;

type Made = { topicArn: string };
type Watchable = { unwatched: readonly AlarmKind[] };

const plain = (
  { topicArn }: Made,
  what: AlarmKind,
  metric: { namespace: string; name: string; dimensions: Dimensions },
  { Statistic, ...when }: Rule,
  says: string,
  ...parts: readonly string[]
): Alarm => ({
  AlarmName: nameOf(topicArn, what, ...parts),
  AlarmDescription: says,
  Namespace: metric.namespace,
  MetricName: metric.name,
  Dimensions: dimensionList(metric.dimensions),
  Statistic,
  ...when,
});

const ofInstance = (made: Made, { id, groupName }: WatchedInstance): [AlarmKind, Alarm][] => {
  const dimensions = { InstanceId: id };
  const own = (what: AlarmKind, name: string, when: Rule, says: string): [AlarmKind, Alarm] => [
    what,
    plain(made, what, { namespace: 'AWS/EC2', name, dimensions }, when, says, id),
  ];
  return [
    own('system-check', 'StatusCheckFailed_System', systemCheck, 'The host fails its status check for two minutes.'),
    own('instance-check', 'StatusCheckFailed_Instance', instanceCheck, 'The instance fails its status check for three minutes.'),
    // The load of members is watched on their group.
    ...(groupName === null ? [own('cpu', 'CPUUtilization', loneCpu, 'CPU at 95 % or more for an hour.')] : []),
  ];
};

const diskAlarms = ({ topicArn }: Made, { name, dimensions }: AgentMetric, id: string): [AlarmKind, Alarm][] => {
  const { full, when, disk } = diskMetrics[name] as (typeof diskMetrics)[string];
  const where = dimensions[disk] ?? '';
  return forecasts.map(({ what, ahead, period, periods, says }) => [
    what,
    {
      // A path may be on another device after a reboot: the dimensions distinguish the two.
      AlarmName: nameOf(topicArn, what, id, where, hashOf(JSON.stringify(dimensionList(dimensions)))),
      AlarmDescription: `The disk is filling: ${says}.`,
      Metrics: [
        {
          Id: 'disk',
          MetricStat: {
            Metric: { Namespace: 'CWAgent', MetricName: name, Dimensions: dimensionList(dimensions) },
            Period: period,
            Stat: 'Average',
          },
          ReturnData: false,
        },
        { Id: 'forecast', Expression: `disk + RATE(disk) * ${ahead}`, Label: 'forecast', ReturnData: true },
      ],
      EvaluationPeriods: periods,
      DatapointsToAlarm: periods,
      Threshold: full,
      ComparisonOperator: when,
      TreatMissingData: 'missing',
    },
  ]);
};

const ofAgent = (made: Made, { id }: WatchedInstance, agent: readonly AgentMetric[]): [AlarmKind, Alarm][] => {
  const memories = agent.filter(({ name }) => memoryMetrics.has(name));
  const disks = agent
    .filter(({ name, dimensions }) => {
      const disk = dimensions[diskMetrics[name]?.disk ?? ''];
      return disk !== undefined && disk !== '_Total' && !isPseudo(dimensions.fstype ?? '');
    })
    .sort((a, b) => sortKey(a).localeCompare(sortKey(b)))
    .slice(0, maxDisks);
  const [found] = memories.sort((a, b) => sortKey(a).localeCompare(sortKey(b)));
  const says = 'Memory at 95 % or more for a quarter of an hour.';
  return [
    ...(found ? ([['memory', plain(made, 'memory', { namespace: 'CWAgent', ...found }, memory, says, id)]] as [AlarmKind, Alarm][]) : []),
    ...disks.flatMap((metric) => diskAlarms(made, metric, id)),
  ];
};

/** Sorts by the length of the path first. */
const sortKey = ({ name, dimensions }: AgentMetric): string => {
  const where = dimensions[diskMetrics[name]?.disk ?? ''] ?? '';
  return `${String(where.length).padStart(5, '0')}${where}${JSON.stringify(dimensionList(dimensions))}`;
};

const ofGroup = (made: Made, { name }: WatchedGroup, agent: readonly AgentMetric[]): [AlarmKind, Alarm][] => {
  const dimensions = { AutoScalingGroupName: name };
  const cpuMetric = { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions };
  const [found] = agent.filter((metric) => memoryMetrics.has(metric.name));
  const says = 'Memory of the group at 95 % or more for a quarter of an hour.';
  return [
    ['cpu', plain(made, 'cpu', cpuMetric, groupCpu, 'CPU of the group at 85 % or more for a quarter of an hour.', 'group', name)],
    ...(found
      ? ([['memory', plain(made, 'memory', { namespace: 'CWAgent', ...found }, memory, says, 'group', name)]] as [AlarmKind, Alarm][])
      : []),
  ];
};

const ofTargets = (made: Made, { targetGroup, loadBalancer, namespace }: WatchedTargets): [AlarmKind, Alarm][] => {
  const metric = { namespace, name: 'UnHealthyHostCount', dimensions: { TargetGroup: targetGroup, LoadBalancer: loadBalancer } };
  return [
    ['targets', plain(made, 'targets', metric, targets, 'A target fails its health checks for three minutes.', targetGroup, loadBalancer)],
  ];
};

const ofQueue = (made: Made, { name, deadLetters: dead, keeps }: WatchedQueue): [AlarmKind, Alarm][] => {
  const own = (what: AlarmKind, metric: string, when: Rule, says: string): [AlarmKind, Alarm] => [
    what,
    plain(made, what, { namespace: 'AWS/SQS', name: metric, dimensions: { QueueName: name } }, when, says, name),
  ];
  return dead
    ? [own('dead-letters', 'ApproximateNumberOfMessagesVisible', deadLetters, 'Messages have died.')]
    : [
        own(
          'queue-age',
          'ApproximateAgeOfOldestMessage',
          queueAge(keeps),
          'A message has waited for half of the time that the queue keeps it.',
        ),
      ];
};

/** Its concurrency is the function's, whatever it is called by; errors are looked at where they matter, behind the alias that serves. */
const ofLambda = (made: Made, { name, alias }: WatchedFunction): [AlarmKind, Alarm][] => {
  const dimensions = { FunctionName: name };
  const own = (what: AlarmKind, metric: string, of: Dimensions, when: Rule, says: string, ...parts: string[]): [AlarmKind, Alarm] => [
    what,
    plain(made, what, { namespace: 'AWS/Lambda', name: metric, dimensions: of }, when, says, name, ...parts),
  ];
  const serving = alias === null ? dimensions : { ...dimensions, Resource: `${name}:${alias}` };
  const says = 'One in twenty invocations or more fails for three minutes.';
  return [
    own('function-errors', 'Errors', serving, functionErrors, says, ...(alias === null ? [] : [alias])),
    own('function-throttles', 'Throttles', dimensions, functionThrottles, 'Invocations are throttled for five minutes.'),
  ];
};

/**
 * A service's deployments and tasks that fail are reported by events, and AWS/ECS has no metric of how many tasks run.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
 */
const ofEcs = (made: Made, { cluster, name }: WatchedService): [AlarmKind, Alarm][] => {
  const own = (what: AlarmKind, metric: string, when: Rule, says: string): [AlarmKind, Alarm] => [
    what,
    plain(
      made,
      what,
      { namespace: 'AWS/ECS', name: metric, dimensions: { ClusterName: cluster, ServiceName: name } },
      when,
      says,
      `service/${cluster}`,
      name,
    ),
  ];
  return [
    own('cpu', 'CPUUtilization', serviceCpu, 'CPU of the service at 85 % or more for a quarter of an hour.'),
    own('memory', 'MemoryUtilization', serviceMemory, 'Memory of the service at 95 % or more for a quarter of an hour.'),
  ];
};

const groupBy = (agent: readonly AgentMetric[], key: (metric: AgentMetric) => string | undefined): Map<string, AgentMetric[]> => {
  const groups = new Map<string, AgentMetric[]>();
  for (const metric of agent) {
    const of = key(metric);
    if (of === undefined) continue;
    const present = groups.get(of);
    if (present) present.push(metric);
    else groups.set(of, [metric]);
  }
  return groups;
};

const aggregatedFor = ({ dimensions }: AgentMetric): string | undefined =>
  Object.keys(dimensions).length === 1 ? dimensions.AutoScalingGroupName : undefined;

/**
 * The desired alarms, most important first, all with the topic as their action. Deterministic, and independent of the order of the input.
 */
export const alarmsFor = (watched: Watched, topicArn: string): Alarm[] => {
  const made = { topicArn };
  const byInstance = groupBy(watched.agent, ({ dimensions }) => dimensions.InstanceId);
  const byGroup = groupBy(watched.agent, aggregatedFor);
  const wanted = <T extends Watchable>(of: readonly T[], alarms: (one: T) => [AlarmKind, Alarm][]): [AlarmKind, Alarm][] =>
    of.flatMap((one) => alarms(one).filter(([what]) => !one.unwatched.includes(what)));
  const all = [
    ...wanted(watched.instances, (one) => ofInstance(made, one)),
    ...wanted(watched.groups, (one) => ofGroup(made, one, byGroup.get(one.name) ?? [])),
    ...wanted(watched.targets, (one) => ofTargets(made, one)),
    ...wanted(watched.queues, (one) => ofQueue(made, one)),
    ...wanted(watched.functions, (one) => ofLambda(made, one)),
    ...wanted(watched.services, (one) => ofEcs(made, one)),
    ...wanted(watched.instances, (one) => ofAgent(made, one, byInstance.get(one.id) ?? [])),
  ].map(([, alarm]) => ({ ...alarm, AlarmActions: [topicArn] }));
  return [...new Map(all.map((alarm) => [alarm.AlarmName, alarm])).values()];
};
