import type { PutCompositeAlarmCommandInput, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import { duration } from '../../shared/model/duration.ts';
import { name } from './values.ts';

/** What alarms can do, in the words of scenarios; `notify` publishes to selfheal's topic. */
const verbs = ['stop', 'terminate', 'reboot', 'recover'] as const;
const action = z.union([
  z.enum(['notify', ...verbs]),
  z.string().regex(/^(arn:|policy:)\S+$/, 'must be notify, stop, terminate, reboot, recover, policy:GROUP/NAME or an ARN'),
]);
const actions = {
  /** Whether it carries out its actions; people silence an alarm by turning this off. */
  enabled: z.boolean().default(true),
  actions: z.array(action).default(['notify']),
  okActions: z.array(action).default(['notify']),
  insufficientDataActions: z.array(action).default([]),
};
type Actions = { enabled: boolean; actions: string[]; okActions: string[]; insufficientDataActions: string[] };

const comparisons = {
  '>': 'GreaterThanThreshold',
  '>=': 'GreaterThanOrEqualToThreshold',
  '<': 'LessThanThreshold',
  '<=': 'LessThanOrEqualToThreshold',
} as const;

const settings = {
  /** The name that it has in CloudWatch; made from what it watches, where it is left out. */
  name: z.string().min(1).max(200).optional(),
  period: duration.optional(),
  periods: z.int().min(1).max(1440).optional(),
  /** So many of the periods must breach; all, where it is left out. */
  datapoints: z.int().min(1).max(1440).optional(),
  threshold: z.number().optional(),
  comparison: z.enum(Object.keys(comparisons) as (keyof typeof comparisons)[]).optional(),
  statistic: z.string().min(1).max(20).optional(),
  missing: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).optional(),
  /** Tags of the alarm; the fleet's names may stand in them as `${web}`. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
  ...actions,
};
/** What differs from how an alarm of its kind usually is. */
export type AlarmSettings = Actions & {
  name?: string | undefined;
  period?: number | undefined;
  periods?: number | undefined;
  datapoints?: number | undefined;
  threshold?: number | undefined;
  comparison?: keyof typeof comparisons | undefined;
  statistic?: string | undefined;
  missing?: string | undefined;
  tags?: Record<string, string> | undefined;
};

type Preset = {
  namespace: string;
  metric: string;
  statistic: 'Maximum' | 'Average';
  threshold: number;
  comparison: keyof typeof comparisons;
  period: number;
  periods: number;
  /** Of the alarm, behind the id of what it watches. */
  suffix: string;
};

const check = (metric: string, suffix: string, periods: number): Preset => ({
  namespace: 'AWS/EC2',
  metric,
  statistic: 'Maximum',
  threshold: 1,
  comparison: '>=',
  period: 60,
  periods,
  suffix,
});

/** Alarms as an engineer would make them. System twice a minute apart, instance thrice, so that recovery and reboot don't race. */
const presets = {
  system: check('StatusCheckFailed_System', '-status-check-system', 2),
  instance: check('StatusCheckFailed_Instance', '-status-check-instance', 3),
  either: check('StatusCheckFailed', '-status-check', 3),
  ebs: check('StatusCheckFailed_AttachedEBS', '-status-check-ebs', 3),
  memory: { ...check('mem_used_percent', '-memory', 2), namespace: 'CWAgent', threshold: 85, comparison: '>' },
  /** Of metrics that come every five minutes, a shorter period would lack data between any two of them. */
  cpu: {
    ...check('CPUUtilization', '-cpu-high', 1),
    statistic: 'Average',
    threshold: 80,
    comparison: '>',
    period: 300,
  },
  unhealthy: { ...check('UnHealthyHostCount', '-targets', 2), namespace: 'AWS/ApplicationELB' },
} as const satisfies Record<string, Preset>;

export type AlarmKind = keyof typeof presets;
export const instanceAlarmKinds = ['system', 'instance', 'either', 'ebs', 'memory', 'cpu'] as const satisfies readonly AlarmKind[];

/** An alarm on each of what the list belongs to: by its kind alone, or with what differs. */
export const alarmsOf = <Kind extends AlarmKind>(kinds: readonly [Kind, ...Kind[]] | readonly Kind[]) =>
  z.array(
    z.union([
      z.enum(kinds as readonly [Kind, ...Kind[]]),
      z.strictObject({ metric: z.enum(kinds as readonly [Kind, ...Kind[]]), ...settings }),
    ]),
  );

/** A metric of which there is no kind. */
const anyMetric = z.strictObject({
  namespace: z.string().min(1).max(255),
  name: z.string().min(1).max(255),
  /** The fleet's names may stand in values as `${web}`. */
  dimensions: z.record(z.string().min(1).max(255), z.string().min(1).max(1024)).default({}),
});

const metricAlarm = z.strictObject({
  metric: z.union([z.enum(Object.keys(presets) as AlarmKind[]), anyMetric]),
  /** What it watches: an instance, a member, a group or a target group; left out for a metric with dimensions of its own. */
  on: z.string().min(1).max(64).optional(),
  ...settings,
});
const compositeAlarm = z.strictObject({
  /** As CloudWatch takes it; the fleet's names may stand in it as `${web}`. */
  rule: z.string().min(1).max(10_240),
  /** An alarm that holds this one's actions back while it is in ALARM, and how long is waited before and after. */
  suppressor: z.string().min(1).max(255).optional(),
  wait: duration.default(60),
  extension: duration.default(60),
  ...actions,
});

/** Alarms by the names that they have in CloudWatch. */
export const namedAlarms = z.record(name, z.union([metricAlarm, compositeAlarm])).default({});
type MetricAlarm = z.output<typeof metricAlarm>;
type CompositeAlarm = z.output<typeof compositeAlarm>;
export type NamedAlarm = MetricAlarm | CompositeAlarm;
export type AlarmList = readonly (AlarmKind | (AlarmSettings & { metric: AlarmKind }))[];

/** How a word for an action is written to CloudWatch. */
export type Arns = { topic: string; automate: (verb: string) => string; policy: (ref: string) => string };

const actionsOf = ({ enabled, actions: alarm, okActions, insufficientDataActions }: Actions, arns: Arns) => {
  const arn = (word: string): string => {
    if (word === 'notify') return arns.topic;
    if (word.startsWith('policy:')) return arns.policy(word.slice('policy:'.length));
    return word.startsWith('arn:') ? word : arns.automate(word);
  };
  return {
    ActionsEnabled: enabled,
    AlarmActions: alarm.map(arn),
    OKActions: okActions.map(arn),
    InsufficientDataActions: insufficientDataActions.map(arn),
  };
};

type Dimensions = Readonly<Record<string, string>>;

/** An alarm of one of the kinds, or on any metric, with what differs from how such a one usually is. */
export const metricAlarmInput = (
  metric: AlarmKind | z.output<typeof anyMetric>,
  dimensions: Dimensions,
  AlarmName: string,
  given: AlarmSettings,
  arns: Arns,
): PutMetricAlarmCommandInput => {
  const usual = typeof metric === 'string' ? presets[metric] : { ...presets.cpu, namespace: metric.namespace, metric: metric.name };
  const { datapoints, missing } = given;
  return {
    AlarmName,
    Namespace: usual.namespace,
    MetricName: usual.metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Statistic: (given.statistic ?? usual.statistic) as 'Average',
    Threshold: given.threshold ?? usual.threshold,
    ComparisonOperator: comparisons[given.comparison ?? usual.comparison],
    Period: given.period ?? usual.period,
    EvaluationPeriods: given.periods ?? usual.periods,
    ...(datapoints === undefined ? {} : { DatapointsToAlarm: datapoints }),
    ...(missing === undefined ? {} : { TreatMissingData: missing }),
    ...(given.tags === undefined ? {} : { Tags: Object.entries(given.tags).map(([Key, Value]) => ({ Key, Value })) }),
    ...actionsOf(given, arns),
  };
};

export const compositeAlarmInput = (
  AlarmName: string,
  { rule, suppressor, wait, extension, ...rest }: CompositeAlarm,
  arns: Arns,
): PutCompositeAlarmCommandInput => ({
  AlarmName,
  AlarmRule: rule,
  ...(suppressor === undefined
    ? {}
    : { ActionsSuppressor: suppressor, ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension }),
  ...actionsOf(rest, arns),
});

/** An alarm on the number of processes of this name on an instance, as a scenario writes it. */
export const processAlarm = (instance: string, exe: string) => ({
  metric: {
    namespace: 'CWAgent',
    name: 'procstat_lookup_pid_count',
    dimensions: { InstanceId: `\${${instance}}`, exe, pid_finder: 'native' },
  },
  comparison: '<' as const,
  threshold: 1,
  period: '1m',
  periods: 1,
});

/** What an alarm of a kind is called on what has this id. */
export const alarmName = (kind: AlarmKind, id: string): string => `${id}${presets[kind].suffix}`;
/** The defaults of an alarm. */
export const usual: AlarmSettings = { enabled: true, actions: ['notify'], okActions: ['notify'], insufficientDataActions: [] };

/** The alarm of clients' connections to the writer of the cluster `shop`, and what a policy says of it. */
export const writerAlarm = {
  rule: {
    namespace: 'AWS/RDS',
    metric: 'DatabaseConnections',
    failure: 'database-impaired',
    direction: 'below',
    missing: 'is-the-signal',
    subject: { type: 'database', dimension: 'DBClusterIdentifier' },
    playbook: 'fail-over-cluster',
  },
  alarm: (periods: number) => ({
    metric: { namespace: 'AWS/RDS', name: 'DatabaseConnections', dimensions: { DBClusterIdentifier: 'shop', Role: 'WRITER' } },
    statistic: 'Minimum',
    threshold: 0,
    comparison: '<' as const,
    period: '1m',
    periods,
    missing: 'breaching' as const,
  }),
} as const;

/** The alarm of how far the replica `orders-replica` is behind. */
export const lagAlarm = (periods: number) => ({
  metric: { namespace: 'AWS/RDS', name: 'ReplicaLag', dimensions: { DBInstanceIdentifier: 'orders-replica' } },
  statistic: 'Maximum',
  threshold: 120,
  comparison: '>' as const,
  period: '1m',
  periods,
});
