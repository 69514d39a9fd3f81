import type { MetricSource, ServedMetric } from '../../../core/service-interfaces.ts';
import type { TargetGroup } from './balancers.ts';

/** `targetgroup/name/id` and `app/name/id`: how an ARN appears in a metric's dimension. */
export const targetGroupDimension = (arn: string) => arn.slice(arn.indexOf(':targetgroup/') + 1);
export const loadBalancerDimension = (arn: string) => arn.slice(arn.indexOf('/') + 1);

/** The last change at or before a time; there are none before the group is used. */
const countsAt = ({ counts }: TargetGroup, at: number) => {
  let low = 0;
  let high = counts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((counts[middle] as { at: number }).at <= at) low = middle + 1;
    else high = middle;
  }
  return counts[low - 1];
};

/**
 * `HealthyHostCount` and `UnHealthyHostCount` by target group and load balancer.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export const elbMetrics =
  (targetGroups: ReadonlyMap<string, TargetGroup>): MetricSource =>
  (metric, dimensions, at) => {
    if (metric !== 'HealthyHostCount' && metric !== 'UnHealthyHostCount') return undefined;
    if (Object.keys(dimensions).length !== 2) return undefined;
    for (const group of targetGroups.values()) {
      if (targetGroupDimension(group.arn) !== dimensions.TargetGroup) continue;
      if (!group.loadBalancerArns.some((arn) => loadBalancerDimension(arn) === dimensions.LoadBalancer)) return undefined;
      const counts = countsAt(group, at);
      return metric === 'HealthyHostCount' ? counts?.healthy : counts?.unhealthy;
    }
    return undefined;
  };

/** What there has been data for: the counts of each target group since it was used. */
export function* listElbMetrics(targetGroups: ReadonlyMap<string, TargetGroup>, now: number): Iterable<ServedMetric> {
  for (const group of targetGroups.values()) {
    if (group.counts.length === 0) continue;
    for (const arn of group.loadBalancerArns) {
      const dimensions = { TargetGroup: targetGroupDimension(group.arn), LoadBalancer: loadBalancerDimension(arn) };
      for (const name of ['HealthyHostCount', 'UnHealthyHostCount'])
        yield { namespace: 'AWS/ApplicationELB', name, dimensions, latest: now };
    }
  }
}
