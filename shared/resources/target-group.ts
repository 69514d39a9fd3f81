import { DescribeTargetGroupsCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../aws/clients.ts';
import { readTargetState } from '../aws/states.ts';
import type { TargetFacts } from '../model/snapshot.ts';
import type { ResourceKind, Subject } from './resource-kind.ts';

/** A dimension has only the end of its ARN; the API needs all of it. */
export const arnOfTargetGroup = ({ resource: { id }, partition, region, account }: Subject): string =>
  id.startsWith('arn:') ? id : `arn:${partition}:elasticloadbalancing:${region}:${account}:${id}`;

/** The health of its targets alone, for a look at the instances behind them. */
export const describeTargets = async ({ elb }: Clients, subject: Subject): Promise<TargetFacts[]> => {
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arnOfTargetGroup(subject) }));
  return (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({
    id: Target?.Id ?? '',
    state: readTargetState(TargetHealth?.State),
  }));
};

/** Defaults of a target group's checks. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
const defaultChecks = { intervalSeconds: 30, healthyThreshold: 5 };
/** The most that `healthyWithin` can be by the limits of that page: ten checks, 300 seconds apart, and the wait for the first. */
export const maxHealthyWithin = 11 * 300;

/**
 * How long its checks take at most to find a target healthy that answers, in seconds.
 * @throws whatever the SDK throws
 */
export const healthyWithin = async ({ elb }: Pick<Clients, 'elb'>, subject: Subject): Promise<number> => {
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arnOfTargetGroup(subject)] }));
  const {
    HealthCheckIntervalSeconds: interval = defaultChecks.intervalSeconds,
    HealthyThresholdCount: threshold = defaultChecks.healthyThreshold,
  } = TargetGroups?.[0] ?? {};
  // The first check may be a whole interval away.
  return (threshold + 1) * interval;
};

/** Counts states, such as `2 unhealthy (Target.Timeout)`, most frequent first. */
const countsOf = (states: readonly string[]): string[] => {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([state, count]) => `${count} ${state}`);
};

/** A target group and its targets' health. Elastic Load Balancing has no time of a target's state. */
export const targetGroup: ResourceKind = {
  id: 'target-group',
  types: ['target-group'],
  noun: 'target group',
  permissions: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
  notFound: ['TargetGroupNotFound'],
  is: () => true,
  trailName: arnOfTargetGroup,
  observe: async ({ elb }, subject, part) => {
    const TargetGroupArn = arnOfTargetGroup(subject);
    const [{ TargetHealthDescriptions: targets = [] }, group] = await Promise.all([
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
      part('its settings', async () => {
        const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] }));
        return TargetGroups?.[0] ?? null;
      }),
    ]);
    const states = targets.map(({ TargetHealth: { State = 'unknown', Reason } = {} }) => (Reason ? `${State} (${Reason})` : State));
    const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
    const balancers = group?.LoadBalancerArns ?? [];
    const facts = countsOf(states);
    if (group) {
      facts.push(`checked by ${group.HealthCheckProtocol} ${group.HealthCheckPath ?? group.HealthCheckPort ?? ''}`.trim());
      facts.push(balancers.length === 0 ? 'behind no load balancer' : `behind ${balancers.map((arn) => arn.split('/')[2]).join(', ')}`);
    }
    return { state: `${healthy} of ${targets.length} targets healthy`, since: null, createdAt: null, changed: null, facts };
  },
};
