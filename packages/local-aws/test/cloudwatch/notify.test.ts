import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { alarmArn, cloudWatchWorld, lambda, otherTopic, topic } from './setup.ts';

const reboot = 'arn:aws:automate:us-east-1:ec2:reboot';

const alarming = async (more: Parameters<ReturnType<typeof cloudWatchWorld>['putCpuAlarm']>[0] = {}) => {
  const it = cloudWatchWorld();
  it.carryOut({ ec2: (verb, instanceId) => it.worldEvents.push({ type: 'note', at: 0, text: `${verb} ${instanceId}` }) });
  await it.putCpuAlarm({
    AlarmDescription: 'too hot',
    DatapointsToAlarm: 1,
    AlarmActions: [topic, lambda, reboot],
    OKActions: [otherTopic],
    ...more,
  });
  it.pass(5);
  it.world.outbox.length = 0;
  it.worldEvents.length = 0;
  it.setCpu(99);
  it.pass(3);
  return it;
};

describe('what an alarm tells', () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
  test('the message over SNS is the JSON that CloudWatch writes', async () => {
    const { outbox } = await alarming();
    const [sent, ...more] = outbox('sns');
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ topicArn: topic, subject: 'ALARM: "cpu" in US East (N. Virginia)' });
    const message = JSON.parse(sent?.message ?? '');
    expect(message).toEqual({
      AlarmName: 'cpu',
      AlarmDescription: 'too hot',
      AWSAccountId: '123456789012',
      AlarmConfigurationUpdatedTimestamp: '2026-11-20T12:00:00.000+0000',
      NewStateValue: 'ALARM',
      NewStateReason:
        'Threshold Crossed: 1 out of the last 1 datapoints [99.0 (20/11/26 12:05:00)] was greater than the threshold (90.0) (minimum 1 datapoint for OK -> ALARM transition).',
      StateChangeTime: expect.stringMatching(/^2026-11-20T12:0[67]:\d\d\.\d{3}\+0000$/),
      Region: 'US East (N. Virginia)',
      AlarmArn: alarmArn('cpu'),
      OldStateValue: 'OK',
      OKActions: [otherTopic],
      AlarmActions: [topic, lambda, reboot],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'CPUUtilization',
        Namespace: 'AWS/EC2',
        StatisticType: 'Statistic',
        Statistic: 'AVERAGE',
        Unit: null,
        Dimensions: [{ value: 'i-1', name: 'InstanceId' }],
        Period: 60,
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 90,
        TreatMissingData: '',
        EvaluateLowSampleCountPercentile: '',
      },
    });
    expect(sent?.message).toContain('"Threshold":90.0,');
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
  test('the event has both states and the metric that the alarm watches', async () => {
    const { events } = await alarming();
    const [event, ...more] = events('CloudWatch Alarm State Change');
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      version: '0',
      source: 'aws.cloudwatch',
      account: '123456789012',
      region: 'us-east-1',
      resources: [alarmArn('cpu')],
    });
    expect(event?.detail).toEqual({
      alarmName: 'cpu',
      state: {
        value: 'ALARM',
        reason: expect.stringContaining('[99.0 (20/11/26 12:05:00)]'),
        reasonData: expect.stringContaining('"recentDatapoints":[99.0],"threshold":90.0'),
        timestamp: expect.stringMatching(/\+0000$/),
      },
      previousState: { value: 'OK', reason: expect.any(String), reasonData: expect.any(String), timestamp: expect.any(String) },
      configuration: {
        description: 'too hot',
        metrics: [
          {
            id: expect.stringMatching(/^[0-9a-f-]{36}$/),
            metricStat: {
              metric: { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: { InstanceId: 'i-1' } },
              period: 60,
              stat: 'Average',
            },
            returnData: true,
          },
        ],
      },
    });
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
  test('a Lambda function is given the same under alarmData', async () => {
    const { outbox, events } = await alarming();
    const [invocation] = outbox('lambda');
    const [event] = events('CloudWatch Alarm State Change');
    expect(invocation).toMatchObject({
      functionArn: lambda,
      payload: {
        source: 'aws.cloudwatch',
        alarmArn: alarmArn('cpu'),
        accountId: '123456789012',
        region: 'us-east-1',
        alarmData: event?.detail,
      },
    });
  });

  test('an EC2 action reaches the instance, and all actions are in the history', async () => {
    const { worldEvents, cloudWatch } = await alarming();
    expect(worldEvents).toEqual([
      expect.objectContaining({ type: 'alarm-state', alarmName: 'cpu', from: 'OK', to: 'ALARM' }),
      expect.objectContaining({ type: 'note', text: 'reboot i-1' }),
    ]);
    const history = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'cpu', HistoryItemType: 'Action', ScanBy: 'TimestampAscending' }),
    );
    expect(history.AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual(
      [otherTopic, topic, lambda, reboot].map((action) => `Successfully executed action ${action}`),
    );
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html
  test('disabled actions tell nobody but EventBridge', async () => {
    const { outbox, events } = await alarming({ ActionsEnabled: false });
    expect(outbox('sns')).toEqual([]);
    expect(outbox('lambda')).toEqual([]);
    expect(events('CloudWatch Alarm State Change')).toHaveLength(1);
  });

  test('actions can be disabled and enabled later', async () => {
    const it = await alarming();
    await it.cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['cpu'] }));
    it.setCpu(1);
    it.pass(4);
    expect(it.outbox('sns').map(({ topicArn }) => topicArn)).toEqual([topic]);
    await it.cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames: ['cpu'] }));
    it.setCpu(99);
    it.pass(4);
    expect(it.outbox('sns').map(({ topicArn }) => topicArn)).toEqual([topic, topic]);
  });

  test('a long name is cut so that the subject has 100 characters', async () => {
    const it = await alarming({ AlarmName: 'x'.repeat(200) });
    const [sent] = it.outbox('sns');
    expect(sent?.subject).toHaveLength(100);
    expect(sent?.subject).toMatch(/^ALARM: "x+\.\.\." in US East \(N\. Virginia\)$/);
  });

  test('an alarm on an expression shows its metrics instead of one metric', async () => {
    const it = cloudWatchWorld();
    const Metric = { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] };
    await it.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'math',
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: [topic],
        Metrics: [
          { Id: 'e1', Expression: 'SUM(METRICS())', Label: 'all', ReturnData: true },
          { Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'Average' }, ReturnData: false },
        ],
      }),
    );
    it.pass(3);
    const { Trigger } = JSON.parse(it.outbox('sns')[0]?.message ?? '');
    expect(Trigger).toMatchObject({
      Threshold: 5,
      Metrics: [
        { Expression: 'SUM(METRICS())', Id: 'e1', Label: 'all', ReturnData: true },
        { Id: 'm1', MetricStat: { Metric: { MetricName: 'CPUUtilization' }, Stat: 'Average' }, ReturnData: false },
      ],
    });
    expect(Trigger.MetricName).toBeUndefined();
    expect(it.events('CloudWatch Alarm State Change')[0]?.detail).toMatchObject({
      configuration: {
        metrics: [
          { id: 'e1', expression: 'SUM(METRICS())', label: 'all', returnData: true },
          { id: 'm1', returnData: false },
        ],
      },
    });
  });

  test('creation, update and deletion are each told as a configuration change', async () => {
    const it = cloudWatchWorld();
    await it.putCpuAlarm();
    await it.putCpuAlarm({ Threshold: 50 });
    await it.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['cpu'] }));
    const details = it.events('CloudWatch Alarm Configuration Change').map(({ detail }) => detail);
    expect(details).toMatchObject([
      {
        operation: 'create',
        state: { value: 'INSUFFICIENT_DATA' },
        configuration: { alarmName: 'cpu', threshold: 90, actionsEnabled: true },
      },
      { operation: 'update', configuration: { threshold: 50 }, previousConfiguration: { threshold: 90 } },
      { operation: 'delete', configuration: { threshold: 50, metrics: [{ metricStat: { period: 60 } }] } },
    ]);
    it.pass(10);
    expect(it.events('CloudWatch Alarm State Change')).toEqual([]);
  });
});
