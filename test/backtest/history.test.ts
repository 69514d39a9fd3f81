import { describe, expect, test } from '@jest/globals';
import { createHistory } from '../../local/backtest/history.ts';
import { readEvent } from '../../shared/failures/read.ts';
import { alarm, alarmEvent as eventOf } from '../signals/fixtures.ts';
import { ends, instance, run } from './history-of.ts';

/** As `aws cloudwatch describe-alarms` prints it. */
const definition = {
  AlarmName: 'unreachable',
  AlarmArn: 'arn:aws:cloudwatch:us-west-2:111122223333:alarm:unreachable',
  Namespace: 'AWS/EC2',
  MetricName: 'StatusCheckFailed_Instance',
  Statistic: 'Maximum',
  Dimensions: [{ Name: 'InstanceId', Value: instance(1) }],
  Period: 60,
  Threshold: 0.5,
  ComparisonOperator: 'GreaterThanThreshold',
  StateValue: 'OK',
};
const state = (stateValue: string, point: number) => ({
  stateValue,
  stateReason: 'Threshold Crossed',
  stateReasonData: { version: '1.0', period: 60, recentDatapoints: [point], threshold: 0.5 },
});
const item = (from: string, to: string, Timestamp: unknown, AlarmName = 'unreachable') => ({
  AlarmName,
  AlarmType: 'MetricAlarm',
  Timestamp,
  HistoryItemType: 'StateUpdate',
  HistorySummary: `Alarm updated from ${from} to ${to}`,
  HistoryData: JSON.stringify({ version: '1.0', oldState: state(from, 0), newState: state(to, 1) }),
});
const time = '2026-11-20T13:35:12.681000+00:00';

describe("an alarm's history", () => {
  test('is read as the event that EventBridge sent of it', () => {
    const history = createHistory();
    expect(history.read({ MetricAlarms: [definition], CompositeAlarms: [] })).toEqual({ events: [], calls: [], problems: [] });
    const [event] = history.read({ AlarmHistoryItems: [item('OK', 'ALARM', time)] }).events;
    const sent = eventOf(alarm({ name: 'unreachable', dimensions: { InstanceId: instance(1) } }));
    const [told] = readEvent(event).verdicts;
    const [expected] = readEvent(sent).verdicts;
    expect(told).toEqual(expected);
    expect(told).toMatchObject({ failure: 'instance-unreachable', disposition: 'remediate', at: Date.parse('2026-11-20T13:35:12.681Z') });
  });

  test('comes newest first, item by item, or from the API, and is closed by OK', async () => {
    const back = item('ALARM', 'OK', '2026-11-20T13:38:00.000Z');
    const from = item('OK', 'ALARM', time);
    const definitions = { MetricAlarms: [definition] };
    for (const values of [
      [definitions, { AlarmHistoryItems: [back, from] }],
      [definitions, back, from],
      [definitions, { ...from, Timestamp: new Date('2026-11-20T13:35:12.681Z') }, { ...back, Timestamp: 1795181880 }],
    ]) {
      const told = await run(values);
      expect(ends(told)).toEqual(['treated reboot-instance']);
      expect(told.result.tallies[0]?.okBefore).toBe(1);
    }
  });

  test('may bring its definitions along', async () => {
    const { AlarmName, AlarmArn, Namespace, MetricName, Statistic, Dimensions } = definition;
    const lower = {
      alarmName: AlarmName,
      alarmArn: AlarmArn,
      namespace: Namespace,
      metricName: MetricName,
      statistic: Statistic,
      dimensions: Dimensions.map(({ Name, Value }) => ({ name: Name, value: Value })),
    };
    const created = {
      AlarmName,
      Timestamp: '2026-11-20T10:00:00.000Z',
      HistoryItemType: 'ConfigurationUpdate',
      HistoryData: JSON.stringify({ version: '1.0', type: 'Create', createdAlarm: lower }),
    };
    expect(ends(await run([{ AlarmHistoryItems: [item('OK', 'ALARM', time), created] }]))).toEqual(['treated reboot-instance']);
  });

  test('without a definition is left out, and counted', async () => {
    const { result, cases } = await run([item('OK', 'ALARM', time), item('ALARM', 'OK', time)]);
    expect(cases).toEqual([]);
    expect(result).toMatchObject({ undefinedAlarms: 2, bad: 0 });
  });

  test('of metric math and of a composite alarm', async () => {
    const math = {
      AlarmName: 'math',
      AlarmArn: 'arn:aws:cloudwatch:us-west-2:111122223333:alarm:math',
      Metrics: [
        { Id: 'e', Expression: 'MAX([m])', ReturnData: true },
        {
          Id: 'm',
          ReturnData: false,
          MetricStat: {
            Metric: {
              Namespace: 'AWS/EC2',
              MetricName: 'StatusCheckFailed_Instance',
              Dimensions: [{ Name: 'InstanceId', Value: instance(2) }],
            },
            Period: 60,
            Stat: 'Maximum',
          },
        },
      ],
    };
    const composite = {
      AlarmName: 'both',
      AlarmArn: 'arn:aws:cloudwatch:us-west-2:111122223333:alarm:both',
      AlarmRule: 'ALARM(a) OR ALARM(b)',
    };
    const triggered = {
      ...item('OK', 'ALARM', time, 'both'),
      HistoryData: JSON.stringify({
        newState: { stateValue: 'ALARM', stateReasonData: { triggeringAlarms: [{ arn: definition.AlarmArn, state: { value: 'ALARM' } }] } },
      }),
    };
    const told = await run([{ MetricAlarms: [math], CompositeAlarms: [composite] }, item('OK', 'ALARM', time, 'math'), triggered]);
    expect(ends(told)).toEqual(['treated reboot-instance', 'unknown']);
  });

  test('that can’t be read is a problem with its place, and stops nothing', async () => {
    const broken = [
      { ...item('OK', 'ALARM', time), HistoryData: 'nonsense' },
      { ...item('OK', 'ALARM', 'yesterday') },
      { ...item('OK', 'ALARM', time), HistoryData: 7 },
    ];
    const { result } = await run([{ MetricAlarms: [definition] }, ...broken, item('OK', 'ALARM', time)]);
    expect(result).toMatchObject({ bad: 3, tallies: [{ incidents: 1 }] });
    expect(result.problems.map(({ where }) => where)).toEqual(['history:2', 'history:3', 'history:4']);
  });
});

