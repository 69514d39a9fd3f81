import type { Resource } from '../model/resource.ts';
import type { Metric } from '../model/signal.ts';
import type { MetricMatch } from './define.ts';

/**
 * Statistics by what they do, as CloudWatch writes them (`TC(…)`, `PR(…)` and `TS(…)` are the trimmed count, the percentile rank and the
 * trimmed sum). docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
const counts = /^(?:SampleCount|TC|PR)\b/i;
const sums = /^(?:Sum|TS)\b/i;

/** Whether its statistic counts datapoints instead of reading their values: such a one tells nothing of the value. */
export const countsDatapoints = ({ statistic }: Metric): boolean => statistic !== null && counts.test(statistic);

/**
 * Why a value, however high or low, doesn't prove that the resource is in trouble; null where it does. `claim` is what a class makes of
 * the metric, `subject` the resource that would be acted on.
 */
export const unproven = (metric: Metric, claim: MetricMatch | undefined, subject: Resource | null): string | null => {
  if (countsDatapoints(metric)) return 'its statistic counts datapoints instead of reading their values';
  if (claim === undefined) return null;
  if (claim.because !== null) return claim.because;
  const { part } = claim;
  const split = part === null ? undefined : metric.dimensions.find(([name]) => name === part.dimension)?.[1];
  if (part !== null && split !== undefined && split !== part.whole)
    return `${part.dimension} ${split} is only a part of the machine`.slice(0, 200);
  // What a class would act on as a group is measured by member. Said of a target group, such a sum is an average.
  const totals = metric.statistic !== null && sums.test(metric.statistic);
  return totals && subject?.type === 'group' && claim.subject.includes('group')
    ? 'adding members does not lower a sum over all of them'
    : null;
};
