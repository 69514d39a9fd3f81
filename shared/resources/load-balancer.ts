import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ResourceKind, Subject } from './resource-kind.ts';

/** A dimension has only the end of its ARN; the API needs all of it. Classic load balancers have a name only, and a separate API. */
const arnOf = ({ resource: { id }, partition, region, account }: Subject): string =>
  id.startsWith('arn:')
    ? id
    : `arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/${id.replace(/^gateway\//, 'gwy/')}`;

/** An application, network or gateway load balancer. */
export const loadBalancer: ResourceKind = {
  id: 'load-balancer',
  types: ['load-balancer'],
  noun: 'load balancer',
  permissions: ['elasticloadbalancing:DescribeLoadBalancers'],
  notFound: ['LoadBalancerNotFound'],
  is: ({ resource }) => resource.id.includes('/'),
  trailName: arnOf,
  observe: async ({ elb }, subject) => {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arnOf(subject)] }));
    const found = LoadBalancers?.[0];
    if (!found) return null;
    const { State, Type, Scheme, AvailabilityZones = [] } = found;
    const zones = AvailabilityZones.flatMap(({ ZoneName }) => ZoneName ?? []);
    const facts = State?.Reason ? [State.Reason] : [];
    facts.push(`${Type}, ${Scheme}${zones.length > 0 ? `, in ${zones.join(', ')}` : ''}`);
    return { state: State?.Code ?? 'unknown', since: null, createdAt: found.CreatedTime?.getTime() ?? null, changed: null, facts };
  },
};
