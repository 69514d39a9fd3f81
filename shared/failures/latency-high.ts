import { defineFailure, escalate, metricAlarm } from './define.ts';

export const latencyHigh = defineFailure({
  id: 'latency-high',
  severity: 'medium',
  says: 'responses take too long',
  match: [
    metricAlarm({
      namespace: 'AWS/ApplicationELB',
      metric: 'TargetResponseTime',
      direction: 'above',
      named: ['target-group', 'load-balancer'],
    }),
    metricAlarm({ namespace: 'AWS/ELB', metric: 'Latency', direction: 'above', named: 'load-balancer' }),
    metricAlarm({ namespace: 'AWS/Lambda', metric: ['Duration', 'PostRuntimeExtensionsDuration'], direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/ApiGateway', metric: ['Latency', 'IntegrationLatency'], direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/AppSync', metric: 'Latency', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/CloudFront', metric: 'OriginLatency', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/DynamoDB', metric: 'SuccessfulRequestLatency', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/States', metric: 'ExecutionTime', direction: 'above', named: 'service' }),
    metricAlarm({
      namespace: 'AWS/RDS',
      metric: ['ReadLatency', 'WriteLatency', 'CommitLatency', 'SelectLatency'],
      direction: 'above',
      named: 'database',
    }),
    metricAlarm({ namespace: 'CloudWatchSynthetics', metric: 'Duration', direction: 'above', named: 'canary' }),
  ],
  playbook: escalate('high latency has many causes; a lack of capacity is only one of them'),
});
