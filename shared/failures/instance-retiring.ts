import { defineFailure, event } from './define.ts';

export const instanceRetiring = defineFailure({
  id: 'instance-retiring',
  severity: 'high',
  says: 'AWS has scheduled maintenance that takes the instance off its host',
  match: [
    event('aws-health', 'instance-retiring'),
    event('aws-health', 'network-maintenance', 'network maintenance needs no new host'),
    event('aws-health', 'dedicated-host', 'what runs on a dedicated host is placed by a person'),
    event('aws-health', 'other-ec2-change', 'it is a change that selfheal has no answer to'),
  ],
  playbook: 'leave-retiring-host',
});
