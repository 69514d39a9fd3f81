import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { alarmArn, cloudWatchWorld, topic } from './setup.ts';

const metric = (Id: string, more: Partial<MetricDataQuery> = {}, Period = 60): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, Period, Stat: 'Average' },
  ReturnData: false,
  ...more,
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
describe('PutMetricAlarm refuses', () => {
  test.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
    ['a comparison that there is none', { ComparisonOperator: 'Above' as never }, 'ValidationException'],
    ['no comparison', { ComparisonOperator: undefined }, 'MissingRequiredParameterException'],
    ['no threshold', { Threshold: undefined }, 'MissingRequiredParameterException'],
    ['no metric', { MetricName: undefined }, 'MissingRequiredParameterException'],
    ['no statistic', { Statistic: undefined }, 'MissingRequiredParameterException'],
    ['two statistics', { ExtendedStatistic: 'p99' }, 'InvalidParameterCombinationException'],
    ['a statistic that there is none', { Statistic: undefined, ExtendedStatistic: 'p101' }, 'ValidationException'],
    ['a period of 45 seconds', { Period: 45 }, 'ValidationException'],
    ['a period of 90 seconds', { Period: 90 }, 'ValidationException'],
    ['more than a day in all', { Period: 300, EvaluationPeriods: 289 }, 'ValidationException'],
    ['no evaluation periods', { EvaluationPeriods: 0 }, 'ValidationException'],
    ['more datapoints to alarm than evaluation periods', { EvaluationPeriods: 2, DatapointsToAlarm: 3 }, 'ValidationException'],
    ['a treatment of missing data that there is none', { TreatMissingData: 'bad' }, 'ValidationException'],
    ['a name that is too long', { AlarmName: 'x'.repeat(256) }, 'ValidationException'],
    ['a name with control characters', { AlarmName: 'a\u0007b' }, 'ValidationException'],
    ['an action that is no ARN', { AlarmActions: ['page me'] }, 'ValidationException'],
    ['an action in another region', { AlarmActions: [topic.replace('us-east-1', 'eu-west-1')] }, 'ValidationException'],
    ['six actions', { AlarmActions: Array.from({ length: 6 }, () => topic) }, 'ValidationException'],
    ['a unit that there is none', { Unit: 'Parsecs' as never }, 'ValidationException'],
    ['a dimension without a value', { Dimensions: [{ Name: 'InstanceId', Value: '' }] }, 'MissingRequiredParameterException'],
    ['a metric and an expression', { Metrics: [metric('m1', { ReturnData: true })] }, 'InvalidParameterCombinationException'],
    ['tags of AWS', { Tags: [{ Key: 'aws:x', Value: '1' }] }, 'ValidationException'],
  ])('%s', async (_, more, code) => {
    const { putCpuAlarm, cloudWatch } = cloudWatchWorld();
    expect(await refusal(putCpuAlarm(more))).toMatchObject({ code, status: 400 });
    expect((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
  });

  test.each<[string, MetricDataQuery[]]>([
    ['no query that returns data', [metric('m1')]],
    ['two queries that return data', [metric('m1', { ReturnData: true }), metric('m2', { ReturnData: true })]],
    ['two queries of one id', [metric('m1', { ReturnData: true }), metric('m1')]],
    ['an id in upper case', [metric('M1', { ReturnData: true })]],
    ['an expression on nothing', [{ Id: 'e1', Expression: 'm1 + 1', ReturnData: true }]],
    [
      'an expression on itself',
      [{ Id: 'e1', Expression: 'e2', ReturnData: true }, { Id: 'e2', Expression: 'e1', ReturnData: false }, metric('m1')],
    ],
    ['an expression that is none', [{ Id: 'e1', Expression: 'm1 +', ReturnData: true }, metric('m1')]],
    ['an expression that returns a number', [{ Id: 'e1', Expression: 'SUM(m1)', ReturnData: true }, metric('m1')]],
    ['different periods', [{ Id: 'e1', Expression: 'm1+m2', ReturnData: true }, metric('m1'), metric('m2', {}, 300)]],
    [
      'more than ten metrics',
      [{ Id: 'e1', Expression: 'SUM(METRICS())', ReturnData: true }, ...Array.from({ length: 11 }, (_, i) => metric(`m${i}`))],
    ],
  ])('an expression with %s', async (_, Metrics) => {
    const { cloudWatch } = cloudWatchWorld();
    const input = { AlarmName: 'math', EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', Metrics } as const;
    expect(await refusal(cloudWatch.send(new PutMetricAlarmCommand(input)))).toMatchObject({ code: 'ValidationException', status: 400 });
  });
});

test('PutMetricAlarm takes actions of every kind', async () => {
  const { cloudWatch, putCpuAlarm } = cloudWatchWorld();
  const AlarmActions = [
    topic,
    'arn:aws:automate:us-east-1:ec2:stop',
    'arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1-2-3:autoScalingGroupName/web:policyName/out',
    'arn:aws:ssm:us-east-1:123456789012:opsitem:1',
    'arn:aws:ssm-incidents::123456789012:response-plan/plan',
  ];
  await putCpuAlarm({ AlarmActions });
  expect((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.AlarmActions).toEqual(AlarmActions);
});

test('PutMetricAlarm comes over the query protocol as well, and so do its errors', async () => {
  const { gateway, cloudWatch } = cloudWatchWorld();
  const call = (form: Record<string, string>) =>
    gateway.handle({
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=KEY/20261120/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: new URLSearchParams({ Action: 'PutMetricAlarm', Version: '2010-08-01', AlarmName: 'cpu', ...form }).toString(),
    });
  const good = {
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    'Dimensions.member.1.Name': 'InstanceId',
    'Dimensions.member.1.Value': 'i-1',
    'AlarmActions.member.1': topic,
    Statistic: 'Average',
    Period: '60',
    EvaluationPeriods: '2',
    Threshold: '90.5',
    ComparisonOperator: 'GreaterThanThreshold',
  };
  expect((await call(good)).status).toBe(200);
  expect((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]).toMatchObject({
    Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
    AlarmActions: [topic],
    Threshold: 90.5,
  });
  const refused = await call({ ...good, Period: '45' });
  expect(refused.status).toBe(400);
  expect(refused.body).toContain('<Code>ValidationError</Code>');
});

describe('other calls on alarms', () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
  test('SetAlarmState refuses unknown alarms, unknown states, and reasons that are no JSON', async () => {
    const { cloudWatch, putCpuAlarm } = cloudWatchWorld();
    await putCpuAlarm();
    const set = (more: object) =>
      cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'cpu', StateValue: 'OK', StateReason: 'test', ...more }));
    expect(await refusal(set({ AlarmName: 'gone' }))).toMatchObject({ code: 'ResourceNotFound', status: 404 });
    expect(await refusal(set({ StateValue: 'FINE' }))).toMatchObject({ code: 'ValidationException', status: 400 });
    expect(await refusal(set({ StateReasonData: '{' }))).toMatchObject({ code: 'InvalidFormatFault', status: 400 });
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
  test('DeleteAlarms deletes those that exist and then says that one does not', async () => {
    const { cloudWatch, putCpuAlarm } = cloudWatchWorld();
    await putCpuAlarm();
    expect(await refusal(cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['gone', 'cpu'] })))).toMatchObject({
      code: 'ResourceNotFound',
      status: 404,
    });
    expect((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html
  test('tags are put with the alarm, changed, removed, and gone with it', async () => {
    const { cloudWatch, putCpuAlarm } = cloudWatchWorld();
    await putCpuAlarm({ Tags: [{ Key: 'team', Value: 'a "b" <c>\u00e9' }] });
    const ResourceARN = alarmArn('cpu');
    const tags = async () => (await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
    await cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'stage', Value: 'prod' }] }));
    expect(await tags()).toEqual([
      { Key: 'team', Value: 'a "b" <c>\u00e9' },
      { Key: 'stage', Value: 'prod' },
    ]);
    await cloudWatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team', 'never'] }));
    expect(await tags()).toEqual([{ Key: 'stage', Value: 'prod' }]);
    await putCpuAlarm({ Tags: [{ Key: 'ignored', Value: 'on update' }] });
    expect(await tags()).toEqual([{ Key: 'stage', Value: 'prod' }]);
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['cpu'] }));
    expect(await refusal(tags())).toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
    expect(await refusal(cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: 'cpu' })))).toMatchObject({
      code: 'InvalidParameterValueException',
    });
  });
});
