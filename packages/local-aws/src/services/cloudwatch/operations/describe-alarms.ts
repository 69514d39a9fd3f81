import type {
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  CompositeAlarm as SdkCompositeAlarm,
  MetricAlarm as SdkMetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation } from '../../../wire/protocol/service.ts';
import { type Alarm, actionsFor, type CompositeAlarm, type MetricAlarm } from '../model/alarm.ts';
import type { Alarms } from '../model/alarms.ts';
import { dimensionsOf } from '../model/series.ts';
import { badCombination, checkCount, checkDimensions, checkEnum, checkLength, checkRange, invalid, states } from './check.ts';

const alarmTypes = ['CompositeAlarm', 'MetricAlarm'];
const historyTypes = ['ConfigurationUpdate', 'StateUpdate', 'Action'];

const described = (alarm: Alarm) => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  AlarmDescription: alarm.description,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  ActionsEnabled: alarm.actionsEnabled,
  OKActions: [...alarm.okActions],
  AlarmActions: [...alarm.alarmActions],
  InsufficientDataActions: [...alarm.insufficientDataActions],
  StateValue: alarm.state.value,
  StateReason: alarm.state.reason,
  StateReasonData: alarm.state.reasonData,
  StateUpdatedTimestamp: new Date(alarm.state.updatedAt),
  StateTransitionedTimestamp: new Date(alarm.transitionedAt),
});

const describeMetricAlarm = (alarm: MetricAlarm): SdkMetricAlarm => {
  const { input } = alarm;
  return {
    ...described(alarm),
    ...(input.Metrics
      ? { Metrics: input.Metrics }
      : {
          MetricName: input.MetricName,
          Namespace: input.Namespace,
          Statistic: input.Statistic,
          ExtendedStatistic: input.ExtendedStatistic,
          Dimensions: input.Dimensions ?? [],
          Period: input.Period,
          Unit: input.Unit,
        }),
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: input.TreatMissingData,
    EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile,
  };
};

const describeCompositeAlarm = (alarm: CompositeAlarm): SdkCompositeAlarm => ({
  ...described(alarm),
  AlarmRule: alarm.ruleText,
  ActionsSuppressor: alarm.suppressor,
  ActionsSuppressorWaitPeriod: alarm.waitPeriod,
  ActionsSuppressorExtensionPeriod: alarm.extensionPeriod,
  ActionsSuppressedBy: alarm.state.suppressedBy,
  ActionsSuppressedReason: alarm.state.suppressedBy && `Actions suppressed by ${alarm.state.suppressedBy}`,
});

/** Relatives are described in brief: "only the alarm name, ARN, state and its time" . */
const brief = <Described extends SdkMetricAlarm | SdkCompositeAlarm>({
  AlarmName,
  AlarmArn,
  StateValue,
  StateUpdatedTimestamp,
}: Described) => ({ AlarmName, AlarmArn, StateValue, StateUpdatedTimestamp }) as Described;

