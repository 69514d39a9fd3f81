import { defineFailure, escalate, event } from './define.ts';

/** What no other class claims: told to a person, never acted on. */
export const unclassified = defineFailure({
  id: 'unclassified',
  severity: 'medium',
  says: 'the failure matches no known class',
  match: [event('ebs', 'snapshot-failed'), event('aws-health', 'other-issue'), event('ec2-fleet', 'fleet-failed')],
  playbook: escalate('selfheal acts only on failures that it knows'),
});
