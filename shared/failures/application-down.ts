import { defineFailure, event, metricAlarm, onlyIfNamed } from './define.ts';

export const applicationDown = defineFailure({
  id: 'application-down',
  severity: 'critical',
  says: 'a process that should run does not',
  match: [
    // The CloudWatch agent's counts of processes.
    // docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-procstat-process-metrics.html
    metricAlarm({
      namespace: 'CWAgent',
      metric: ['procstat_lookup_pid_count', 'procstat_lookup pid_count'],
      direction: 'below',
      subject: 'instance',
      value: 'absence',
      named: 'group',
    }),
    event('heartbeat', 'missed'),
  ],
  playbook: onlyIfNamed('restart-application', 'the policy names no playbook for it'),
});
