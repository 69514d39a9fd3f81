import type * as Sdk from '@aws-sdk/client-acm';
import { acmParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { type Certificate, isEligible, statusOf, validationRecord } from './certificate.ts';

const keyAlgorithm = 'RSA_2048';

/** The record comes a moment after the request. */
const hasRecord = (world: World, { createdAt }: Certificate): boolean =>
  world.clock.now() >= createdAt + acmParameters.recordAfterSeconds * 1000;

const validationsOf = (world: World, certificate: Certificate, status: Sdk.DomainStatus): Sdk.DomainValidation[] =>
  certificate.names.map((name) => ({
    DomainName: name,
    ValidationDomain: name.replace(/^\*\./, ''),
    ValidationStatus: status,
    ...(certificate.method === 'EMAIL'
      ? { ValidationMethod: 'EMAIL', ValidationEmails: [`admin@${name}`, `hostmaster@${name}`] }
      : { ValidationMethod: 'DNS', ...(hasRecord(world, certificate) ? { ResourceRecord: validationRecord(world, name) } : {}) }),
  }));

/** As it is described now. https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html */
export const describeCertificate = (world: World, certificate: Certificate): Sdk.CertificateDetail => {
  const { arn, names, type, createdAt, issuedAt, notBefore, notAfter, inUseBy, exported, renewal } = certificate;
  const now = world.clock.now();
  const until = notAfter.now;
  const isPublic = type === 'AMAZON_ISSUED';
  const validation: Sdk.DomainStatus = issuedAt === null ? (certificate.timedOut ? 'FAILED' : 'PENDING_VALIDATION') : 'SUCCESS';
  return {
    CertificateArn: arn,
    DomainName: names[0],
    SubjectAlternativeNames: [...names],
    Status: statusOf(certificate, now),
    Type: type,
    ...(notBefore === null ? {} : { NotBefore: new Date(notBefore) }),
    ...(until === null ? {} : { NotAfter: new Date(until) }),
    InUseBy: [...inUseBy],
    KeyAlgorithm: keyAlgorithm,
    RenewalEligibility: isEligible(certificate, now) ? 'ELIGIBLE' : 'INELIGIBLE',
    ...(type === 'IMPORTED' ? { ImportedAt: new Date(issuedAt ?? createdAt) } : { CreatedAt: new Date(createdAt) }),
    ...(type === 'IMPORTED' || issuedAt === null ? {} : { IssuedAt: new Date(issuedAt) }),
    ...(isPublic ? { DomainValidationOptions: validationsOf(world, certificate, validation) } : {}),
    ...(certificate.authorityArn === null ? {} : { CertificateAuthorityArn: certificate.authorityArn }),
    ...(type === 'PRIVATE' ? { Options: { Export: exported ? 'ENABLED' : 'DISABLED' } } : {}),
    ...(renewal && {
      RenewalSummary: {
        RenewalStatus: renewal.status,
        DomainValidationOptions: validationsOf(
          world,
          certificate,
          renewal.status === 'PENDING_VALIDATION' ? 'PENDING_VALIDATION' : renewal.status === 'FAILED' ? 'FAILED' : 'SUCCESS',
        ),
        ...(renewal.reason === undefined ? {} : { RenewalStatusReason: renewal.reason }),
        UpdatedAt: new Date(renewal.updatedAt),
      },
    }),
  };
};

export const summaryOf = (world: World, certificate: Certificate): Sdk.CertificateSummary => {
  const {
    DomainValidationOptions: _,
    RenewalSummary: __,
    InUseBy = [],
    SubjectAlternativeNames,
    ...detail
  } = describeCertificate(world, certificate);
  const {
    CertificateArn,
    DomainName,
    Status,
    Type,
    KeyAlgorithm,
    RenewalEligibility,
    NotBefore,
    NotAfter,
    CreatedAt,
    IssuedAt,
    ImportedAt,
  } = detail;
  return {
    ...{ CertificateArn, DomainName, Status, Type, KeyAlgorithm, RenewalEligibility, NotBefore, NotAfter, CreatedAt, IssuedAt, ImportedAt },
    SubjectAlternativeNameSummaries: SubjectAlternativeNames,
    HasAdditionalSubjectAlternativeNames: false,
    InUse: InUseBy.length > 0,
    Exported: certificate.exported,
  };
};
