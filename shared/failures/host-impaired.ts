import { defineFailure, event, metricAlarm } from './define.ts';

export const hostImpaired = defineFailure({
  id: 'host-impaired',
  severity: 'critical',
  says: 'the host under the instance is impaired',
  match: [
    metricAlarm({
      namespace: 'AWS/EC2',
      metric: 'StatusCheckFailed_System',
      direction: 'above',
      subject: 'instance',
      named: 'group',
      value: 'count',
    }),
    event('aws-health', 'hardware-issue'),
  ],
  playbook: 'recover-host',
});
