import {
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { cloudWatchWorld, minute } from './setup.ts';

const time = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 12, minutes));
const Dimensions = [{ Name: 'Shop', Value: 'north' }];

const setUp = () => {
  const it = cloudWatchWorld();
  const put = (...MetricData: MetricDatum[]) => it.cloudWatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  const read = (MetricDataQueries: GetMetricDataCommandInput['MetricDataQueries'], more: Partial<GetMetricDataCommandInput> = {}) =>
    it.cloudWatch.send(
      new GetMetricDataCommand({ MetricDataQueries, StartTime: time(0), EndTime: time(10), ScanBy: 'TimestampAscending', ...more }),
    );
  return { ...it, put, read };
};

const orders = (Id: string, Stat: string, Period = 60) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Orders', Dimensions }, Period, Stat },
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
describe('metric data', () => {
  test('what was put comes back as every statistic, once it has been ingested', async () => {
    const { put, read, pass } = setUp();
    await put({ MetricName: 'Orders', Dimensions, Values: [1, 2, 3], Counts: [1, 1, 2] }, { MetricName: 'Orders', Dimensions, Value: 11 });
    expect((await read([orders('m1', 'Sum')])).MetricDataResults?.[0]?.Values).toEqual([]);
    pass(2);
    const { MetricDataResults } = await read(
      ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p100'].map((stat, i) => orders(`m${i}`, stat)),
    );
    expect(MetricDataResults?.map(({ Values }) => Values?.[0])).toEqual([20, 4, 1, 11, 5, 3, 11]);
    expect(MetricDataResults?.[0]).toEqual({ Id: 'm0', Label: 'Orders', Timestamps: [time(0)], Values: [20], StatusCode: 'Complete' });
  });

  test('longer periods add up shorter ones, newest first unless told otherwise', async () => {
    const { put, read, pass } = setUp();
    pass(10);
    await put(...[1, 2, 3, 6, 7].map((m) => ({ MetricName: 'Orders', Dimensions, Value: m, Timestamp: time(m) })));
    const { MetricDataResults } = await read([orders('m1', 'Sum', 300)], { ScanBy: undefined });
    expect(MetricDataResults?.[0]).toMatchObject({ Timestamps: [time(5), time(0)], Values: [13, 6] });
  });

  test('a metric that a service answers for reads like any other', async () => {
    const { read, pass, setCpu } = setUp();
    pass(3);
    setCpu(50);
    pass(3);
    const cpu = {
      Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] },
      Period: 60,
      Stat: 'Average',
    };
    const { MetricDataResults } = await read([
      { Id: 'm1', MetricStat: cpu },
      { Id: 'e1', Expression: 'm1 * 2', Label: 'twice' },
    ]);
    expect(MetricDataResults).toMatchObject([
      { Id: 'm1', Values: [10, 10, 10, 50, 50], Timestamps: [0, 1, 2, 3, 4].map(time) },
      { Id: 'e1', Label: 'twice', Values: [20, 20, 20, 100, 100] },
    ]);
  });

  test('statistics of which the values are not known give no percentile', async () => {
    const { put, read, pass } = setUp();
    await put({ MetricName: 'Orders', Dimensions, StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4 } });
    pass(2);
    const { MetricDataResults } = await read([orders('m1', 'Average'), orders('m2', 'p50')]);
    expect(MetricDataResults?.map(({ Values }) => Values)).toEqual([[2.5], []]);
  });

  test('data comes in pages', async () => {
    const { put, read, pass } = setUp();
    pass(10);
    await put(...[1, 2, 3].map((m) => ({ MetricName: 'Orders', Dimensions, Value: m, Timestamp: time(m) })));
    const first = await read([orders('m1', 'Sum')], { MaxDatapoints: 2 });
    expect(first.MetricDataResults?.[0]).toMatchObject({ Values: [1, 2], StatusCode: 'PartialData' });
    const second = await read([orders('m1', 'Sum')], { MaxDatapoints: 2, NextToken: first.NextToken });
    expect(second.MetricDataResults?.[0]).toMatchObject({ Values: [3], StatusCode: 'Complete' });
    expect((await refusal(read([orders('m1', 'Sum')], { NextToken: 'elsewhere' }))).code).toBe('InvalidNextToken');
  });

  test('a span of decades is answered without walking through it', async () => {
    const { read, pass } = setUp();
    pass(2);
    const cpu = {
      Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] },
      Period: 60,
      Stat: 'Average',
    };
    const { MetricDataResults } = await read([{ Id: 'm1', MetricStat: cpu }], {
      StartTime: new Date(0),
      EndTime: new Date(Date.UTC(2100, 0)),
    });
    expect(MetricDataResults?.[0]?.Values?.length).toBeLessThan(5);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
  test('GetMetricStatistics gives the statistics that were asked for', async () => {
    const { put, pass, cloudWatch } = setUp();
    await put({ MetricName: 'Orders', Dimensions, Values: [1, 3], Unit: 'Count' });
    pass(2);
    const get = (more: object = {}) =>
      cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'Shop',
          MetricName: 'Orders',
          Dimensions,
          Period: 60,
          StartTime: time(0),
          EndTime: time(10),
          Statistics: ['Sum', 'Maximum'],
          ...more,
        }),
      );
    expect((await get()).Datapoints).toEqual([{ Timestamp: time(0), Sum: 4, Maximum: 3, Unit: 'Count' }]);
    expect((await get({ Unit: 'Bytes' })).Datapoints).toEqual([]);
    expect((await get({ Dimensions: [] })).Datapoints).toEqual([]);
    expect((await get({ Statistics: undefined, ExtendedStatistics: ['p50'] })).Datapoints).toMatchObject([
      { ExtendedStatistics: { p50: 2 } },
    ]);
    expect((await refusal(get({ Period: 61 }))).code).toBe('InvalidParameterValueException');
    expect((await refusal(get({ EndTime: time(0) }))).code).toBe('InvalidParameterValueException');
    expect((await refusal(get({ EndTime: time(5000) }))).code).toBe('InvalidParameterCombinationException');
    expect((await refusal(get({ Statistics: undefined }))).code).toBe('MissingRequiredParameterException');
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
  test('ListMetrics lists what was put, until nothing came for two weeks', async () => {
    const { put, pass, cloudWatch } = setUp();
    await put({ MetricName: 'Orders', Dimensions, Value: 1 }, { MetricName: 'Visits', Value: 1 });
    const list = async (more: object = {}) => (await cloudWatch.send(new ListMetricsCommand(more))).Metrics;
    expect(await list()).toEqual([
      { Namespace: 'Shop', MetricName: 'Orders', Dimensions },
      { Namespace: 'Shop', MetricName: 'Visits', Dimensions: [] },
    ]);
    expect(await list({ Dimensions: [{ Name: 'Shop' }] })).toHaveLength(1);
    expect(await list({ MetricName: 'Visits' })).toHaveLength(1);
    pass(4 * 60);
    expect(await list({ RecentlyActive: 'PT3H' })).toEqual([]);
    pass(15 * 24 * 60);
    expect(await list()).toEqual([]);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
  test.each<[string, MetricDatum, string]>([
    ['no name', { MetricName: undefined, Value: 1 }, 'MissingRequiredParameterException'],
    ['no value', { MetricName: 'Orders' }, 'InvalidParameterCombinationException'],
    ['a value and values', { MetricName: 'Orders', Value: 1, Values: [1] }, 'InvalidParameterCombinationException'],
    ['counts that do not fit', { MetricName: 'Orders', Values: [1, 2], Counts: [1] }, 'InvalidParameterValueException'],
    ['a value that is no number', { MetricName: 'Orders', Value: Number.NaN }, 'InvalidParameterValueException'],
    ['a value without end', { MetricName: 'Orders', Value: Number.NEGATIVE_INFINITY }, 'InvalidParameterValueException'],
    ['a value that is too large', { MetricName: 'Orders', Value: 1e300 }, 'InvalidParameterValueException'],
    [
      'a time three weeks ago',
      { MetricName: 'Orders', Value: 1, Timestamp: new Date(Date.UTC(2026, 9, 30)) },
      'InvalidParameterValueException',
    ],
    ['a time three hours ahead', { MetricName: 'Orders', Value: 1, Timestamp: time(180) }, 'InvalidParameterValueException'],
    ['a dimension twice', { MetricName: 'Orders', Value: 1, Dimensions: [...Dimensions, ...Dimensions] }, 'InvalidParameterValueException'],
    ['a resolution of half a minute', { MetricName: 'Orders', Value: 1, StorageResolution: 30 }, 'InvalidParameterValueException'],
  ])('PutMetricData with %s is refused, and nothing of it is kept', async (_, datum, code) => {
    const { put, cloudWatch } = setUp();
    expect(await refusal(put({ MetricName: 'Good', Value: 1 }, datum))).toMatchObject({ code, status: 400 });
    expect((await cloudWatch.send(new ListMetricsCommand({}))).Metrics).toEqual([]);
  });

  test('the namespaces of AWS are its own', async () => {
    const { cloudWatch } = setUp();
    const put = cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData: [{ MetricName: 'CPUUtilization', Value: 1 }] }),
    );
    expect((await refusal(put)).code).toBe('InvalidParameterValueException');
  });

  test("data of a second's resolution keeps its seconds", async () => {
    const { put, read, world } = setUp();
    world.clock.advanceTo(world.start + minute / 2);
    await put({ MetricName: 'Orders', Dimensions, Value: 1, StorageResolution: 1 });
    world.clock.advanceTo(world.start + 2 * minute);
    expect((await read([orders('m1', 'Sum', 10)])).MetricDataResults?.[0]?.Timestamps).toEqual([new Date(world.start + minute / 2)]);
  });
});
