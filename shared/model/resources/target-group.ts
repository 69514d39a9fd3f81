import { defineResourceType } from './definition.ts';

/** A dimension names it by the end of its ARN. */
export const targetGroup = defineResourceType({
  idPattern: /^targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{8,32}$/,
  arns: [{ service: 'elasticloadbalancing', prefix: '' }],
  dimensions: { TargetGroup: ['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'] },
  observed: 'treated',
  unread: 'this kind of target group',
  trail: true,
  targets: true,
});
