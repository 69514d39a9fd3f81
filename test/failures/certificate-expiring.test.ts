import { describe } from '@jest/globals';
import { certificateExpiring } from '../../shared/failures/certificate-expiring.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { nothing } from './targets.ts';

describe('certificate-expiring', () => {
  const metrics: MetricClaim[] = [
    [
      ['AWS/CertificateManager'],
      ['DaysToExpiry'],
      'below',
      [
        [
          { CertificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b' },
          'certificate arn:aws:acm:us-west-2:111122223333:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b',
        ],
        nothing,
      ],
      'escalate',
    ],
  ];
  const events: EventClaim[] = [
    ['acm', 'expiring', 'certificate arn:aws:acm:us-west-2:111122223333:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b', 'escalate'],
    ['acm', 'expiring', null, 'escalate'],
  ];
  testClaims(certificateExpiring, null, metrics, events);
});
