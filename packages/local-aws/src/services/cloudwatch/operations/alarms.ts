import type {
  DeleteAlarmsInput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  MetricDataQuery,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation } from '../../../wire/protocol/service.ts';
import { checkActions, type Watched, watchedBy } from '../model/actions.ts';
import type { Alarm, ComparisonOperator, TreatMissingData } from '../model/alarm.ts';
import type { AlarmState } from '../model/alarm-state.ts';
import type { Alarms } from '../model/alarms.ts';
import { mentioned, parseRule } from '../model/rule.ts';
import { compileQueries, isStatistic } from '../model/series.ts';
import {
  badCombination,
  checkCount,
  checkDimensions,
  checkEnum,
  checkLength,
  checkRange,
  invalid,
  missing,
  standardUnits,
  states,
} from './check.ts';
import type { Tags } from './tags.ts';

const comparisons: readonly ComparisonOperator[] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
];
const statistics = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];
const treatments: readonly TreatMissingData[] = ['breaching', 'notBreaching', 'ignore', 'missing'];

const day = 86_400;
const mostMetrics = 10;

type Actions = Pick<PutMetricAlarmInput, 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'>;

const checkName = (name: string | undefined, parameter = 'alarmName'): void => {
  checkLength(name, parameter, 1, 255);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be in a name
  if (name !== undefined && /[\u0000-\u001f\u007f]/.test(name))
    throw invalid(`The parameter ${parameter} must not contain control characters.`);
};

const checkAllActions = (world: World, input: Actions, watched: Watched | 'composite' | 'expression'): void => {
  checkActions(world, input.OKActions, 'oKActions', watched);
  checkActions(world, input.AlarmActions, 'alarmActions', watched);
  checkActions(world, input.InsufficientDataActions, 'insufficientDataActions', watched);
};

/** The duration rules of PutMetricAlarm's `Period`: a day in all, or a week where each period is at least an hour. */
const checkPeriods = (period: number, evaluationPeriods: number): void => {
  if (![10, 20, 30].includes(period) && (period < 60 || period % 60 !== 0)) {
    throw invalid('Period must be 10, 20, 30 or a multiple of 60 seconds.');
  }
  const longest = period >= 3600 ? 7 * day : day;
  if (period * evaluationPeriods > longest) {
    throw invalid(
      `Metrics cannot be checked across more than ${longest === day ? 'a day' : 'a week'} (EvaluationPeriods * Period must be <= ${longest})`,
    );
  }
};

const single = ['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'] as const;

/** The one query that a plain metric alarm is made of; events show it with a made-up id. */
const singleQuery = (input: PutMetricAlarmInput, id: string): MetricDataQuery => {
  if (!input.MetricName) throw missing('MetricName');
  if (!input.Namespace) throw missing('Namespace');
  if (input.Period === undefined) throw missing('Period');
  checkLength(input.MetricName, 'metricName', 1, 255);
  checkLength(input.Namespace, 'namespace', 1, 255);
  checkDimensions(input.Dimensions);
  checkEnum(input.Statistic, 'statistic', statistics);
  checkEnum(input.Unit, 'unit', standardUnits);
  if (input.Statistic !== undefined && input.ExtendedStatistic !== undefined) {
    throw badCombination('Statistic and ExtendedStatistic are mutually exclusive.');
  }
  const stat = input.Statistic ?? input.ExtendedStatistic;
  if (stat === undefined) throw missing('Statistic');
  if (!isStatistic(stat)) throw invalid(`The value ${stat} for parameter ExtendedStatistic is not supported.`);
  const Metric = { Namespace: input.Namespace, MetricName: input.MetricName, Dimensions: input.Dimensions };
  return { Id: id, MetricStat: { Metric, Period: input.Period, Stat: stat, Unit: input.Unit }, ReturnData: true };
};

const mathQueries = (input: PutMetricAlarmInput, queries: readonly MetricDataQuery[]): readonly MetricDataQuery[] => {
  const clashing = single.find((name) => input[name] !== undefined);
  if (clashing) throw badCombination(`${clashing} and Metrics are mutually exclusive.`);
  if (queries.length === 0) throw missing('Metrics');
  if (queries.filter(({ MetricStat }) => MetricStat).length > mostMetrics)
    throw invalid(`An alarm on an expression takes at most ${mostMetrics} metrics.`);
  if (queries.filter(({ ReturnData }) => ReturnData ?? true).length !== 1) {
    throw invalid('Exactly one element of the metrics list should return data.');
  }
  for (const { MetricStat } of queries) checkDimensions(MetricStat?.Metric?.Dimensions);
  const periods = new Set(queries.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? []));
  if (periods.size > 1) throw invalid('Metrics list must contain metrics with the same period.');
  return queries;
};

