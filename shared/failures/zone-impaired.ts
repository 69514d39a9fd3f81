import { defineFailure, escalate, event } from './define.ts';

export const zoneImpaired = defineFailure({
  id: 'zone-impaired',
  severity: 'critical',
  says: 'AWS reports a problem in a whole zone or region',
  match: [event('aws-health', 'zone-impaired'), event('zonal-shift', 'autoshift')],
  playbook: escalate('healing single instances in an impaired zone makes things worse'),
});
