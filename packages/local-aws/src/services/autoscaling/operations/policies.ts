import type {
  DeletePolicyType,
  DescribePoliciesType,
  ExecutePolicyType,
  PoliciesType,
  PolicyARNType,
  PutScalingPolicyType,
  ScalingPolicy as Shown,
} from '@aws-sdk/client-auto-scaling';
import type { DescribeAlarmsInput, DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type CallContext, type Operation, operation } from '../../../wire/protocol/service.ts';
import { type Adjustment, adjustmentTypes, areSteps, type ScalingPolicy } from '../model/adjustment.ts';
import type { Core } from '../model/core.ts';
import type { Group } from '../model/group.ts';
import { blockingActivity, execute } from '../model/scaling.ts';
import { trackingAlarms, watchedBy } from '../model/tracking-alarms.ts';
import { groupNamed, invalid, liveGroup, oneOf, page, whole } from './check.ts';

const longest = 86_400 * 365;

/** A call of CloudWatch's that Auto Scaling makes itself. */
const callCloudWatch = (core: Core, name: string, input: object): unknown => {
  const { account, region, clock } = core.world;
  const called = core.alarms?.operations[name];
  if (!called) throw invalid('Target tracking needs CloudWatch, which is not here.');
  const accessKey = 'AWSServiceRoleForAutoScaling';
  const userAgent = 'autoscaling.amazonaws.com';
  const context: CallContext = { now: clock.now(), requestId: core.random.uuid(), account, region, accessKey, userAgent };
  return called.run(input, context);
};

export const deleteTrackingAlarms = async (core: Core, policies: Iterable<ScalingPolicy>): Promise<void> => {
  const AlarmNames = [...policies].flatMap((policy) => (policy.type === 'TargetTrackingScaling' ? policy.alarms : []));
  if (AlarmNames.length > 0) await callCloudWatch(core, 'DeleteAlarms', { AlarmNames });
};

const adjustmentFrom = (input: PutScalingPolicyType): Adjustment => {
  const type = oneOf('adjustmentType', input.AdjustmentType, adjustmentTypes);
  const minMagnitude = input.MinAdjustmentMagnitude ?? input.MinAdjustmentStep;
  if (minMagnitude !== undefined && type !== 'PercentChangeInCapacity')
    throw invalid('MinAdjustmentMagnitude is supported only for the adjustment type PercentChangeInCapacity.');
  return { type, minMagnitude: whole('minAdjustmentMagnitude', minMagnitude, 1, Number.MAX_SAFE_INTEGER) };
};

/** Parameters of one type of policy that another one refuses. */
const foreign = (input: PutScalingPolicyType, type: ScalingPolicy['type'], names: readonly (keyof PutScalingPolicyType)[]): void => {
  const given = names.find((name) => input[name] !== undefined);
  if (given) throw invalid(`${given} is not supported by a policy of type ${type}.`);
};

