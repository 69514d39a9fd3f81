import { defineFailure, event, metricAlarm, onlyIfNamed } from './define.ts';

export const certificateExpiring = defineFailure({
  id: 'certificate-expiring',
  severity: 'high',
  says: 'a certificate expires soon or is no longer valid',
  match: [
    event('acm', 'expiring'),
    metricAlarm({ namespace: 'AWS/CertificateManager', metric: 'DaysToExpiry', direction: 'below', subject: 'certificate' }),
  ],
  playbook: onlyIfNamed('renew-certificate', 'a certificate that was not renewed automatically needs a person to validate or import it'),
});
