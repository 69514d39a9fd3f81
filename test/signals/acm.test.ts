import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, verdictOf } from './fixtures.ts';

const arn = 'arn:aws:acm:us-west-2:111122223333:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b';
const told = (type: string, resources: unknown = [arn]) =>
  event('aws.acm', type, { DaysToExpiry: 12, CommonName: 'shop.example.com' }, { resources });

describe('acm', () => {
  test.each([
    'ACM Certificate Approaching Expiration',
    'ACM Certificate Expired',
    'ACM Certificate Renewal Action Required',
    'ACM Certificate Revoked',
  ])('%s is told', (type) => {
    expect(verdictOf(told(type))).toMatchObject({
      failure: 'certificate-expiring',
      disposition: 'escalate',
      resource: { type: 'certificate', id: arn },
      evidence: { daysToExpiry: '12' },
    });
  });

  test('one that is available is fine', () => {
    expect(verdictOf(told('ACM Certificate Available'))).toMatchObject({
      failure: null,
      disposition: 'ignore',
      resource: { type: 'certificate', id: arn },
    });
    expect(verdictOf(told('ACM Certificate Available', [])).resource).toBeNull();
  });

  test('one without an ARN is malformed', () => {
    expect(readEvent(told('ACM Certificate Expired', ['shop.example.com'])).rejected[0]?.error).toContain('resources');
  });
});
