import { describe, expect, test } from '@jest/globals';
import { renewCertificate } from '../../shared/playbooks/renew-certificate.ts';
import { certificate, facts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

describe('renew-certificate', () => {
  test('restores the record once, for a certificate and nothing else', () => {
    expect(stepsFor(renewCertificate, facts({ certificate: certificate() }))).toEqual(['restore-validation-record']);
    expect(stepsFor(renewCertificate, facts())).toEqual([]);
    expect(renewCertificate.ladder).toMatchObject([{ tries: 1 }]);
    expect(renewCertificate.failing).toEqual(renewCertificate.healthy);
  });
});
