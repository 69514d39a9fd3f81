import type * as Sdk from '@aws-sdk/client-acm';

const day = 24 * 3_600_000;
/** How long a certificate of AWS's is valid: assumed. */
const validity = 198 * day;

/** A certificate as a world has it. Times in milliseconds since the epoch. */
export type PlacedCertificate = {
  arn: string;
  domain: string;
  issuedAt: number;
  notAfter?: number;
  type?: 'AMAZON_ISSUED' | 'IMPORTED';
  inUseBy?: readonly string[];
  renewal?: { status: Sdk.RenewalStatus; reason?: Sdk.FailureReason; updatedAt: number };
};

const validationOf = ({ domain }: PlacedCertificate, status: Sdk.DomainStatus): Sdk.DomainValidation => ({
  DomainName: domain,
  ValidationDomain: domain,
  ValidationMethod: 'DNS',
  ValidationStatus: status,
  ResourceRecord: { Name: `_0123456789abcdef.${domain}.`, Type: 'CNAME', Value: '_fedcba9876543210.acm-validations.aws.' },
});

/** As it is described at a time. */
export const describeCertificate = (placed: PlacedCertificate, now: number): Sdk.CertificateDetail => {
  const { arn, domain, issuedAt, notAfter = issuedAt + validity, type = 'AMAZON_ISSUED', inUseBy = [], renewal } = placed;
  const issued = type === 'AMAZON_ISSUED';
  return {
    CertificateArn: arn,
    DomainName: domain,
    SubjectAlternativeNames: [domain],
    Status: notAfter <= now ? 'EXPIRED' : 'ISSUED',
    Type: type,
    NotBefore: new Date(issuedAt),
    NotAfter: new Date(notAfter),
    InUseBy: [...inUseBy],
    KeyAlgorithm: 'RSA_2048',
    ...(issued
      ? {
          CreatedAt: new Date(issuedAt),
          IssuedAt: new Date(issuedAt),
          RenewalEligibility: inUseBy.length > 0 ? 'ELIGIBLE' : 'INELIGIBLE',
          DomainValidationOptions: [validationOf(placed, 'SUCCESS')],
        }
      : { ImportedAt: new Date(issuedAt), RenewalEligibility: 'INELIGIBLE' }),
    ...(renewal && {
      RenewalSummary: {
        RenewalStatus: renewal.status,
        DomainValidationOptions: [validationOf(placed, renewal.status === 'PENDING_VALIDATION' ? 'PENDING_VALIDATION' : 'SUCCESS')],
        ...(renewal.reason === undefined ? {} : { RenewalStatusReason: renewal.reason }),
        UpdatedAt: new Date(renewal.updatedAt),
      },
    }),
  };
};

export const createCertificates = () => {
  const certificates = new Map<string, PlacedCertificate>();
  return {
    /** Puts a certificate there; the same ARN again changes nothing. */
    place: (placed: PlacedCertificate): void => {
      if (!certificates.has(placed.arn)) certificates.set(placed.arn, placed);
    },
    get: (arn: string): PlacedCertificate | undefined => certificates.get(arn),
  };
};
export type Certificates = ReturnType<typeof createCertificates>;
