import { defineFailure, escalate, event, metricAlarm } from './define.ts';

export const certificateExpiring = defineFailure({
  id: 'certificate-expiring',
  severity: 'high',
  says: 'a certificate expires, or is no longer good',
  match: [
    event('acm', 'expiring'),
    metricAlarm({ namespace: 'AWS/CertificateManager', metric: 'DaysToExpiry', direction: 'below', named: 'certificate' }),
  ],
  playbook: escalate('a renewal that did not happen by itself needs a person to validate or import'),
});
