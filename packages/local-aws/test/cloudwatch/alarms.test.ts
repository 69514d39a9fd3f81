import { DescribeAlarmsCommand, PutMetricAlarmCommand, PutMetricDataCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { cloudWatchWorld, minute, topic } from './setup.ts';

const setUp = async (more: Parameters<ReturnType<typeof cloudWatchWorld>['putCpuAlarm']>[0] = {}) => {
  const it = cloudWatchWorld();
  await it.putCpuAlarm(more);
  const state = async (name = 'cpu') => (await it.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0];
  return { ...it, state };
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
describe('the evaluation of metric alarms', () => {
  test('a new alarm has insufficient data until it is evaluated, within a minute', async () => {
    const { state, pass } = await setUp();
    expect(await state()).toMatchObject({ StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked: Initial alarm creation' });
    pass(2);
    expect((await state())?.StateValue).toBe('OK');
  });

  test('an alarm fires 30 to 90 seconds after the period that breached, and returns when the metric does', async () => {
    const { state, pass, setCpu, world } = await setUp();
    pass(10);
    setCpu(99);
    pass(1);
    expect((await state())?.StateValue).toBe('OK');
    pass(1.5);
    const alarm = await state();
    expect(alarm?.StateValue).toBe('ALARM');
    const lag = (alarm?.StateTransitionedTimestamp?.getTime() ?? 0) - (world.start + 11 * minute);
    expect(lag).toBeGreaterThanOrEqual(30_000);
    expect(lag).toBeLessThan(90_000);
    setCpu(10);
    pass(3.5);
    expect((await state())?.StateValue).toBe('OK');
  });

  test('two out of three breaching periods are enough for a 2 out of 3 alarm, one is not', async () => {
    const { state, pass, setCpu } = await setUp({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    pass(10);
    setCpu(99);
    pass(1);
    setCpu(10);
    pass(4);
    expect((await state())?.StateValue).toBe('OK');
    setCpu(99);
    pass(1);
    setCpu(10);
    pass(1);
    setCpu(99);
    pass(1);
    setCpu(10);
    pass(1.5);
    expect((await state())?.StateValue).toBe('ALARM');
  });

  test('a five-minute average needs five minutes to rise', async () => {
    const { state, pass, setCpu } = await setUp({ Period: 300, Threshold: 60 });
    pass(10);
    setCpu(100);
    pass(2);
    expect((await state())?.StateValue).toBe('OK');
    pass(4);
    expect((await state())?.StateValue).toBe('ALARM');
  });

  test.each([
    [undefined, 'INSUFFICIENT_DATA'],
    ['missing', 'INSUFFICIENT_DATA'],
    ['ignore', 'OK'],
    ['notBreaching', 'OK'],
    ['breaching', 'ALARM'],
  ])('when a metric stops, TreatMissingData %s leads to %s', async (TreatMissingData, expected) => {
    const { state, pass, setCpu } = await setUp({ TreatMissingData });
    pass(10);
    setCpu(undefined);
    pass(6);
    expect((await state())?.StateValue).toBe(expected);
  });

  test('a state that was set by hand lasts until the next evaluation', async () => {
    const { cloudWatch, state, pass, outbox } = await setUp({ AlarmActions: [topic] });
    pass(5);
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'cpu', StateValue: 'ALARM', StateReason: 'test' }));
    expect(await state()).toMatchObject({ StateValue: 'ALARM', StateReason: 'test' });
    expect(outbox('sns')).toHaveLength(1);
    pass(1);
    expect((await state())?.StateValue).toBe('OK');
  });

  test('to set the state that an alarm is in tells nobody, but is noted', async () => {
    const { cloudWatch, state, pass, outbox, events } = await setUp({ OKActions: [topic] });
    pass(5);
    const told = [outbox('sns').length, events('CloudWatch Alarm State Change').length];
    const before = await state();
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'cpu', StateValue: 'OK', StateReason: 'still' }));
    const after = await state();
    expect([outbox('sns').length, events('CloudWatch Alarm State Change').length]).toEqual(told);
    expect(after?.StateReason).toBe('still');
    expect(after?.StateTransitionedTimestamp).toEqual(before?.StateTransitionedTimestamp);
    expect(after?.StateUpdatedTimestamp).not.toEqual(before?.StateUpdatedTimestamp);
  });

  test('an update keeps the state', async () => {
    const { putCpuAlarm, state, pass, setCpu } = await setUp();
    setCpu(99);
    pass(5);
    await putCpuAlarm({ AlarmDescription: 'changed' });
    expect(await state()).toMatchObject({ StateValue: 'ALARM', AlarmDescription: 'changed' });
  });

  test('an alarm with another unit than the metric has finds no data', async () => {
    const { state, pass } = await setUp({ Unit: 'Bytes' });
    pass(5);
    expect((await state())?.StateValue).toBe('INSUFFICIENT_DATA');
  });

  test('an alarm on a metric that was put by hand counts percentiles', async () => {
    const { cloudWatch, pass, state } = await setUp();
    const put = (Values: number[]) =>
      cloudWatch.send(
        new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'Latency', Values, Unit: 'Milliseconds' }] }),
      );
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'slow',
        Namespace: 'Shop',
        MetricName: 'Latency',
        ExtendedStatistic: 'p90',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 100,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await put([...Array.from({ length: 19 }, (_, i) => i + 1), 5000]);
    pass(2.5);
    expect((await state('slow'))?.StateValue).toBe('OK');
    await put([1, 2, 3, 4, 5, 6, 7, 500, 600, 700]);
    pass(2.5);
    expect((await state('slow'))?.StateValue).toBe('ALARM');
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
  test('an alarm on a percentile can be told to wait for enough samples', async () => {
    const { cloudWatch, pass, state } = await setUp();
    const alarm = {
      Namespace: 'Shop',
      MetricName: 'Latency',
      ExtendedStatistic: 'p90',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
    } as const;
    for (const EvaluateLowSampleCountPercentile of ['evaluate', 'ignore']) {
      const input = { ...alarm, AlarmName: EvaluateLowSampleCountPercentile, EvaluateLowSampleCountPercentile };
      await cloudWatch.send(new PutMetricAlarmCommand({ ...input, ComparisonOperator: 'GreaterThanThreshold' }));
    }
    await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'Latency', Values: [5, 6, 7] }] }));
    pass(2.5);
    expect((await state('evaluate'))?.StateValue).toBe('ALARM');
    expect((await state('ignore'))?.StateValue).toBe('INSUFFICIENT_DATA');
    // A p90 wants 10 / (1 - 0.9) samples.
    await cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'Latency', Values: [5, 6], Counts: [50, 55] }] }),
    );
    pass(2.5);
    expect((await state('ignore'))?.StateValue).toBe('ALARM');
  });

  test('an alarm on an expression follows its metrics', async () => {
    const it = cloudWatchWorld();
    await it.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'math',
        EvaluationPeriods: 1,
        Threshold: 0.5,
        ComparisonOperator: 'GreaterThanThreshold',
        Metrics: [
          { Id: 'e1', Expression: 'IF(m1 > 50, m1 / 100, 0)', Label: 'share' },
          {
            Id: 'm1',
            MetricStat: {
              Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] },
              Period: 60,
              Stat: 'Average',
            },
            ReturnData: false,
          },
        ],
      }),
    );
    const value = async () => (await it.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue;
    it.pass(3);
    expect(await value()).toBe('OK');
    it.setCpu(80);
    it.pass(3);
    expect(await value()).toBe('ALARM');
  });

  test('the same seed gives the same history, and another seed another', async () => {
    const history = async (seed: number) => {
      const it = cloudWatchWorld(seed);
      await it.putCpuAlarm({ AlarmActions: [topic] });
      it.setCpu(99);
      it.pass(5);
      return JSON.stringify(it.world.outbox);
    };
    expect(await history(7)).toBe(await history(7));
    expect(await history(7)).not.toBe(await history(8));
  });

  test('an hour of 300 alarms asks the source a bounded number of times', async () => {
    const it = cloudWatchWorld();
    for (let i = 0; i < 300; i++) await it.putCpuAlarm({ AlarmName: `cpu-${i}`, EvaluationPeriods: 2 });
    it.pass(60);
    // Four periods a minute: the two of the alarm, and two more in case some are missing.
    expect(it.asked()).toBe(300 * 60 * 4);
  });
});