const split = (found: readonly Alarm[]) => ({
  MetricAlarms: found.filter((alarm) => alarm.kind === 'metric').map(describeMetricAlarm),
  CompositeAlarms: found.filter((alarm) => alarm.kind === 'composite').map(describeCompositeAlarm),
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html and its neighbours */
export const describeOperations = (alarms: Alarms) => {
  const relatives = (input: DescribeAlarmsInput): Alarm[] => {
    const { ChildrenOfAlarmName, ParentsOfAlarmName, MaxRecords: _, NextToken: __, ...others } = input;
    const wanted = ChildrenOfAlarmName ?? ParentsOfAlarmName ?? '';
    if (
      (ChildrenOfAlarmName !== undefined && ParentsOfAlarmName !== undefined) ||
      Object.values(others).some((value) => value !== undefined)
    ) {
      throw invalid('ChildrenOfAlarmName and ParentsOfAlarmName can only be combined with MaxRecords and NextToken.');
    }
    const alarm = alarms.get(wanted);
    if (!alarm) throw new AwsError('ResourceNotFound', `The alarm ${wanted} does not exist.`, 404);
    const names =
      ParentsOfAlarmName !== undefined
        ? alarms.parentsOf(wanted)
        : alarm.kind === 'composite'
          ? [...new Set(alarms.childrenOf(alarm))]
          : [];
    return names.flatMap((name) => alarms.get(name) ?? []);
  };

  const describeAlarms = (input: DescribeAlarmsInput) => {
    const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix, MaxRecords = 50, NextToken, ...kin } = input;
    checkRange(MaxRecords, 'maxRecords', 1, 100);
    checkCount(AlarmNames, 'alarmNames', 100);
    checkLength(AlarmNamePrefix, 'alarmNamePrefix', 1, 255);
    checkLength(ActionPrefix, 'actionPrefix', 1, 1024);
    checkEnum(StateValue, 'stateValue', states);
    for (const type of AlarmTypes ?? []) checkEnum(type, 'alarmTypes', alarmTypes);
    const isKin = kin.ChildrenOfAlarmName !== undefined || kin.ParentsOfAlarmName !== undefined;
    if (AlarmNames?.length && AlarmNamePrefix !== undefined) throw badCombination('AlarmNames and AlarmNamePrefix are mutually exclusive.');
    const { NextToken: _, ...request } = input;
    const matching = (): Alarm[] => {
      if (isKin) return relatives(input);
      // "If you omit this parameter, only metric alarms are returned", also when a composite alarm is named.
      const kinds = (AlarmTypes ?? ['MetricAlarm']).map((type) => (type === 'MetricAlarm' ? 'metric' : 'composite'));
      const candidates = AlarmNames?.length ? [...new Set(AlarmNames)].flatMap((name) => alarms.get(name) ?? []) : alarms.list();
      return candidates.filter(
        (alarm) =>
          kinds.includes(alarm.kind) &&
          (AlarmNamePrefix === undefined || alarm.name.startsWith(AlarmNamePrefix)) &&
          (StateValue === undefined || alarm.state.value === StateValue) &&
          (ActionPrefix === undefined ||
            states.some((state) => actionsFor(alarm, state).some((action) => action.startsWith(ActionPrefix)))),
      );
    };
    const { items, next } = page(matching(), MaxRecords, NextToken, request);
    const { MetricAlarms, CompositeAlarms } = split(items);
    return isKin
      ? { MetricAlarms: MetricAlarms.map(brief), CompositeAlarms: CompositeAlarms.map(brief), NextToken: next }
      : { MetricAlarms, CompositeAlarms, NextToken: next };
  };

  const describeAlarmsForMetric = (input: DescribeAlarmsForMetricInput) => {
    checkDimensions(input.Dimensions);
    if (input.Statistic !== undefined && input.ExtendedStatistic !== undefined) {
      throw badCombination('Statistic and ExtendedStatistic are mutually exclusive.');
    }
    const wanted = Object.entries(dimensionsOf(input.Dimensions));
    const found = alarms.list().filter((alarm): alarm is MetricAlarm => {
      if (alarm.kind !== 'metric' || alarm.input.Metrics) return false;
      const { MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions, Period, Unit } = alarm.input;
      const has = dimensionsOf(Dimensions);
      return (
        MetricName === input.MetricName &&
        Namespace === input.Namespace &&
        (input.Statistic === undefined || Statistic === input.Statistic) &&
        (input.ExtendedStatistic === undefined || ExtendedStatistic === input.ExtendedStatistic) &&
        (input.Period === undefined || Period === input.Period) &&
        (input.Unit === undefined || Unit === input.Unit) &&
        Object.keys(has).length === wanted.length &&
        wanted.every(([name, value]) => has[name] === value)
      );
    });
    return { MetricAlarms: found.map(describeMetricAlarm) };
  };

  const describeAlarmHistory = (input: DescribeAlarmHistoryInput) => {
    const { AlarmName, AlarmTypes = ['MetricAlarm'], HistoryItemType, StartDate, EndDate, MaxRecords = 100, NextToken, ScanBy } = input;
    checkRange(MaxRecords, 'maxRecords', 1, 100);
    checkEnum(HistoryItemType, 'historyItemType', historyTypes);
    checkEnum(ScanBy, 'scanBy', ['TimestampDescending', 'TimestampAscending']);
    for (const type of AlarmTypes) checkEnum(type, 'alarmTypes', alarmTypes);
    const found = alarms.history().filter((item) => {
      const at = item.Timestamp?.getTime() ?? 0;
      return (
        (AlarmName === undefined || item.AlarmName === AlarmName) &&
        AlarmTypes.some((type) => type === item.AlarmType) &&
        (HistoryItemType === undefined || item.HistoryItemType === HistoryItemType) &&
        (StartDate === undefined || at >= StartDate.getTime()) &&
        (EndDate === undefined || at <= EndDate.getTime())
      );
    });
    if (ScanBy !== 'TimestampAscending') found.reverse();
    const { NextToken: _, ...request } = input;
    const { items, next } = page(found, MaxRecords, NextToken, request);
    return { AlarmHistoryItems: items, NextToken: next };
  };

  return {
    DescribeAlarms: operation<DescribeAlarmsInput, DescribeAlarmsOutput>(() => sdk.cloudWatch().DescribeAlarms$, describeAlarms),
    DescribeAlarmsForMetric: operation<DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput>(
      () => sdk.cloudWatch().DescribeAlarmsForMetric$,
      describeAlarmsForMetric,
    ),
    DescribeAlarmHistory: operation<DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput>(
      () => sdk.cloudWatch().DescribeAlarmHistory$,
      describeAlarmHistory,
    ),
  };
};