/**
 * What makes, changes, forces and ends alarms. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 * and API_PutCompositeAlarm, API_SetAlarmState, API_EnableAlarmActions, API_DeleteAlarms there.
 */
export const alarmOperations = (world: World, alarms: Alarms, tags: Tags) => {
  const queryIds = world.random.fork('cloudwatch-query-ids');

  const existing = (name: string): Alarm => {
    const alarm = alarms.get(name);
    if (!alarm) throw new AwsError('ResourceNotFound', `The alarm ${name} does not exist.`, 404);
    return alarm;
  };

  const sameKind = (name: string, kind: Alarm['kind']): void => {
    const present = alarms.get(name);
    if (present && present.kind !== kind) throw invalid(`An alarm of another type is already named ${name}.`);
  };

  const common = (input: PutMetricAlarmInput | PutCompositeAlarmInput) => ({
    name: input.AlarmName as string,
    description: input.AlarmDescription,
    actionsEnabled: input.ActionsEnabled ?? true,
    okActions: input.OKActions ?? [],
    alarmActions: input.AlarmActions ?? [],
    insufficientDataActions: input.InsufficientDataActions ?? [],
  });

  /** Tags count only when an alarm is made: an update ignores them. */
  const tagged = (input: PutMetricAlarmInput | PutCompositeAlarmInput, put: () => void): void => {
    tags.check(input.Tags);
    const isNew = !alarms.get(input.AlarmName as string);
    put();
    if (isNew) tags.put(alarms.arnOf(input.AlarmName as string), input.Tags);
  };

  const putMetricAlarm = (input: PutMetricAlarmInput): void => {
    checkName(input.AlarmName);
    checkLength(input.AlarmDescription, 'alarmDescription', 0, 1024);
    checkAllActions(world, input, input.Metrics ? 'expression' : watchedBy(input));
    if (input.ThresholdMetricId !== undefined || input.EvaluationCriteria || input.EvaluationWindow) {
      throw invalid('Alarms on anomaly detection bands, PromQL or evaluation windows are not served here.');
    }
    if (input.EvaluationPeriods === undefined) throw missing('EvaluationPeriods');
    if (input.ComparisonOperator === undefined) throw missing('ComparisonOperator');
    if (input.Threshold === undefined) throw missing('Threshold');
    checkRange(input.EvaluationPeriods, 'evaluationPeriods', 1);
    checkRange(input.DatapointsToAlarm, 'datapointsToAlarm', 1);
    checkEnum(input.ComparisonOperator, 'comparisonOperator', comparisons);
    checkEnum(input.TreatMissingData, 'treatMissingData', treatments);
    checkEnum(input.EvaluateLowSampleCountPercentile, 'evaluateLowSampleCountPercentile', ['evaluate', 'ignore']);
    if (!Number.isFinite(input.Threshold)) throw invalid('The parameter Threshold must be a number.');
    if ((input.DatapointsToAlarm ?? 1) > input.EvaluationPeriods) {
      throw invalid('DatapointsToAlarm must be less than or equal to EvaluationPeriods.');
    }
    sameKind(input.AlarmName as string, 'metric');
    const queries = input.Metrics ? mathQueries(input, input.Metrics) : [singleQuery(input, queryIds.uuid())];
    const compiled = compileQueries(queries, !input.Metrics);
    const period = compiled.find(({ returns }) => returns)?.period ?? 0;
    checkPeriods(period, input.EvaluationPeriods);
    // "Alarms that evaluate metrics in the AWS/DynamoDB namespace always ignore missing data", says the page.
    const ignores = compiled.some((query) => query.kind === 'metric' && query.handle.namespace === 'AWS/DynamoDB');
    tagged(input, () =>
      alarms.putMetricAlarm({
        ...common(input),
        kind: 'metric',
        input,
        queries,
        period,
        evaluationPeriods: input.EvaluationPeriods as number,
        datapointsToAlarm: input.DatapointsToAlarm,
        comparison: input.ComparisonOperator as ComparisonOperator,
        threshold: input.Threshold as number,
        treatMissingData: ignores ? 'ignore' : (input.TreatMissingData as TreatMissingData | undefined),
      }),
    );
  };

  const putCompositeAlarm = (input: PutCompositeAlarmInput): void => {
    checkName(input.AlarmName);
    checkLength(input.AlarmDescription, 'alarmDescription', 0, 1024);
    checkLength(input.AlarmRule, 'alarmRule', 1, 10_240);
    checkAllActions(world, input, 'composite');
    sameKind(input.AlarmName as string, 'composite');
    const rule = parseRule(input.AlarmRule as string);
    const children = mentioned(rule);
    if (children.length > 100) throw invalid('AlarmRule refers to more than 100 alarms.');
    const own = alarms.nameOf(input.AlarmName as string);
    const unknown = children.filter((child) => alarms.nameOf(child) !== own && !alarms.find(child));
    if (unknown.length > 0)
      throw invalid(`Could not save the composite alarm because alarms [${unknown.join(', ')}] in the alarm rule do not exist`);
    if (input.ActionsSuppressor === undefined) {
      if (input.ActionsSuppressorWaitPeriod !== undefined || input.ActionsSuppressorExtensionPeriod !== undefined) {
        throw invalid('ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor.');
      }
    } else {
      if (input.ActionsSuppressorWaitPeriod === undefined || input.ActionsSuppressorExtensionPeriod === undefined) {
        throw invalid('ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required when ActionsSuppressor is specified.');
      }
      checkRange(input.ActionsSuppressorWaitPeriod, 'actionsSuppressorWaitPeriod', 0);
      checkRange(input.ActionsSuppressorExtensionPeriod, 'actionsSuppressorExtensionPeriod', 0);
      if (!alarms.find(input.ActionsSuppressor)) throw invalid(`The alarm ${input.ActionsSuppressor} in ActionsSuppressor does not exist`);
    }
    tagged(input, () =>
      alarms.putCompositeAlarm({
        ...common(input),
        kind: 'composite',
        ruleText: input.AlarmRule as string,
        rule,
        suppressor: input.ActionsSuppressor,
        waitPeriod: input.ActionsSuppressorWaitPeriod,
        extensionPeriod: input.ActionsSuppressorExtensionPeriod,
      }),
    );
  };

  const setAlarmState = (input: SetAlarmStateInput): void => {
    checkEnum(input.StateValue, 'stateValue', states);
    checkLength(input.StateReason, 'stateReason', 0, 1023);
    checkLength(input.StateReasonData, 'stateReasonData', 0, 4000);
    const alarm = existing(input.AlarmName as string);
    if (input.StateReasonData !== undefined) {
      try {
        JSON.parse(input.StateReasonData);
      } catch {
        throw new AwsError('InvalidFormat', 'TypeError: StateReasonData is not valid JSON');
      }
    }
    alarms.force(alarm, { value: input.StateValue as AlarmState, reason: input.StateReason as string, reasonData: input.StateReasonData });
  };

  const setActionsEnabled = (names: readonly string[] | undefined, enabled: boolean): void => {
    checkCount(names, 'alarmNames', 100);
    for (const name of names ?? []) {
      const alarm = alarms.get(name);
      if (alarm) alarms.enableActions(alarm, enabled);
    }
  };

  const deleteAlarms = (input: DeleteAlarmsInput): void => {
    checkCount(input.AlarmNames, 'alarmNames', 100);
    const names = [...new Set(input.AlarmNames)];
    const found = names.flatMap((name) => alarms.get(name) ?? []);
    if (found.filter(({ kind }) => kind === 'composite').length > 1) throw invalid('Only one composite alarm can be deleted per request.');
    const needed = found.filter(({ name }) => alarms.parentsOf(name).some((parent) => !names.includes(parent) || parent === name));
    if (needed.length > 0) {
      throw invalid(
        `Cannot delete alarm(s) [${needed.map(({ name }) => name).join(', ')}] as there are composite alarm(s) depending on it.`,
      );
    }
    for (const alarm of found) {
      alarms.remove(alarm);
      tags.forget(alarm.arn);
    }
    // Those with correct names are deleted all the same.
    for (const name of names) if (!found.some((alarm) => alarm.name === name)) existing(name);
  };

  return {
    PutMetricAlarm: operation<PutMetricAlarmInput, object>(
      () => sdk.cloudWatch().PutMetricAlarm$,
      (input) => {
        putMetricAlarm(input);
        return {};
      },
    ),
    PutCompositeAlarm: operation<PutCompositeAlarmInput, object>(
      () => sdk.cloudWatch().PutCompositeAlarm$,
      (input) => {
        putCompositeAlarm(input);
        return {};
      },
    ),
    SetAlarmState: operation<SetAlarmStateInput, object>(
      () => sdk.cloudWatch().SetAlarmState$,
      (input) => {
        setAlarmState(input);
        return {};
      },
    ),
    EnableAlarmActions: operation<EnableAlarmActionsInput, object>(
      () => sdk.cloudWatch().EnableAlarmActions$,
      (input) => {
        setActionsEnabled(input.AlarmNames, true);
        return {};
      },
    ),
    DisableAlarmActions: operation<DisableAlarmActionsInput, object>(
      () => sdk.cloudWatch().DisableAlarmActions$,
      (input) => {
        setActionsEnabled(input.AlarmNames, false);
        return {};
      },
    ),
    DeleteAlarms: operation<DeleteAlarmsInput, object>(
      () => sdk.cloudWatch().DeleteAlarms$,
      (input) => {
        deleteAlarms(input);
        return {};
      },
    ),
  };
};
