import { defineFailure, escalate, event } from './define.ts';

/** Anything that no other class claims: notified, never acted on. */
export const unclassified = defineFailure({
  id: 'unclassified',
  severity: 'medium',
  says: 'the failure matches no known class',
  match: [event('ebs', 'snapshot-failed'), event('aws-health', 'other-issue'), event('ec2-fleet', 'fleet-failed')],
  playbook: escalate('selfheal acts only on failures that it knows'),
});
