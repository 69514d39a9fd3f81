import {
  DeleteAutoScalingGroupCommand,
  DeletePolicyCommand,
  DescribePoliciesCommand,
  ExecutePolicyCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { adjusted, areSteps, stepOf, tracked } from '../../src/services/autoscaling/model/adjustment.ts';
import { refusal } from '../harness.ts';
import { settledGroup } from './world.ts';

const named = { AutoScalingGroupName: 'web' };
type World = Awaited<ReturnType<typeof settledGroup>>;

const put = async (aws: World, input: Partial<PutScalingPolicyCommandInput>) =>
  aws.client.send(new PutScalingPolicyCommand({ ...named, PolicyName: 'grow', ...input }));

const simple = { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 } as const;
const cpu = (TargetValue: number, more: object = {}): Partial<PutScalingPolicyCommandInput> => ({
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingConfiguration: {
    TargetValue,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
    ...more,
  },
});
const execute = (aws: World, input: object = {}) => aws.client.send(new ExecutePolicyCommand({ ...named, PolicyName: 'grow', ...input }));
const desired = async (aws: World) => (await aws.describe())?.DesiredCapacity;

/** An alarm whose action is the policy, which goes off when a person says so, and stays so while nothing is known of its metric. */
const goesOff = async (aws: World, policyArn = '') => {
  await aws.cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'busy',
      Namespace: 'Shop',
      MetricName: 'Load',
      Statistic: 'Average',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 50,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
      AlarmActions: [policyArn],
    }),
  );
  await aws.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'busy', StateValue: 'ALARM', StateReason: 'test' }));
};

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
describe('capacity is adjusted', () => {
  const percent = (minMagnitude?: number) => ({ type: 'PercentChangeInCapacity', minMagnitude }) as const;

  test.each([
    ['by a number', adjusted(3, { type: 'ChangeInCapacity', minMagnitude: undefined }, -2), 1],
    ['to a number', adjusted(3, { type: 'ExactCapacity', minMagnitude: undefined }, 7), 7],
    ['by a share, rounded towards zero', adjusted(10, percent(), 27), 12],
    ['by a share, rounded towards zero where it shrinks', adjusted(10, percent(), -27), 8],
    ['by one at least', adjusted(3, percent(), 10), 4],
    ['by one at least where it shrinks', adjusted(3, percent(), -10), 2],
    ['by no less than asked for', adjusted(4, percent(2), 25), 6],
  ])('%s', (_, result, expected) => {
    expect(result).toBe(expected);
  });

  test('by the step that the metric falls into', () => {
    const steps = [
      { MetricIntervalUpperBound: -10, ScalingAdjustment: -2 },
      { MetricIntervalLowerBound: -10, MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
      { MetricIntervalLowerBound: 10, ScalingAdjustment: 3 },
    ];
    expect(areSteps(steps)).toBe(true);
    expect(areSteps(steps.toSpliced(1, 1))).toBe(false);
    expect(areSteps([...steps, { MetricIntervalLowerBound: 20, ScalingAdjustment: 5 }])).toBe(false);
    expect([-11, -10, -1, 0, 9, 10].map((distance) => stepOf(steps, distance)?.ScalingAdjustment)).toEqual([-2, -2, -1, 1, 1, 3]);
    expect(stepOf(steps.slice(2), -1)).toBeUndefined();
  });

  test('in proportion to a target', () => {
    expect([tracked(4, 75, 50), tracked(4, 51, 50), tracked(4, 20, 50), tracked(4, 49, 50)]).toEqual([6, 5, 2, 3]);
  });
});

describe('a scaling policy is executed', () => {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html
  test('by a call, within the bounds of its group', async () => {
    const aws = await settledGroup({ MaxSize: 4 });
    await put(aws, { AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 5 });
    await execute(aws);
    expect(await desired(aws)).toBe(4);
    aws.advance(300);
    expect((await aws.activities())[0]?.Cause).toMatch(
      /^At \S+Z a user request executed policy grow changing the desired capacity from 3 to 4\. {2}At /,
    );
    expect(await refusal(execute(aws, { HonorCooldown: true }))).toMatchObject({
      code: expect.stringMatching(/^ScalingActivityInProgress/),
    });
  });

  test('when an alarm that names it goes off, not again during its cooldown, and again while the alarm lasts', async () => {
    const aws = await settledGroup();
    const { PolicyARN } = await put(aws, { ...simple, Cooldown: 300 });
    expect(PolicyARN).toMatch(
      /^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[0-9a-f-]{36}:autoScalingGroupName\/web:policyName\/grow$/,
    );
    await goesOff(aws, PolicyARN);
    expect(await desired(aws)).toBe(4);
    aws.advance(240);
    expect(await desired(aws)).toBe(4);
    expect((await aws.activities())[0]?.Cause).toMatch(
      /^At \S+Z a monitor alarm busy in state ALARM triggered policy grow changing the desired capacity from 3 to 4\. {2}At /,
    );
    aws.advance(300);
    expect(await desired(aws)).toBe(5);
  });

  test('but not while AlarmNotification is suspended, or while it is disabled', async () => {
    const aws = await settledGroup();
    const process = { ...named, ScalingProcesses: ['AlarmNotification'] };
    await aws.client.send(new SuspendProcessesCommand(process));
    const { PolicyARN } = await put(aws, simple);
    await goesOff(aws, PolicyARN);
    aws.advance(600);
    expect(await desired(aws)).toBe(3);
    await put(aws, { ...simple, Enabled: false });
    await aws.client.send(new ResumeProcessesCommand(process));
    aws.advance(600);
    expect(await desired(aws)).toBe(3);
    await put(aws, simple);
    aws.advance(90);
    expect(await desired(aws)).toBe(4);
  });

  test('by steps: members that warm up count, and nothing is taken meanwhile', async () => {
    const aws = await settledGroup({ DesiredCapacity: 4 });
    const StepAdjustments = [
      { MetricIntervalUpperBound: 0, ScalingAdjustment: -25 },
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 25 },
      { MetricIntervalLowerBound: 20, ScalingAdjustment: 75 },
    ];
    await put(aws, { PolicyType: 'StepScaling', AdjustmentType: 'PercentChangeInCapacity', StepAdjustments, EstimatedInstanceWarmup: 300 });
    const breach = (MetricValue: number) => execute(aws, { MetricValue, BreachThreshold: 50 });
    await breach(60);
    expect(await desired(aws)).toBe(5);
    aws.advance(60);
    await breach(60);
    expect(await desired(aws)).toBe(5);
    await breach(75);
    expect(await desired(aws)).toBe(7);
    aws.advance(60);
    await breach(40);
    expect(await desired(aws)).toBe(7);
    aws.advance(900);
    await breach(40);
    expect(await desired(aws)).toBe(6);
    expect(await refusal(execute(aws))).toMatchObject({ code: 'ValidationError' });
  });
});

// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
describe('target tracking', () => {
  const alarmsOf = async (aws: World) => (await aws.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];

  test("has two alarms under AWS's names, which go with the policy", async () => {
    const aws = await settledGroup();
    const { PolicyARN, Alarms } = await put(aws, cpu(50));
    const alarms = await alarmsOf(aws);
    expect(alarms).toMatchObject([
      { EvaluationPeriods: 3, Threshold: 50, ComparisonOperator: 'GreaterThanThreshold', AlarmActions: [PolicyARN] },
      { EvaluationPeriods: 15, Threshold: 35, ComparisonOperator: 'LessThanThreshold', AlarmActions: [PolicyARN] },
    ]);
    const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
    expect(alarms[0]?.AlarmName).toMatch(new RegExp(`^TargetTracking-web-AlarmHigh-${uuid}$`));
    expect(alarms[1]?.AlarmName).toMatch(new RegExp(`^TargetTracking-web-AlarmLow-${uuid}$`));
    expect(Alarms?.map(({ AlarmName }) => AlarmName)).toEqual(alarms.map(({ AlarmName }) => AlarmName));
    await put(aws, cpu(60, { DisableScaleIn: true }));
    expect(await alarmsOf(aws)).toMatchObject([{ Threshold: 60 }]);
    await aws.client.send(new DeletePolicyCommand({ ...named, PolicyName: 'grow' }));
    expect(await alarmsOf(aws)).toEqual([]);
    await put(aws, cpu(50));
    await aws.client.send(new DeleteAutoScalingGroupCommand({ ...named, ForceDelete: true }));
    expect(await alarmsOf(aws)).toEqual([]);
  });

  test('adds members while they are busy, and takes them away when they are idle', async () => {
    const aws = await settledGroup({ DefaultInstanceWarmup: 120 });
    await put(aws, cpu(50));
    const relieve = aws.autoScaling.addLoad('web', 240);
    aws.advance(1800);
    expect(aws.inService().length).toBeGreaterThan(4);
    relieve();
    aws.advance(7200);
    expect(aws.inService()).toHaveLength(1);
  });
});

describe('policies are described', () => {
  test('by group, name and type, with the alarms that name them', async () => {
    const aws = await settledGroup();
    const { PolicyARN } = await put(aws, { ...simple, Cooldown: 60 });
    await put(aws, { ...cpu(50), PolicyName: 'track' });
    await goesOff(aws, PolicyARN);
    const list = async (input: object) => (await aws.client.send(new DescribePoliciesCommand(input))).ScalingPolicies ?? [];
    expect(await list({ ...named, PolicyNames: ['grow'] })).toMatchObject([
      { PolicyARN, PolicyType: 'SimpleScaling', ScalingAdjustment: 1, Cooldown: 60, Enabled: true, Alarms: [{ AlarmName: 'busy' }] },
    ]);
    expect((await list({ PolicyTypes: ['TargetTrackingScaling'] })).map(({ PolicyName }) => PolicyName)).toEqual(['track']);
    expect(await list({})).toHaveLength(2);
    expect(await refusal(list({ AutoScalingGroupName: 'none' }))).toMatchObject({ code: 'ValidationError' });
  });

  test.each([
    ['no adjustment', { AdjustmentType: 'ChangeInCapacity' }],
    ['no adjustment type', { ScalingAdjustment: 1 }],
    ['steps in a simple policy', { ...simple, StepAdjustments: [{ ScalingAdjustment: 1 }] }],
    ['no steps', { PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity' }],
    ['a share of an exact number', { ...simple, MinAdjustmentMagnitude: 2 }],
    ['another type', { ...simple, PolicyType: 'Hopeful' }],
    ['a forecast, which is not modelled', { PolicyType: 'PredictiveScaling' }],
    ['no metric to track', { PolicyType: 'TargetTrackingScaling', TargetTrackingConfiguration: { TargetValue: 50 } }],
    ['a target of nothing', cpu(0)],
    [
      'metric maths, which is not modelled',
      {
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingConfiguration: { TargetValue: 50, CustomizedMetricSpecification: { Metrics: [{ Id: 'm1', Expression: '1' }] } },
      },
    ],
  ] as [string, Partial<PutScalingPolicyCommandInput>][])('but none is put with %s', async (_, input) => {
    const aws = await settledGroup();
    expect(await refusal(put(aws, input))).toMatchObject({ code: 'ValidationError', status: 400 });
  });
});
