import type { Resource } from '../model/resource.ts';
import { typesOfResource } from '../model/resources/index.ts';
import type { Metric } from '../model/signal.ts';
import type { MetricMatch } from './define.ts';

/**
 * Statistics in CloudWatch's notation (`TC(…)`, `PR(…)` and `TS(…)` are the trimmed count, the percentile rank and the trimmed sum).
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
const counts = /^(?:SampleCount|TC|PR)\b/i;
const sums = /^(?:Sum|TS)\b/i;

/** Whether its statistic counts datapoints instead of aggregating their values, and so says nothing about the value. */
export const countsDatapoints = ({ statistic }: Metric): boolean => statistic !== null && counts.test(statistic);

/**
 * Why a value, however extreme, doesn't prove a failure of the resource; null if it does. `claim` is the class's match for the metric,
 * `subject` the resource to act on.
 */
export const unproven = (metric: Metric, claim: MetricMatch | undefined, subject: Resource | null): string | null => {
  if (countsDatapoints(metric)) return 'its statistic counts datapoints instead of reading their values';
  if (claim === undefined) return null;
  if (claim.because !== null) return claim.because;
  const { part } = claim;
  const split = part === null ? undefined : metric.dimensions.find(([name]) => name === part.dimension)?.[1];
  if (part !== null && split !== undefined && split !== part.whole)
    return `${part.dimension} ${split} is only a part of the machine`.slice(0, 200);
  // Groups are measured per member. For a target group, such a sum is an average.
  const totals = metric.statistic !== null && sums.test(metric.statistic);
  return totals && subject && typesOfResource[subject.type].group && claim.subject.includes(subject.type)
    ? 'adding members does not lower a sum over all of them'
    : null;
};
