import { defineFailure, escalate, event, metricAlarm } from './define.ts';

const balancer = ['target-group', 'load-balancer'] as const;

export const errorRate = defineFailure({
  id: 'error-rate',
  severity: 'high',
  says: 'requests fail',
  match: [
    metricAlarm({
      namespace: 'AWS/ApplicationELB',
      metric: [
        'HTTPCode_Target_5XX_Count',
        'HTTPCode_ELB_5XX_Count',
        'HTTPCode_ELB_500_Count',
        'HTTPCode_ELB_502_Count',
        'HTTPCode_ELB_503_Count',
        'HTTPCode_ELB_504_Count',
        'TargetConnectionErrorCount',
        'TargetTLSNegotiationErrorCount',
        'RejectedConnectionCount',
      ],
      direction: 'above',
      named: balancer,
    }),
    metricAlarm({
      namespace: 'AWS/ELB',
      metric: ['HTTPCode_Backend_5XX', 'HTTPCode_ELB_5XX', 'BackendConnectionErrors', 'SpilloverCount'],
      direction: 'above',
      named: 'load-balancer',
    }),
    metricAlarm({ namespace: 'AWS/Lambda', metric: 'Errors', direction: 'above', subject: 'service', playbook: 'rollback-alias' }),
    metricAlarm({ namespace: 'AWS/Lambda', metric: 'Throttles', direction: 'above', subject: 'service', playbook: 'raise-concurrency' }),
    metricAlarm({
      namespace: 'AWS/Lambda',
      metric: ['DeadLetterErrors', 'DestinationDeliveryFailures', 'AsyncEventsDropped'],
      direction: 'above',
      named: 'service',
    }),
    metricAlarm({ namespace: 'AWS/ApiGateway', metric: ['5XXError', '5xx', 'IntegrationError'], direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/AppSync', metric: '5XXError', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/CloudFront', metric: '5xxErrorRate', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/S3', metric: '5xxErrors', direction: 'above', named: 'service' }),
    metricAlarm({
      namespace: 'AWS/States',
      metric: ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted', 'ExecutionThrottled'],
      direction: 'above',
      named: 'service',
    }),
    metricAlarm({ namespace: 'AWS/DynamoDB', metric: ['SystemErrors', 'ThrottledRequests'], direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/SNS', metric: 'NumberOfNotificationsFailed', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/Events', metric: ['FailedInvocations', 'InvocationsSentToDlq'], direction: 'above', named: 'service' }),
    event('lambda-failure', 'failed'),
  ],
  playbook: escalate('only the code and its recent changes show what causes the errors'),
});