const policyFrom = async (core: Core, group: Group, input: PutScalingPolicyType): Promise<ScalingPolicy> => {
  const name = input.PolicyName ?? '';
  if (!/^[^\p{Cc}:]{1,255}$/u.test(name)) throw invalid(`Invalid policy name: '${name.slice(0, 300)}'`);
  if (input.PolicyType === 'PredictiveScaling') throw invalid('Predictive scaling is not supported here.');
  const type = oneOf('policyType', input.PolicyType ?? 'SimpleScaling', ['SimpleScaling', 'StepScaling', 'TargetTrackingScaling']);
  const known = group.policies.get(name);
  if (known && known.type !== type) throw invalid(`The policy ${name} is of type ${known.type}, which can't be changed.`);
  const id = () =>
    core.world.arn('autoscaling', `scalingPolicy:${core.random.uuid()}:autoScalingGroupName/${group.name}:policyName/${name}`);
  const warmupSeconds = whole('estimatedInstanceWarmup', input.EstimatedInstanceWarmup, 0, longest);
  const common = { name, enabled: input.Enabled ?? true };
  switch (type) {
    case 'SimpleScaling': {
      foreign(input, type, ['StepAdjustments', 'EstimatedInstanceWarmup', 'TargetTrackingConfiguration', 'MetricAggregationType']);
      const adjustment = adjustmentFrom(input);
      const amount = whole('scalingAdjustment', input.ScalingAdjustment, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      if (amount === undefined) throw invalid('ScalingAdjustment is required for a policy of type SimpleScaling.');
      if (adjustment.type === 'ExactCapacity' && amount < 0) throw invalid('An exact capacity must not be negative.');
      const cooldownSeconds = whole('cooldown', input.Cooldown, 0, longest);
      return { ...common, arn: known?.arn ?? id(), type, adjustment, amount, cooldownSeconds };
    }
    case 'StepScaling': {
      foreign(input, type, ['ScalingAdjustment', 'Cooldown', 'TargetTrackingConfiguration']);
      const steps = input.StepAdjustments ?? [];
      if (steps.length === 0) throw invalid('StepAdjustments are required for a policy of type StepScaling.');
      if (!areSteps(steps)) throw invalid('The step adjustments must neither overlap nor leave a gap.');
      const aggregation = oneOf('metricAggregationType', input.MetricAggregationType ?? 'Average', ['Minimum', 'Maximum', 'Average']);
      return { ...common, arn: known?.arn ?? id(), type, adjustment: adjustmentFrom(input), steps, warmupSeconds, aggregation };
    }
    case 'TargetTrackingScaling': {
      foreign(input, type, ['AdjustmentType', 'ScalingAdjustment', 'StepAdjustments', 'Cooldown', 'MinAdjustmentMagnitude']);
      const configuration = input.TargetTrackingConfiguration;
      const TargetValue = configuration?.TargetValue;
      if (!configuration || TargetValue === undefined || !(TargetValue > 0)) throw invalid('A target value above 0 is required.');
      const specifications = [configuration.PredefinedMetricSpecification, configuration.CustomizedMetricSpecification];
      if (specifications.filter(Boolean).length !== 1)
        throw invalid('Either a predefined or a customized metric specification is required, and only one of them.');
      const watched = watchedBy(configuration, group.name);
      if (!watched)
        throw invalid('The metric specification is not supported here: metric maths, and periods other than 60 seconds, are not.');
      const arn = known?.arn ?? id();
      const scalesIn = !configuration.DisableScaleIn;
      const uuid = () => core.random.uuid();
      const alarms = common.enabled ? trackingAlarms(watched, TargetValue, { groupName: group.name, policyArn: arn, scalesIn, uuid }) : [];
      if (known) await deleteTrackingAlarms(core, [known]);
      for (const alarm of alarms) await callCloudWatch(core, 'PutMetricAlarm', alarm);
      const names = alarms.flatMap(({ AlarmName }) => AlarmName ?? []);
      return { ...common, arn, type, configuration: { ...configuration, TargetValue }, warmupSeconds, alarms: names };
    }
  }
};

/** CloudWatch's alarms that have the policy among their actions. */
const alarmsOf = async (core: Core, arn: string) => {
  if (!core.alarms) return [];
  const alarms: { AlarmName: string | undefined; AlarmARN: string | undefined }[] = [];
  let NextToken: string | undefined;
  do {
    const input: DescribeAlarmsInput = { ActionPrefix: arn, AlarmTypes: ['MetricAlarm'], ...(NextToken ? { NextToken } : {}) };
    const answer = (await callCloudWatch(core, 'DescribeAlarms', input)) as DescribeAlarmsOutput;
    alarms.push(...(answer.MetricAlarms ?? []).map(({ AlarmName, AlarmArn }) => ({ AlarmName, AlarmARN: AlarmArn })));
    NextToken = answer.NextToken;
  } while (NextToken);
  return alarms;
};

const shown = async (core: Core, group: Group, policy: ScalingPolicy): Promise<Shown> => {
  const common = {
    AutoScalingGroupName: group.name,
    PolicyName: policy.name,
    PolicyARN: policy.arn,
    PolicyType: policy.type,
    Enabled: policy.enabled,
    Alarms: await alarmsOf(core, policy.arn),
  };
  switch (policy.type) {
    case 'SimpleScaling':
      return {
        ...common,
        AdjustmentType: policy.adjustment.type,
        MinAdjustmentMagnitude: policy.adjustment.minMagnitude,
        ScalingAdjustment: policy.amount,
        Cooldown: policy.cooldownSeconds,
        StepAdjustments: [],
      };
    case 'StepScaling':
      return {
        ...common,
        AdjustmentType: policy.adjustment.type,
        MinAdjustmentMagnitude: policy.adjustment.minMagnitude,
        StepAdjustments: [...policy.steps],
        MetricAggregationType: policy.aggregation,
        EstimatedInstanceWarmup: policy.warmupSeconds,
      };
    case 'TargetTrackingScaling':
      return {
        ...common,
        StepAdjustments: [],
        EstimatedInstanceWarmup: policy.warmupSeconds,
        TargetTrackingConfiguration: { ...policy.configuration, DisableScaleIn: policy.configuration.DisableScaleIn ?? false },
      };
  }
};

/** A policy by its name in a group, or by its ARN. */
const policyNamed = (core: Core, groupName: string | undefined, nameOrArn = ''): { group: Group; policy: ScalingPolicy } => {
  if (groupName === undefined && !nameOrArn.startsWith('arn:'))
    throw invalid('AutoScalingGroupName is required with the name of a policy.');
  const groups = groupName === undefined ? [...core.groups.values()] : [liveGroup(core, groupName)];
  for (const group of groups)
    for (const policy of group.policies.values()) if (policy.name === nameOrArn || policy.arn === nameOrArn) return { group, policy };
  throw invalid(`No such policy: ${nameOrArn.slice(0, 300)}`);
};

export const policyOperations = (core: Core): Record<string, Operation> => ({
  PutScalingPolicy: operation<PutScalingPolicyType, PolicyARNType>(
    () => sdk.autoScaling().PutScalingPolicy$,
    async (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      const policy = await policyFrom(core, group, input);
      group.policies.set(policy.name, policy);
      return { PolicyARN: policy.arn, Alarms: await alarmsOf(core, policy.arn) };
    },
  ),

  DescribePolicies: operation<DescribePoliciesType, PoliciesType>(
    () => sdk.autoScaling().DescribePolicies$,
    async (input) => {
      const { AutoScalingGroupName: name, PolicyNames: names = [], PolicyTypes: types = [] } = input;
      const groups = name === undefined ? [...core.groups.values()] : [groupNamed(core, name)];
      const found = groups
        .flatMap((group) => [...group.policies.values()].map((policy) => ({ group, policy })))
        .filter(({ policy }) => names.length === 0 || names.includes(policy.name) || names.includes(policy.arn))
        .filter(({ policy }) => types.length === 0 || types.includes(policy.type));
      const { page: policies, ...more } = page('policies', input, found, 100, 50);
      return { ScalingPolicies: await Promise.all(policies.map(({ group, policy }) => shown(core, group, policy))), ...more };
    },
  ),

  // A target tracking policy takes its alarms with it; other alarms stay, with an action that leads nowhere:
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeletePolicy.html
  DeletePolicy: operation<DeletePolicyType, object>(
    () => sdk.autoScaling().DeletePolicy$,
    async (input) => {
      const { group, policy } = policyNamed(core, input.AutoScalingGroupName, input.PolicyName);
      group.policies.delete(policy.name);
      await deleteTrackingAlarms(core, [policy]);
      return {};
    },
  ),

  ExecutePolicy: operation<ExecutePolicyType, object>(
    () => sdk.autoScaling().ExecutePolicy$,
    (input) => {
      const { group, policy } = policyNamed(core, input.AutoScalingGroupName, input.PolicyName);
      if (policy.type === 'TargetTrackingScaling') throw invalid('Policies of type TargetTrackingScaling can not be executed by a call.');
      if (!policy.enabled) throw invalid(`The policy ${policy.name} is disabled.`);
      if (input.HonorCooldown && policy.type === 'SimpleScaling') {
        const last = blockingActivity(core, group, policy.cooldownSeconds);
        if (last) throw new AwsError('ScalingActivityInProgress', `Scaling activity ${last.id} is in progress and blocks this action`);
      }
      execute(
        core,
        group,
        policy,
        { value: input.MetricValue, threshold: input.BreachThreshold },
        `a user request executed policy ${policy.name}`,
      );
      return {};
    },
  ),
});
