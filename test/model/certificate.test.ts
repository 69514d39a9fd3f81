import { describe, expect, test } from '@jest/globals';
import { type CertificateFacts, daysLeft, isRenewed, toRestore, type ValidationRecordFacts } from '../../shared/model/certificate.ts';
import { certificate, noon, validation, wanted } from '../remediation/examples.ts';

const zones = ['Z0SHOP', 'Z0OTHER'];
const day = 24 * 3_600_000;
const of = (...records: Partial<ValidationRecordFacts>[]) => certificate({ records: records.map(validation) });
const other = { id: 'Z0OTHER', name: 'other.example', servers: [] };

describe('what may be written for a certificate', () => {
  test('is exactly the record that ACM names and that is gone, once', () => {
    const zone = validation().zone;
    expect(toRestore(certificate(), zones)).toEqual({ zone, records: [wanted] });
    expect(toRestore(of({}, { domain: '*.shop.example' }, { state: 'stands', name: '_b.shop.example.' }), zones)).toEqual({
      zone,
      records: [wanted],
    });
  });

  test.each<[string, CertificateFacts]>([
    ['a record that stands', of({ state: 'stands' })],
    ['what something else has the name of', of({ state: 'other', instead: 'CNAME elsewhere.example.' })],
    ['a record whose state is not known', of({ state: null })],
    ['a record in no zone that is named', of({ zone: null, state: null })],
    ['a zone that the policy does not name', of({ zone: { id: 'Z0THIRD', name: 'shop.example', servers: [] } })],
    ['a name that does not lie in the zone', of({ zone: other })],
    ['a name that only ends like the zone', of({ zone: { ...other, name: 'hop.example' } })],
    ['a name that a host may have', of({ name: 'www.shop.example.' })],
    ['the name of a policy for mail', of({ name: '_dmarc.shop.example.' })],
    ['a value elsewhere', of({ value: '_0a1b2c3d4e5f60718293a4b5c6d7e8f9.elsewhere.example.' })],
    ['a value that only begins like one of ACM', of({ value: '_0a1b2c3d4e5f60718293a4b5c6d7e8f9.acm-validations.aws.elsewhere.example.' })],
    ['what DNS does not lead to', of({ misled: 'DNS leads elsewhere' })],
    ['what nobody knows whether DNS leads to', certificate({ records: [(({ misled: _, ...rest }) => rest)(validation())] })],
    ['records of two zones', of({}, { zone: other, name: '_393b550374a051ba7cd4d95ec5860517.other.example.' })],
    ['one of two records', of({}, { state: 'other', name: '_493b550374a051ba7cd4d95ec5860517.shop.example.' })],
    ['an imported certificate', certificate({ kind: 'IMPORTED' })],
    ['one that is validated by email', certificate({ method: 'EMAIL' })],
    ['one whose renewal has failed', certificate({ renewal: { status: 'FAILED', reason: 'CAA_ERROR' } })],
    ['one that has expired', certificate({ status: 'EXPIRED' })],
    ['one that is renewed', certificate({ renewal: { status: 'SUCCESS', reason: null } })],
  ])('is never %s', (_, given) => {
    expect(toRestore(given, zones)).toEqual({ why: expect.any(String) });
  });

  test('is nothing where the policy names no zone', () => {
    expect(toRestore(certificate(), [])).toEqual({ why: expect.any(String) });
  });
});

describe('the end of a certificate', () => {
  test('is counted in whole days', () => {
    expect([45 * day, day + 1, day, 1, 0, -day].map((left) => daysLeft({ expiresAt: noon + left }, noon))).toEqual([45, 2, 1, 1, 0, 0]);
    expect(daysLeft({ expiresAt: null }, noon)).toBeNull();
  });

  test('is far away only once ACM has renewed it, and says so', () => {
    const long = { expiresAt: noon + 198 * day };
    expect(isRenewed(certificate({ ...long, renewal: { status: 'SUCCESS', reason: null } }), noon)).toBe(true);
    expect(isRenewed(certificate({ ...long, renewal: null }), noon)).toBe(true);
    expect(isRenewed(certificate(long), noon)).toBe(false);
    expect(isRenewed(certificate({ renewal: null }), noon)).toBe(false);
    expect(isRenewed(certificate({ ...long, renewal: null, status: 'REVOKED' }), noon)).toBe(false);
  });
});
