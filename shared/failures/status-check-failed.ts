import { defineFailure, metricAlarm } from './define.ts';

export const statusCheckFailed = defineFailure({
  id: 'status-check-failed',
  severity: 'critical',
  says: 'the instance or its host fails a status check',
  match: [
    metricAlarm({
      namespace: 'AWS/EC2',
      metric: 'StatusCheckFailed',
      direction: 'above',
      subject: 'instance',
      named: 'group',
      value: 'count',
    }),
  ],
  playbook: 'restore-status-checks',
});
