import {
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  DescribeAlarmsForMetricCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { alarmArn, cloudWatchWorld, otherTopic, topic } from './setup.ts';

const setUp = async () => {
  const it = cloudWatchWorld();
  await it.putCpuAlarm({ AlarmName: 'b-hot', AlarmActions: [topic] });
  await it.putCpuAlarm({ AlarmName: 'a-cold', ComparisonOperator: 'LessThanThreshold', OKActions: [otherTopic] });
  await it.cloudWatch.send(new PutCompositeAlarmCommand({ AlarmName: 'c-any', AlarmRule: 'ALARM(b-hot) OR ALARM("a-cold")' }));
  it.pass(3);
  const describeAlarms = (input: DescribeAlarmsCommandInput) => it.cloudWatch.send(new DescribeAlarmsCommand(input));
  const names = async (input: DescribeAlarmsCommandInput) => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await describeAlarms(input);
    return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName);
  };
  return { ...it, describeAlarms, names };
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
describe('DescribeAlarms', () => {
  test('gives metric alarms only, by name, unless told otherwise', async () => {
    const { names } = await setUp();
    expect(await names({})).toEqual(['a-cold', 'b-hot']);
    expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual(['c-any']);
    expect(await names({ AlarmNames: ['c-any'] })).toEqual([]);
    expect(await names({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })).toEqual(['a-cold', 'b-hot', 'c-any']);
  });

  test('finds by name, prefix, state and prefix of an action', async () => {
    const { names } = await setUp();
    expect(await names({ AlarmNames: ['b-hot', 'gone'] })).toEqual(['b-hot']);
    expect(await names({ AlarmNamePrefix: 'a-' })).toEqual(['a-cold']);
    expect(await names({ StateValue: 'ALARM' })).toEqual(['a-cold']);
    expect(await names({ ActionPrefix: topic })).toEqual(['b-hot']);
    expect(await names({ ActionPrefix: otherTopic })).toEqual(['a-cold']);
    expect(await names({ ActionPrefix: 'arn:aws:sns:' })).toEqual(['a-cold', 'b-hot']);
  });

  test('gives what was put', async () => {
    const { describeAlarms } = await setUp();
    const { MetricAlarms } = await describeAlarms({ AlarmNames: ['b-hot'] });
    expect(MetricAlarms?.[0]).toMatchObject({
      AlarmArn: alarmArn('b-hot'),
      ActionsEnabled: true,
      AlarmActions: [topic],
      OKActions: [],
      MetricName: 'CPUUtilization',
      Namespace: 'AWS/EC2',
      Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 90,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmConfigurationUpdatedTimestamp: new Date('2026-11-20T12:00:00Z'),
    });
  });

  test('gives all that was put, of a percentile and of an expression', async () => {
    const { cloudWatch, describeAlarms } = await setUp();
    const percentile: PutMetricAlarmCommandInput = {
      AlarmName: 'p',
      AlarmDescription: 'slow',
      ActionsEnabled: false,
      OKActions: [otherTopic],
      AlarmActions: [topic],
      InsufficientDataActions: [topic],
      MetricName: 'Latency',
      Namespace: 'shop',
      ExtendedStatistic: 'p99',
      Dimensions: [{ Name: 'Shop', Value: 'north' }],
      Period: 10,
      Unit: 'Seconds',
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
      Threshold: 1.5,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
      EvaluateLowSampleCountPercentile: 'ignore',
    };
    const Metric = { Namespace: 'shop', MetricName: 'Latency', Dimensions: [] };
    const { MetricName, Namespace, ExtendedStatistic, Dimensions, Period, Unit, EvaluateLowSampleCountPercentile, ...common } = percentile;
    const expression: PutMetricAlarmCommandInput = {
      ...common,
      AlarmName: 'e',
      Metrics: [
        { Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'p90', Unit: 'Seconds' }, ReturnData: false },
        { Id: 'e1', Expression: 'm1 * 2', Label: 'twice', ReturnData: true },
      ],
    };
    for (const put of [percentile, expression]) {
      await cloudWatch.send(new PutMetricAlarmCommand(put));
      expect((await describeAlarms({ AlarmNames: [put.AlarmName ?? ''] })).MetricAlarms).toMatchObject([put]);
    }
  });

  test('tells the relatives of composite alarms in brief', async () => {
    const { describeAlarms, names } = await setUp();
    expect(await names({ ChildrenOfAlarmName: 'c-any' })).toEqual(['b-hot', 'a-cold']);
    const { CompositeAlarms } = await describeAlarms({ ParentsOfAlarmName: 'b-hot' });
    expect(CompositeAlarms).toEqual([
      { AlarmName: 'c-any', AlarmArn: alarmArn('c-any'), StateValue: 'ALARM', StateUpdatedTimestamp: expect.any(Date) },
    ]);
    expect((await refusal(names({ ParentsOfAlarmName: 'b-hot', AlarmNamePrefix: 'c' }))).code).toBe('ValidationException');
    expect(await refusal(names({ ChildrenOfAlarmName: 'gone' }))).toMatchObject({ code: 'ResourceNotFound', status: 404 });
  });

  test('comes in pages, whose tokens are good for the same request only', async () => {
    const { describeAlarms } = await setUp();
    const first = await describeAlarms({ MaxRecords: 1 });
    expect(first.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['a-cold']);
    const second = await describeAlarms({ MaxRecords: 1, NextToken: first.NextToken });
    expect(second.MetricAlarms?.map(({ AlarmName }) => AlarmName)).toEqual(['b-hot']);
    expect(second.NextToken).toBeUndefined();
    for (const NextToken of ['elsewhere', 'bnVsbA', `${first.NextToken}x`, Buffer.from('[-1,"{}"]').toString('base64url')]) {
      expect(await refusal(describeAlarms({ MaxRecords: 1, NextToken }))).toMatchObject({ code: 'InvalidNextToken', status: 400 });
    }
    expect((await refusal(describeAlarms({ MaxRecords: 1, AlarmNamePrefix: 'b', NextToken: first.NextToken }))).code).toBe(
      'InvalidNextToken',
    );
  });

  test('refuses values that there are none, and filters that exclude each other', async () => {
    const { describeAlarms } = await setUp();
    expect((await refusal(describeAlarms({ StateValue: 'FINE' as never }))).code).toBe('ValidationException');
    expect((await refusal(describeAlarms({ MaxRecords: 101 }))).code).toBe('ValidationException');
    expect((await refusal(describeAlarms({ AlarmNames: ['a'], AlarmNamePrefix: 'a' }))).code).toBe('InvalidParameterCombinationException');
  });

  test('answers the query protocol too, as the command line may speak it', async () => {
    const { gateway } = await setUp();
    const answer = await gateway.handle({
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=KEY/20261120/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: 'Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=b-hot',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"');
    expect(answer.body).toContain('<AlarmName>b-hot</AlarmName>');
  });
});

describe('other descriptions', () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html
  test('DescribeAlarmsForMetric wants all dimensions to be the same', async () => {
    const { cloudWatch } = await setUp();
    const find = async (more: object) =>
      (await cloudWatch.send(new DescribeAlarmsForMetricCommand({ Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', ...more })))
        .MetricAlarms?.length;
    expect(await find({})).toBe(0);
    expect(await find({ Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] })).toBe(2);
    expect(await find({ Dimensions: [{ Name: 'InstanceId', Value: 'i-2' }] })).toBe(0);
    expect(await find({ Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }], Statistic: 'Sum' })).toBe(0);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
  test('DescribeAlarmHistory is newest first, and can be narrowed and paged', async () => {
    const { cloudWatch } = await setUp();
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'b-hot', StateValue: 'ALARM', StateReason: 'test' }));
    const history = async (more: object) =>
      (await cloudWatch.send(new DescribeAlarmHistoryCommand({ AlarmName: 'b-hot', ...more }))).AlarmHistoryItems;
    expect((await history({}))?.map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary])).toEqual([
      ['Action', `Successfully executed action ${topic}`],
      ['StateUpdate', 'Alarm updated from OK to ALARM'],
      ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to OK'],
      ['ConfigurationUpdate', 'Alarm "b-hot" created'],
    ]);
    const [update] = (await history({ HistoryItemType: 'StateUpdate' })) ?? [];
    expect(JSON.parse(update?.HistoryData ?? '')).toMatchObject({
      version: '1.0',
      oldState: { stateValue: 'OK', stateReasonData: { threshold: 90 } },
      newState: { stateValue: 'ALARM', stateReason: 'test' },
    });
    expect(await history({ StartDate: new Date('2026-11-20T12:02:59Z'), HistoryItemType: 'StateUpdate' })).toHaveLength(1);
    expect(await history({ MaxRecords: 1, ScanBy: 'TimestampAscending' })).toMatchObject([{ HistoryItemType: 'ConfigurationUpdate' }]);
    expect((await refusal(history({ NextToken: 'elsewhere' }))).code).toBe('InvalidNextToken');
  });

  test('history is forgotten after 30 days', async () => {
    const { cloudWatch, pass } = await setUp();
    pass(31 * 24 * 60);
    const { AlarmHistoryItems } = await cloudWatch.send(new DescribeAlarmHistoryCommand({ AlarmName: 'b-hot' }));
    expect(AlarmHistoryItems).toEqual([]);
  });
});
