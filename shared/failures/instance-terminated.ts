import { defineFailure, escalate, event } from './define.ts';

export const instanceTerminated = defineFailure({
  id: 'instance-terminated',
  severity: 'high',
  says: 'the instance was terminated',
  match: [event('ec2-state', 'terminated')],
  playbook: escalate('a terminated instance cannot come back; its group, if it has one, replaces it'),
});
