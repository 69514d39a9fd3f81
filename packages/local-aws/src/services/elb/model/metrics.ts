import type { MetricSource, ServedMetric } from '../../../core/service-interfaces.ts';
import type { TargetGroup } from './target-group.ts';
import { balancerErrorsOf, type Counts, type Traffic } from './traffic.ts';

const minute = 60_000;

/** How a target group's ARN appears in a metric's dimension: `targetgroup/name/id`. */
export const targetGroupDimension = (arn: string) => arn.slice(arn.indexOf(':targetgroup/') + 1);
/** How a load balancer's ARN appears in a metric's dimension: `app/name/id`. */
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

const hostCounts = ['HealthyHostCount', 'UnHealthyHostCount'];

/** What is counted of requests, and by which dimensions. */
const requestCounts: Readonly<Record<string, { of: (counts: Counts) => number; by: readonly string[][] }>> = {
  RequestCount: { of: ({ routed }) => routed, by: [['LoadBalancer'], ['TargetGroup', 'LoadBalancer']] },
  RequestCountPerTarget: { of: ({ perTarget }) => perTarget, by: [['TargetGroup'], ['TargetGroup', 'LoadBalancer']] },
  HTTPCode_Target_5XX_Count: { of: ({ targetErrors }) => targetErrors, by: [['LoadBalancer'], ['TargetGroup', 'LoadBalancer']] },
  HTTPCode_ELB_5XX_Count: { of: balancerErrorsOf, by: [['LoadBalancer']] },
};

/** A group's dimensions; requests come through the first load balancer that has it. */
const dimensionsOf = ({ arn, loadBalancerArns: [balancerArn = ''] }: TargetGroup, by: readonly string[]): Record<string, string> => {
  const all: Record<string, string> = { TargetGroup: targetGroupDimension(arn), LoadBalancer: loadBalancerDimension(balancerArn) };
  return Object.fromEntries(by.map((name) => [name, all[name] ?? '']));
};

const same = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

/** Whole requests: what a minute has of them is told so that nothing is lost or told twice. */
const whole = (count: number) => Math.floor(count + 1e-6);

/**
 * `HealthyHostCount` and `UnHealthyHostCount` by target group and load balancer, and the counts of requests, which are published where
 * they aren't zero. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export const elbMetrics =
  (targetGroups: ReadonlyMap<string, TargetGroup>, traffic: Traffic): MetricSource =>
  (metric, dimensions, at) => {
    const counted = Object.hasOwn(requestCounts, metric) ? requestCounts[metric] : undefined;
    if (counted) {
      let sum = 0;
      for (const group of targetGroups.values()) {
        if (!counted.by.some((by) => same(dimensionsOf(group, by), dimensions))) continue;
        const upTo = (time: number) => counted.of(traffic.sumsAt(group, time));
        sum += whole(upTo(at)) - whole(upTo(at - minute));
      }
      return sum > 0 ? sum : undefined;
    }
    if (!hostCounts.includes(metric) || Object.keys(dimensions).length !== 2) return undefined;
    for (const group of targetGroups.values()) {
      if (targetGroupDimension(group.arn) !== dimensions.TargetGroup) continue;
      if (!group.loadBalancerArns.some((arn) => loadBalancerDimension(arn) === dimensions.LoadBalancer)) return undefined;
      const counts = countsAt(group, at);
      return metric === 'HealthyHostCount' ? counts?.healthy : counts?.unhealthy;
    }
    return undefined;
  };

/** What there has been data for: the counts of each target group since it was used, and those of requests where there were any. */
export function* listElbMetrics(targetGroups: ReadonlyMap<string, TargetGroup>, traffic: Traffic, now: number): Iterable<ServedMetric> {
  const namespace = 'AWS/ApplicationELB';
  const requests = new Map<string, ServedMetric>();
  for (const group of targetGroups.values()) {
    for (const arn of group.counts.length > 0 ? group.loadBalancerArns : []) {
      const dimensions = { TargetGroup: targetGroupDimension(group.arn), LoadBalancer: loadBalancerDimension(arn) };
      for (const name of hostCounts) yield { namespace, name, dimensions, latest: now };
    }
    for (const [name, { of, by }] of Object.entries(requestCounts)) {
      const latest = traffic.latest(group, of);
      if (latest === undefined) continue;
      for (const dimensions of by.map((names) => dimensionsOf(group, names))) {
        const key = JSON.stringify([name, dimensions]);
        requests.set(key, { namespace, name, dimensions, latest: Math.max(latest, requests.get(key)?.latest ?? 0) });
      }
    }
  }
  yield* requests.values();
}
