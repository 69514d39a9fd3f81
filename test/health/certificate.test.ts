import { describe, expect, test } from '@jest/globals';
import { validationRecordStands } from '../../shared/health/certificate.ts';
import type { CertificateFacts } from '../../shared/model/certificate.ts';
import { certificate, facts, incident, noon, validation } from '../remediation/examples.ts';

const day = 24 * 3_600_000;
const health = (seen: CertificateFacts | null) => {
  const looked = facts({ at: noon, certificate: seen });
  return validationRecordStands.check({ facts: looked, incident: incident(), before: looked });
};

describe('validation-record-stands', () => {
  test.each<[string, CertificateFacts | null, string]>([
    ['its record is gone', certificate(), 'unhealthy'],
    ['something else is there', certificate({ records: [validation({ state: 'other' })] }), 'unhealthy'],
    ['one of two is gone', certificate({ records: [validation({ state: 'stands' }), validation()] }), 'unhealthy'],
    ['its renewal has failed', certificate({ renewal: { status: 'FAILED', reason: null }, records: [] }), 'unhealthy'],
    ['its record stands', certificate({ records: [validation({ state: 'stands' })] }), 'healthy'],
    ['it is renewed', certificate({ renewal: { status: 'SUCCESS', reason: null }, expiresAt: noon + 190 * day, records: [] }), 'healthy'],
    ['its records lie in no zone that is named', certificate({ records: [validation({ zone: null, state: null })] }), 'unknown'],
    ['ACM names no record', certificate({ records: [] }), 'unknown'],
    ['it has expired', certificate({ status: 'EXPIRED' }), 'unknown'],
    ['there is none', null, 'unknown'],
  ])('where %s', (_, seen, state) => {
    expect(health(seen).state).toBe(state);
  });

  test('does not claim a renewal that has yet to come', () => {
    expect(health(certificate({ records: [validation({ state: 'stands' })] })).because).toContain('ACM has yet to renew');
  });
});
