import { defineFailure, event } from './define.ts';

export const instanceRetiring = defineFailure({
  id: 'instance-retiring',
  severity: 'high',
  says: 'AWS has scheduled maintenance that takes the instance off its host',
  match: [
    event('aws-health', 'instance-retiring'),
    event('aws-health', 'network-maintenance', 'network maintenance needs no new host'),
    event('aws-health', 'dedicated-host', 'a person places instances on dedicated hosts'),
    event('aws-health', 'other-ec2-change', 'selfheal has no playbook for such a change'),
  ],
  playbook: 'leave-retiring-host',
});
