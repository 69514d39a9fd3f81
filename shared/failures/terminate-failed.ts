import { defineFailure, escalate, event } from './define.ts';

export const terminateFailed = defineFailure({
  id: 'terminate-failed',
  severity: 'medium',
  says: 'the group cannot terminate an instance',
  match: [event('auto-scaling', 'terminate-failed')],
  playbook: escalate('the instance is protected, perhaps on purpose'),
});
