import { defineFailure, escalate, event } from './define.ts';

export const launchFailed = defineFailure({
  id: 'launch-failed',
  severity: 'high',
  says: 'new instances cannot be launched',
  match: [event('auto-scaling', 'launch-failed'), event('ec2-fleet', 'launch-failed')],
  playbook: escalate('more launches make it worse; a person must remove the cause first'),
});
