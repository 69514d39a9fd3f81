import { DescribeAlarmsCommand, GetMetricStatisticsCommand, ListMetricsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteMetricFilterCommand, DescribeMetricFiltersCommand, type MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { logGroupName, logsWorld } from './setup.ts';

const setUp = async () => {
  const aws = await logsWorld();
  /** By minute: sum and count. */
  const data = async (dimensions: Record<string, string> = {}) => {
    const { Datapoints = [] } = await aws.cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'Shop',
        MetricName: 'Failures',
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(aws.world.start),
        EndTime: new Date(aws.world.clock.now()),
        Period: 60,
        Statistics: ['Sum', 'SampleCount'],
      }),
    );
    return Object.fromEntries(
      Datapoints.map(({ Timestamp, Sum, SampleCount }) => [(Number(Timestamp) - aws.world.start) / 60_000, [Sum, SampleCount]]),
    );
  };
  return { ...aws, data };
};

describe('a metric filter', () => {
  test('makes an alarm of a log pattern: five within five minutes', async () => {
    const { cloudWatch, pass, putFilter, write, data } = await setUp();
    await write(['OutOfMemoryError before there is a filter']);
    await putFilter('"OutOfMemoryError"');
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'oom',
        Namespace: 'Shop',
        MetricName: 'Failures',
        Statistic: 'Sum',
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
    const state = async () => (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['oom'] }))).MetricAlarms?.[0]?.StateValue;
    for (let i = 0; i < 4; i++) await write(['java.lang.OutOfMemoryError: Java heap space', 'fine']);
    pass(600);
    expect(await state()).toBe('OK');
    expect(await data()).toEqual({ 0: [4, 4] });
    for (let i = 0; i < 5; i++) await write(['java.lang.OutOfMemoryError: Java heap space']);
    pass(120);
    expect(await state()).toBe('ALARM');
    pass(1800);
    expect(await state()).toBe('OK');
    const { Metrics } = await cloudWatch.send(new ListMetricsCommand({ Namespace: 'Shop' }));
    expect(Metrics).toEqual([{ Namespace: 'Shop', MetricName: 'Failures', Dimensions: [] }]);
  });

  test("publishes a field's value at the event's time, and nothing where that is no number", async () => {
    const { pass, putFilter, write, data } = await setUp();
    await putFilter('{ $.latency = * }', { metricValue: '$.latency' });
    pass(180);
    await write(['{"latency":50}', '{"latency":"25.5"}', '{"latency":"slow"}', '{"latency":true}', '{}'], -120);
    pass(60);
    expect(await data()).toEqual({ 1: [75.5, 2] });
  });

  test('reports its default value for a minute with events of which none matches', async () => {
    const { pass, putFilter, write, data } = await setUp();
    await putFilter('ERROR', { defaultValue: 0 });
    await write(['fine', 'fine', 'ERROR']);
    pass(60);
    await write(['fine']);
    await write(['fine']);
    pass(240);
    expect(await data()).toEqual({ 0: [1, 1], 1: [0, 1] });
  });

  test('publishes by the dimensions that an event has, and not without them', async () => {
    const { pass, putFilter, write, data, cloudWatch } = await setUp();
    await putFilter('[level = ERROR, service, ...]', { dimensions: { Service: '$service' } });
    await write(['ERROR pay refused', 'ERROR pay refused', 'ERROR cart full', 'ERROR "" nobody']);
    pass(120);
    expect([await data({ Service: 'pay' }), await data({ Service: 'cart' }), await data()]).toEqual([{ 0: [2, 2] }, { 0: [1, 1] }, {}]);
    expect((await cloudWatch.send(new ListMetricsCommand({ Namespace: 'Shop' }))).Metrics).toHaveLength(2);
  });

  test('does not see events that are rejected', async () => {
    const { pass, putFilter, write, data } = await setUp();
    await putFilter('ERROR');
    await write(['ERROR'], 3 * 3600);
    pass(4 * 3600);
    expect(await data()).toEqual({});
  });

  test('is described, replaced by its name, and deleted', async () => {
    const { logs, putFilter, write, pass, data } = await setUp();
    await putFilter('ERROR');
    await putFilter('WARN');
    const describeAll = async (more: object) =>
      (await logs.send(new DescribeMetricFiltersCommand(more))).metricFilters?.map(({ filterPattern }) => filterPattern);
    expect(await describeAll({ logGroupName })).toEqual(['WARN']);
    expect(await describeAll({ metricNamespace: 'Shop', metricName: 'Failures' })).toEqual(['WARN']);
    expect(await describeAll({ metricNamespace: 'Shop', metricName: 'Other' })).toEqual([]);
    const filter = { logGroupName, filterName: 'filter' };
    await logs.send(new DeleteMetricFilterCommand(filter));
    await write(['WARN']);
    pass(120);
    expect(await data()).toEqual({});
    expect((await refusal(logs.send(new DeleteMetricFilterCommand(filter)))).code).toBe('ResourceNotFoundException');
  });

  test.each<[string, string, Partial<MetricTransformation>]>([
    ["the metric value 'many' is neither a number nor a field", 'ERROR', { metricValue: 'many' }],
    ["the pattern has no field '$.latency'", 'ERROR', { metricValue: '$.latency' }],
    ["the pattern has no field '$size'", '[a, b]', { metricValue: '$size' }],
    ["the pattern has no field 'service'", '{ $.a = 1 }', { dimensions: { Service: 'service' } }],
    ['there can be at most 3 dimensions', '[a, b]', { dimensions: { A: '$a', B: '$b', C: '$a', D: '$b' } }],
    ['dimensions and default value are mutually exclusive properties.', '[a, b]', { dimensions: { A: '$a' }, defaultValue: 0 }],
  ])('is refused: %s', async (why, pattern, transformation) => {
    const { putFilter } = await setUp();
    expect(await refusal(putFilter(pattern, transformation))).toMatchObject({
      code: 'InvalidParameterException',
      message: `Invalid metric transformation: ${why}`,
    });
  });
});
