import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from './alarm-state.ts';
import type { Rule } from './rule.ts';

export type Suppression = 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm';

export type StateRecord = {
  value: AlarmState;
  reason: string;
  /** JSON, as AWS gives it; absent after the creation and after a SetAlarmState without it. */
  reasonData: string | undefined;
  /** Milliseconds since the epoch. */
  updatedAt: number;
  /** What keeps a composite alarm from acting on this state. */
  suppressedBy?: Suppression;
};

type Common = {
  name: string;
  arn: string;
  description: string | undefined;
  actionsEnabled: boolean;
  okActions: readonly string[];
  alarmActions: readonly string[];
  insufficientDataActions: readonly string[];
  /** The last change of its configuration, in milliseconds since the epoch. */
  configuredAt: number;
  state: StateRecord;
  /** The last change of its state's value, in milliseconds since the epoch. */
  transitionedAt: number;
};

export type ComparisonOperator =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';
export type TreatMissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export type MetricAlarm = Common & {
  kind: 'metric';
  /** The configuration as it was put. */
  input: PutMetricAlarmInput;
  /** What is evaluated: the metric, or the metrics and expressions; one of them returns data. */
  queries: readonly MetricDataQuery[];
  /** Seconds. */
  period: number;
  evaluationPeriods: number;
  datapointsToAlarm: number | undefined;
  comparison: ComparisonOperator;
  threshold: number;
  /** As it was put; undefined means `missing`. */
  treatMissingData: TreatMissingData | undefined;
};

export type CompositeAlarm = Common & {
  kind: 'composite';
  ruleText: string;
  rule: Rule;
  /** Name or ARN, as it was put. */
  suppressor: string | undefined;
  /** Seconds. */
  waitPeriod: number | undefined;
  /** Seconds. */
  extensionPeriod: number | undefined;
  /** The alarms whose change led to the present state. */
  triggeringChildren: readonly { arn: string; value: AlarmState; at: number }[];
  /** The state whose actions ran last; differs from `state` while actions are suppressed. */
  actedOn: AlarmState;
};

export type Alarm = MetricAlarm | CompositeAlarm;

export const actionsFor = (alarm: Alarm, state: AlarmState): readonly string[] =>
  state === 'ALARM' ? alarm.alarmActions : state === 'OK' ? alarm.okActions : alarm.insufficientDataActions;
