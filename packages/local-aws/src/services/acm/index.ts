import type * as Sdk from '@aws-sdk/client-acm';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';

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

export type Acm = { service: Service; place(placed: PlacedCertificate): void };

/** Certificates as they are described. https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html */
export const createAcm = (world: World): Acm => {
  const certificates = new Map<string, PlacedCertificate>();

  const validationOf = ({ domain }: PlacedCertificate, status: Sdk.DomainStatus): Sdk.DomainValidation => ({
    DomainName: domain,
    ValidationDomain: domain,
    ValidationMethod: 'DNS',
    ValidationStatus: status,
    ResourceRecord: { Name: `_0123456789abcdef.${domain}.`, Type: 'CNAME', Value: '_fedcba9876543210.acm-validations.aws.' },
  });

  const describe = (placed: PlacedCertificate): Sdk.CertificateDetail => {
    const { arn, domain, issuedAt, notAfter = issuedAt + validity, type = 'AMAZON_ISSUED', inUseBy = [], renewal } = placed;
    const issued = type === 'AMAZON_ISSUED';
    return {
      CertificateArn: arn,
      DomainName: domain,
      SubjectAlternativeNames: [domain],
      Status: notAfter <= world.clock.now() ? 'EXPIRED' : 'ISSUED',
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

  return {
    place: (placed) => {
      if (!certificates.has(placed.arn)) certificates.set(placed.arn, placed);
    },
    service: {
      signingName: 'acm',
      protocols: ['json'],
      targetPrefix: 'CertificateManager',
      operations: {
        DescribeCertificate: operation<Sdk.DescribeCertificateCommandInput, Sdk.DescribeCertificateCommandOutput>(
          () => sdk.acm().DescribeCertificate$,
          ({ CertificateArn: arn = '' }) => {
            if (!/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn))
              throw new AwsError('InvalidArnException', `The provided ARN is not valid: ${arn.slice(0, 100)}`);
            const found = certificates.get(arn);
            if (!found) throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
            return { Certificate: describe(found) };
          },
        ),
      },
    },
  };
};
