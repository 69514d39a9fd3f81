import { defineFailure, escalate, event, metricAlarm } from './define.ts';

export const canaryFailed = defineFailure({
  id: 'canary-failed',
  severity: 'high',
  says: 'a canary failed',
  match: [
    event('synthetics', 'failed'),
    metricAlarm({ namespace: 'CloudWatchSynthetics', metric: 'SuccessPercent', direction: 'below', named: 'canary' }),
    metricAlarm({ namespace: 'CloudWatchSynthetics', metric: ['Failed', '5xx'], direction: 'above', named: 'canary' }),
  ],
  playbook: escalate('a canary shows that something is wrong, but not what'),
});
