import { defineFailure, escalate, event, metricAlarm } from './define.ts';

export const volumeImpaired = defineFailure({
  id: 'volume-impaired',
  severity: 'critical',
  says: 'a volume is impaired',
  match: [
    metricAlarm({
      namespace: 'AWS/EC2',
      metric: 'StatusCheckFailed_AttachedEBS',
      direction: 'above',
      named: ['instance', 'group'],
      value: 'count',
    }),
    metricAlarm({ namespace: 'AWS/EBS', metric: 'VolumeStalledIOCheck', direction: 'above', named: ['volume'], value: 'count' }),
    event('ebs', 'volume-failed'),
    event('aws-health', 'volume-impaired'),
  ],
  playbook: escalate('the data may be inconsistent, so a person decides what to do with it'),
});
