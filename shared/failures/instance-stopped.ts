import { defineFailure, event } from './define.ts';

export const instanceStopped = defineFailure({
  id: 'instance-stopped',
  severity: 'high',
  says: 'the instance stopped',
  match: [event('ec2-state', 'stopped')],
  playbook: 'start-instance',
});
