import { defineFailure, metricAlarm } from './define.ts';

export const instanceUnreachable = defineFailure({
  id: 'instance-unreachable',
  severity: 'critical',
  says: 'the instance fails its reachability check',
  match: [
    metricAlarm({
      namespace: 'AWS/EC2',
      metric: 'StatusCheckFailed_Instance',
      direction: 'above',
      subject: 'instance',
      named: 'group',
      value: 'count',
    }),
  ],
  playbook: 'restart-instance',
});
