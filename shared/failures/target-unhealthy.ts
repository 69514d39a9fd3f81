import { defineFailure, metricAlarm } from './define.ts';

export const targetUnhealthy = defineFailure({
  id: 'target-unhealthy',
  severity: 'high',
  says: 'targets fail their health checks',
  match: [
    ...['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'].flatMap((namespace) => [
      metricAlarm({
        namespace,
        metric: 'UnHealthyHostCount',
        direction: 'above',
        subject: 'target-group',
        named: 'load-balancer',
        value: 'count',
      }),
      metricAlarm({ namespace, metric: 'HealthyHostCount', direction: 'below', subject: 'target-group', named: 'load-balancer' }),
    ]),
    metricAlarm({ namespace: 'AWS/ELB', metric: 'UnHealthyHostCount', direction: 'above', subject: 'load-balancer', value: 'count' }),
    metricAlarm({ namespace: 'AWS/ELB', metric: 'HealthyHostCount', direction: 'below', subject: 'load-balancer' }),
  ],
  playbook: 'heal-targets',
});
