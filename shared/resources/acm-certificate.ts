import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { utc } from '../model/text.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Formats a date as `2026-12-05`. */
const dayOf = (at: Date): string => utc(at.getTime()).slice(0, 10);

/**
 * An ACM certificate: its renewal, what uses it, and domains without validation.
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
 */
export const acmCertificate: ResourceKind = {
  id: 'acm-certificate',
  types: ['certificate'],
  noun: 'certificate',
  permissions: ['acm:DescribeCertificate'],
  notFound: ['ResourceNotFound'],
  is: ({ resource }) => /^arn:[^:]+:acm:/.test(resource.id),
  // By its ARN, as in its calls: assumed.
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }) => {
    const { Certificate: found } = await clients.of(ACMClient).send(new DescribeCertificateCommand({ CertificateArn: id }));
    if (!found) return null;
    const { Status = 'unknown', Type, DomainName, NotAfter, InUseBy = [], RenewalSummary, RenewalEligibility, FailureReason } = found;
    const since = Status === 'EXPIRED' ? NotAfter : (found.IssuedAt ?? found.ImportedAt);
    const facts = [`for ${DomainName}`];
    if (NotAfter) facts.push(`${Status === 'EXPIRED' ? 'expired' : 'expires'} ${dayOf(NotAfter)}`);
    const [first, ...more] = InUseBy;
    facts.push(first === undefined ? 'not in use' : `in use by ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`);
    if (RenewalSummary) {
      const { RenewalStatus, RenewalStatusReason, UpdatedAt } = RenewalSummary;
      const why = RenewalStatusReason ? ` (${RenewalStatusReason})` : '';
      facts.push(`renewal ${RenewalStatus}${why}${UpdatedAt ? ` since ${dayOf(UpdatedAt)}` : ''}`);
    } else facts.push(Type === 'IMPORTED' ? 'imported, so AWS never renews it' : `renewal ${RenewalEligibility ?? 'unknown'}`);
    const domains = RenewalSummary?.DomainValidationOptions ?? found.DomainValidationOptions ?? [];
    for (const { DomainName: domain, ValidationStatus, ResourceRecord } of domains)
      if (ValidationStatus && ValidationStatus !== 'SUCCESS')
        facts.push(`validation of ${domain} ${ValidationStatus}${ResourceRecord ? `, record ${ResourceRecord.Name}` : ''}`);
    if (FailureReason) facts.push(FailureReason);
    return { state: Status, since: since?.getTime() ?? null, createdAt: found.CreatedAt?.getTime() ?? null, changed: null, facts };
  },
};
