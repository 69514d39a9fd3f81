import { awaitsRecords, bareName, isRenewed } from '../model/certificate.ts';
import { utc } from '../model/text.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/**
 * ACM has renewed the certificate, or will at one of its next looks, since the records that it waits for stand in their zones. ACM looks
 * within hours, and tells of the certificate again, day by day, as long as it hasn't renewed it.
 * https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html
 */
export const validationRecordStands: HealthCheck = {
  id: 'validation-record-stands',
  sees: ['AWS/CertificateManager DaysToExpiry'],
  check: ({ facts: { certificate, at } }) => {
    if (!certificate) return unknown('ACM finds no such certificate');
    const { domain, status, renewal, expiresAt, records } = certificate;
    if (isRenewed(certificate, at)) return healthy(`ACM has renewed the certificate for ${domain} until ${utc(expiresAt ?? 0)}`);
    if (renewal?.status === 'FAILED') return unhealthy(`the renewal of the certificate for ${domain} has failed`);
    if (!awaitsRecords(certificate)) return unknown(`the certificate for ${domain} is ${status}, renewal ${renewal?.status ?? 'none'}`);
    const gone = records.find(({ state }) => state === 'absent' || state === 'other');
    if (gone)
      return unhealthy(
        `${bareName(gone.name)}, by which ACM validates ${gone.domain}, is ${gone.state === 'absent' ? 'gone' : 'something else'}`,
      );
    if (records.length === 0 || records.some(({ state }) => state === null))
      return unknown(`no zone that the policy names has the records for ${domain}`);
    return healthy(
      `the records by which ACM validates ${domain} stand in their zone; ACM has yet to renew the certificate, which takes hours`,
    );
  },
};
