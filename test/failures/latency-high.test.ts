import { describe } from '@jest/globals';
import { latencyHigh } from '../../shared/failures/latency-high.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import {
  api,
  classicLoadBalancer,
  database,
  distribution,
  lambdaFunction,
  loadBalancer,
  nothing,
  stateMachine,
  table,
  targetGroup,
} from './targets.ts';

describe('latency-high', () => {
  const metrics: MetricClaim[] = [
    [['AWS/ApplicationELB'], ['TargetResponseTime'], 'above', [targetGroup, loadBalancer, nothing], 'escalate'],
    [['AWS/ELB'], ['Latency'], 'above', [classicLoadBalancer, nothing], 'escalate'],
    [['AWS/Lambda'], ['Duration'], 'above', [lambdaFunction, nothing], 'escalate'],
    [['AWS/Lambda'], ['PostRuntimeExtensionsDuration'], 'above', [lambdaFunction], 'escalate'],
    [['AWS/ApiGateway'], ['Latency'], 'above', [api, nothing], 'escalate'],
    [['AWS/ApiGateway'], ['IntegrationLatency'], 'above', [api], 'escalate'],
    [['AWS/AppSync'], ['Latency'], 'above', [lambdaFunction, nothing], 'escalate'],
    [['AWS/CloudFront'], ['OriginLatency'], 'above', [distribution, nothing], 'escalate'],
    [['AWS/DynamoDB'], ['SuccessfulRequestLatency'], 'above', [table, nothing], 'escalate'],
    [['AWS/States'], ['ExecutionTime'], 'above', [stateMachine, nothing], 'escalate'],
    [['AWS/RDS'], ['ReadLatency'], 'above', [database, nothing], 'escalate'],
    [['AWS/RDS'], ['WriteLatency', 'CommitLatency', 'SelectLatency'], 'above', [database], 'escalate'],
    [['CloudWatchSynthetics'], ['Duration'], 'above', [[{ CanaryName: 'checkout' }, 'canary checkout'], nothing], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(latencyHigh, null, metrics, events);
});
