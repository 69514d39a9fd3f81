import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { logsParameters } from '../../../core/model-parameters.ts';
import type { CloudWatch } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { LogGroup, LogGroups } from '../model/groups.ts';
import { createMetricFilter, type MetricFilter } from '../model/metric-filters.ts';
import { type Pattern, parsePattern } from '../model/pattern.ts';
import { badParameter, checkName, page, refuseUnserved } from './check.ts';

const invalid = (why: string) => badParameter(`Invalid metric transformation: ${why}`);

/** Refuses a transformation that could never publish anything of what the pattern finds. */
const checkTransformation = (transformation: Sdk.MetricTransformation, pattern: Pattern): void => {
  const { metricName, metricNamespace, metricValue = '', defaultValue, dimensions = {} } = transformation;
  checkName('metricName', metricName);
  checkName('metricNamespace', metricNamespace);
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
  const selectors = Object.values(dimensions);
  if (metricValue.startsWith('$')) selectors.push(metricValue);
  else if (metricValue.trim() === '' || !Number.isFinite(Number(metricValue)))
    throw invalid(`the metric value '${metricValue.slice(0, 100)}' is neither a number nor a field`);
  const unknown = selectors.find((selector) => !selector.startsWith('$') || !pattern.selects(selector));
  if (unknown !== undefined) throw invalid(`the pattern has no field '${unknown.slice(0, 100)}'`);
  if (Object.keys(dimensions).length > 3) throw invalid('there can be at most 3 dimensions');
  if (Object.keys(dimensions).length > 0 && typeof defaultValue === 'number')
    throw invalid('dimensions and default value are mutually exclusive properties.');
};

const describe = (group: LogGroup, { name, pattern, transformation, createdAt }: MetricFilter): Sdk.MetricFilter => ({
  filterName: name,
  filterPattern: pattern,
  metricTransformations: [transformation],
  creationTime: createdAt,
  logGroupName: group.name,
});

/** Filters that make metrics of log events. */
export const metricFilterOperations = (world: World, logs: LogGroups, publish: CloudWatch['publish']): Record<string, Operation> => {
  const put = (input: Sdk.PutMetricFilterCommandInput): Record<string, never> => {
    refuseUnserved(input, 'applyOnTransformedLogs', 'fieldSelectionCriteria', 'emitSystemFieldDimensions');
    const group = logs.expect(input.logGroupName);
    const name = checkName('filterName', input.filterName);
    const [transformation, ...others] = input.metricTransformations ?? [];
    if (!transformation || others.length > 0) throw badParameter('metricTransformations must have exactly one item');
    const { filterPattern: pattern = '' } = input;
    checkTransformation(transformation, parsePattern(pattern));
    if (!group.filters.has(name) && group.filters.size >= logsParameters.metricFiltersPerGroup)
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    group.filters.set(name, createMetricFilter(world, publish, { name, pattern, transformation }));
    return {};
  };

  const describeAll = (input: Sdk.DescribeMetricFiltersCommandInput): Omit<Sdk.DescribeMetricFiltersCommandOutput, '$metadata'> => {
    const { logGroupName, filterNamePrefix: prefix = '', metricName, metricNamespace } = input;
    if ((metricName === undefined) !== (metricNamespace === undefined))
      throw badParameter('metricName and metricNamespace must be specified together.');
    const groups = logGroupName === undefined ? [...logs.groups.values()] : [logs.expect(logGroupName)];
    const found = groups
      .flatMap((group) => [...group.filters.values()].map((filter) => describe(group, filter)))
      .filter(({ filterName = '', metricTransformations: [metric] = [] }) =>
        metricName === undefined
          ? logGroupName === undefined || filterName.startsWith(prefix)
          : metric?.metricName === metricName && metric.metricNamespace === metricNamespace,
      );
    const { items, ...more } = page(found, input);
    return { metricFilters: items, ...more };
  };

  const test = (input: Sdk.TestMetricFilterCommandInput): Omit<Sdk.TestMetricFilterCommandOutput, '$metadata'> => {
    const { filterPattern = '', logEventMessages: messages = [] } = input;
    if (messages.length < 1 || messages.length > 50) throw badParameter('logEventMessages must have 1 to 50 items');
    const pattern = parsePattern(filterPattern);
    return {
      matches: messages.flatMap((eventMessage, i) => {
        const match = pattern.match(eventMessage);
        return match ? [{ eventNumber: i + 1, eventMessage, extractedValues: match.extracted }] : [];
      }),
    };
  };

  return {
    PutMetricFilter: operation<Sdk.PutMetricFilterCommandInput, object>(() => sdk.cloudWatchLogs().PutMetricFilter$, put),
    DescribeMetricFilters: operation<Sdk.DescribeMetricFiltersCommandInput, Sdk.DescribeMetricFiltersCommandOutput>(
      () => sdk.cloudWatchLogs().DescribeMetricFilters$,
      describeAll,
    ),
    DeleteMetricFilter: operation<Sdk.DeleteMetricFilterCommandInput, object>(
      () => sdk.cloudWatchLogs().DeleteMetricFilter$,
      ({ logGroupName, filterName }) => {
        if (!logs.expect(logGroupName).filters.delete(filterName ?? ''))
          throw new AwsError('ResourceNotFoundException', 'The specified metric filter does not exist.');
        return {};
      },
    ),
    TestMetricFilter: operation<Sdk.TestMetricFilterCommandInput, Sdk.TestMetricFilterCommandOutput>(
      () => sdk.cloudWatchLogs().TestMetricFilter$,
      test,
    ),
  };
};