describe('CloudTrail', () => {
  const record = (eventName: string, more: Record<string, unknown> = {}) => ({
    eventVersion: '1.11',
    eventTime: '2026-11-20T13:00:00Z',
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: 'us-west-2',
    recipientAccountId: '111122223333',
    userIdentity: { type: 'IAMUser', userName: 'alice' },
    userAgent: 'aws-cli/2',
    requestParameters: { instancesSet: { items: [{ instanceId: instance(1) }] } },
    ...more,
  });

  test('tells of calls, in a log file, a look-up, by itself or over the bus', () => {
    const call = {
      name: 'StopInstances',
      who: 'alice',
      resources: [instance(1)],
      account: '111122223333',
      at: Date.parse('2026-11-20T13:00:00Z'),
    };
    for (const value of [
      { Records: [record('StopInstances'), record('DescribeInstances')] },
      { Events: [{ EventId: 'one', CloudTrailEvent: JSON.stringify(record('StopInstances')) }] },
      record('StopInstances'),
      { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ec2', detail: record('StopInstances') },
    ]) {
      expect(createHistory().read(value).calls).toMatchObject([call]);
    }
  });

  test('tells of spot instances that were taken back, and of launches that EC2 refused a group', async () => {
    const evicted = record('BidEvictedEvent', {
      eventType: 'AwsServiceEvent',
      requestParameters: null,
      serviceEventDetails: { instanceIdSet: [instance(3), instance(4)] },
    });
    const refused = record('RunInstances', {
      errorCode: 'Server.InsufficientInstanceCapacity',
      errorMessage: 'There is no capacity',
      requestParameters: {
        tagSpecificationSet: { items: [{ resourceType: 'instance', tags: [{ key: 'aws:autoscaling:groupName', value: 'web' }] }] },
      },
    });
    const { cases } = await run([{ Records: [evicted, refused, record('RunInstances')] }]);
    expect(cases.map(({ incident }) => [incident.failure, incident.resource.id]).sort()).toEqual([
      ['launch-failed', 'web'],
      ['spot-interruption', instance(3)],
      ['spot-interruption', instance(4)],
    ]);
  });

  test('what is no record tells nothing, and does not throw', () => {
    for (const value of [
      { Records: [{ eventName: 1, eventVersion: null }] },
      { Records: [{ eventName: 'StopInstances', eventVersion: '1' }] },
      { Events: [7, { CloudTrailEvent: '{' }, null] },
      { AlarmHistoryItems: [null, 7, {}] },
      { MetricAlarms: ['x', null], CompositeAlarms: 3 },
      { eventName: 'StopInstances', userIdentity: [] },
    ]) {
      expect(createHistory().read(value)).toMatchObject({ calls: [], events: [] });
    }
  });
});
