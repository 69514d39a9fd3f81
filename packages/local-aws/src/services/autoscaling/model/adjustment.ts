import type { StepAdjustment, TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';

export const adjustmentTypes = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'] as const;

/** By how much a policy changes capacity, but for the amount. */
export type Adjustment = { readonly type: (typeof adjustmentTypes)[number]; readonly minMagnitude: number | undefined };

type Common = { readonly name: string; readonly arn: string; readonly enabled: boolean };
type Warming = { readonly warmupSeconds: number | undefined };

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html */
export type ScalingPolicy =
  | (Common & { type: 'SimpleScaling'; adjustment: Adjustment; amount: number; cooldownSeconds: number | undefined })
  | (Common & Warming & { type: 'StepScaling'; adjustment: Adjustment; steps: readonly StepAdjustment[]; aggregation: string })
  | (Common &
      Warming & {
        type: 'TargetTrackingScaling';
        configuration: TargetTrackingConfiguration & { TargetValue: number };
        alarms: readonly string[];
      });

/** Percentages are rounded towards zero, but never to nothing: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html */
const percentOf = (current: number, percent: number, minMagnitude = 1): number => {
  const exact = (current * percent) / 100;
  return Math.sign(exact) * Math.max(Math.trunc(Math.abs(exact)), minMagnitude);
};

/** What capacity becomes, its bounds aside. */
export const adjusted = (current: number, { type, minMagnitude }: Adjustment, amount: number): number => {
  switch (type) {
    case 'ExactCapacity':
      return amount;
    case 'ChangeInCapacity':
      return current + amount;
    case 'PercentChangeInCapacity':
      return current + percentOf(current, amount, minMagnitude);
  }
};

/**
 * The step that a metric's distance from the alarm's threshold falls into. Above the threshold a step has its lower bound and not its
 * upper one; below it is the other way round.
 */
export const stepOf = (steps: readonly StepAdjustment[], distance: number): StepAdjustment | undefined =>
  steps.find(
    ({ MetricIntervalLowerBound: lower = Number.NEGATIVE_INFINITY, MetricIntervalUpperBound: upper = Number.POSITIVE_INFINITY }) =>
      distance >= 0 ? lower <= distance && distance < upper : lower < distance && distance <= upper,
  );

/** Whether steps leave no gap and don't overlap, and only the outer ones are open. */
export const areSteps = (steps: readonly StepAdjustment[]): boolean => {
  const bounds = steps
    .map(({ MetricIntervalLowerBound: lower = Number.NEGATIVE_INFINITY, MetricIntervalUpperBound: upper = Number.POSITIVE_INFINITY }) => ({
      lower,
      upper,
    }))
    .sort((a, b) => a.lower - b.lower);
  return bounds.every(({ lower, upper }, i) => lower < upper && (i === 0 || bounds[i - 1]?.upper === lower));
};

/** Capacity in proportion to the metric, at least one more or less: assumed; AWS says that it is quick to add and slow to remove. */
export const tracked = (current: number, value: number, target: number): number => {
  const wanted = Math.ceil((current * value) / target);
  return value > target ? Math.max(current + 1, wanted) : Math.min(current - 1, wanted);
};
