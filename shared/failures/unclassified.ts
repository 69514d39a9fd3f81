import { defineFailure, escalate, event } from './define.ts';

/** What no other class claims: told to a person, never acted on. */
export const unclassified = defineFailure({
  id: 'unclassified',
  severity: 'medium',
  says: 'something failed that no class claims',
  match: [event('ebs', 'snapshot-failed'), event('aws-health', 'other-issue'), event('ec2-fleet', 'fleet-failed')],
  playbook: escalate('what is not understood is not acted on'),
});
