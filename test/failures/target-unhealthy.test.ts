import { describe } from '@jest/globals';
import { targetUnhealthy } from '../../shared/failures/target-unhealthy.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { classicLoadBalancer, loadBalancer, nothing, targetGroup } from './targets.ts';

describe('target-unhealthy', () => {
  const metrics: MetricClaim[] = [
    [['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'], ['UnHealthyHostCount'], 'above', [targetGroup], 'remediate'],
    [['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'], ['UnHealthyHostCount'], 'above', [loadBalancer, nothing], 'escalate'],
    [['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'], ['HealthyHostCount'], 'below', [targetGroup], 'remediate'],
    [['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'], ['HealthyHostCount'], 'below', [loadBalancer, nothing], 'escalate'],
    [['AWS/ELB'], ['UnHealthyHostCount'], 'above', [classicLoadBalancer], 'remediate'],
    [['AWS/ELB'], ['UnHealthyHostCount'], 'above', [nothing], 'escalate'],
    [['AWS/ELB'], ['HealthyHostCount'], 'below', [classicLoadBalancer], 'remediate'],
    [['AWS/ELB'], ['HealthyHostCount'], 'below', [nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(targetUnhealthy, 'heal-targets', metrics, events);
});
