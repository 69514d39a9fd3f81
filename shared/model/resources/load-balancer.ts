import { defineResourceType } from './definition.ts';

/** A dimension names it by the end of its ARN; a classic one has a name alone. */
export const loadBalancer = defineResourceType({
  idPattern: /^(?:(?:app|net|gwy|gateway)\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{8,32}|[A-Za-z0-9-]{1,32})$/,
  arns: [{ service: 'elasticloadbalancing', prefix: 'loadbalancer/' }],
  dimensions: { LoadBalancer: ['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'], LoadBalancerName: ['AWS/ELB'] },
  unread: 'Classic Load Balancers',
  trail: true,
});
