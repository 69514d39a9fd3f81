import { describe } from '@jest/globals';
import { latencyHigh } from '../../shared/failures/latency-high.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('latency-high', () => {
  const metrics: MetricClaim[] = [
    [
      'AWS/ApplicationELB',
      'TargetResponseTime',
      'above',
      { TargetGroup: 'targetgroup/web/0123456789abcdef', LoadBalancer: 'app/web/fedcba9876543210' },
      'target-group targetgroup/web/0123456789abcdef',
      'escalate',
    ],
    [
      'AWS/ApplicationELB',
      'TargetResponseTime',
      'above',
      { LoadBalancer: 'app/web/fedcba9876543210' },
      'load-balancer app/web/fedcba9876543210',
      'escalate',
    ],
    ['AWS/ApplicationELB', 'TargetResponseTime', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/ELB', 'Latency', 'above', { LoadBalancerName: 'old-web' }, 'load-balancer old-web', 'escalate'],
    ['AWS/ELB', 'Latency', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/Lambda', 'Duration', 'above', { FunctionName: 'checkout' }, 'service checkout', 'escalate'],
    ['AWS/Lambda', 'Duration', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/Lambda', 'PostRuntimeExtensionsDuration', 'above', { FunctionName: 'checkout' }, 'service checkout', 'escalate'],
    ['AWS/ApiGateway', 'Latency', 'above', { ApiName: 'shop' }, 'service shop', 'escalate'],
    ['AWS/ApiGateway', 'Latency', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/ApiGateway', 'IntegrationLatency', 'above', { ApiName: 'shop' }, 'service shop', 'escalate'],
    ['AWS/AppSync', 'Latency', 'above', { FunctionName: 'checkout' }, 'service checkout', 'escalate'],
    ['AWS/AppSync', 'Latency', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/CloudFront', 'OriginLatency', 'above', { DistributionId: 'E2EXAMPLE' }, 'service E2EXAMPLE', 'escalate'],
    ['AWS/CloudFront', 'OriginLatency', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/DynamoDB', 'SuccessfulRequestLatency', 'above', { TableName: 'orders' }, 'service orders', 'escalate'],
    ['AWS/DynamoDB', 'SuccessfulRequestLatency', 'above', {}, 'alarm an-alarm', 'escalate'],
    [
      'AWS/States',
      'ExecutionTime',
      'above',
      { StateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:order' },
      'service arn:aws:states:us-west-2:111122223333:stateMachine:order',
      'escalate',
    ],
    ['AWS/States', 'ExecutionTime', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/RDS', 'ReadLatency', 'above', { DBInstanceIdentifier: 'orders' }, 'database orders', 'escalate'],
    ['AWS/RDS', 'ReadLatency', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/RDS', 'WriteLatency', 'above', { DBInstanceIdentifier: 'orders' }, 'database orders', 'escalate'],
    ['AWS/RDS', 'CommitLatency', 'above', { DBInstanceIdentifier: 'orders' }, 'database orders', 'escalate'],
    ['AWS/RDS', 'SelectLatency', 'above', { DBInstanceIdentifier: 'orders' }, 'database orders', 'escalate'],
    ['CloudWatchSynthetics', 'Duration', 'above', { CanaryName: 'checkout' }, 'canary checkout', 'escalate'],
    ['CloudWatchSynthetics', 'Duration', 'above', {}, 'alarm an-alarm', 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(latencyHigh, null, metrics, events);
});
