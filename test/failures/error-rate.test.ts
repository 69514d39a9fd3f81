import { describe } from '@jest/globals';
import { errorRate } from '../../shared/failures/error-rate.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import {
  api,
  classicLoadBalancer,
  distribution,
  lambdaFunction,
  loadBalancer,
  nothing,
  stateMachine,
  table,
  targetGroup,
  topic,
} from './targets.ts';

describe('error-rate', () => {
  const metrics: MetricClaim[] = [
    [['AWS/ApplicationELB'], ['HTTPCode_Target_5XX_Count'], 'above', [targetGroup, loadBalancer, nothing], 'escalate'],
    [
      ['AWS/ApplicationELB'],
      [
        'HTTPCode_ELB_5XX_Count',
        'HTTPCode_ELB_500_Count',
        'HTTPCode_ELB_502_Count',
        'HTTPCode_ELB_503_Count',
        'HTTPCode_ELB_504_Count',
        'TargetConnectionErrorCount',
        'TargetTLSNegotiationErrorCount',
        'RejectedConnectionCount',
      ],
      'above',
      [targetGroup, loadBalancer],
      'escalate',
    ],
    [['AWS/ELB'], ['HTTPCode_Backend_5XX'], 'above', [classicLoadBalancer, nothing], 'escalate'],
    [['AWS/ELB'], ['HTTPCode_ELB_5XX', 'BackendConnectionErrors', 'SpilloverCount'], 'above', [classicLoadBalancer], 'escalate'],
    [['AWS/Lambda'], ['Errors'], 'above', [lambdaFunction, nothing], 'escalate'],
    [
      ['AWS/Lambda'],
      ['Throttles', 'DeadLetterErrors', 'DestinationDeliveryFailures', 'AsyncEventsDropped'],
      'above',
      [lambdaFunction],
      'escalate',
    ],
    [['AWS/ApiGateway'], ['5XXError'], 'above', [api, nothing], 'escalate'],
    [['AWS/ApiGateway'], ['5xx', 'IntegrationError'], 'above', [api], 'escalate'],
    [['AWS/AppSync'], ['5XXError'], 'above', [lambdaFunction, nothing], 'escalate'],
    [['AWS/CloudFront'], ['5xxErrorRate'], 'above', [distribution, nothing], 'escalate'],
    [['AWS/S3'], ['5xxErrors'], 'above', [lambdaFunction, nothing], 'escalate'],
    [['AWS/States'], ['ExecutionsFailed'], 'above', [stateMachine, nothing], 'escalate'],
    [['AWS/States'], ['ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionThrottled'], 'above', [stateMachine], 'escalate'],
    [['AWS/DynamoDB'], ['SystemErrors'], 'above', [table, nothing], 'escalate'],
    [['AWS/DynamoDB'], ['ThrottledRequests'], 'above', [table], 'escalate'],
    [['AWS/SNS'], ['NumberOfNotificationsFailed'], 'above', [topic, nothing], 'escalate'],
    [['AWS/Events'], ['FailedInvocations'], 'above', [lambdaFunction, nothing], 'escalate'],
    [['AWS/Events'], ['InvocationsSentToDlq'], 'above', [lambdaFunction], 'escalate'],
  ];
  const events: EventClaim[] = [
    ['lambda-failure', 'failed', 'service checkout', 'escalate'],
    ['lambda-failure', 'failed', null, 'escalate'],
  ];
  testClaims(errorRate, null, metrics, events);
});
