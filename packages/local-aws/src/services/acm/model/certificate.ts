import type * as Sdk from '@aws-sdk/client-acm';
import type { World } from '../../../core/world.ts';
import { Timeline } from '../../ec2/model/timeline.ts';

/** A certificate as a world is given it. Times in milliseconds since the epoch. */
export type PlacedCertificate = {
  arn: string;
  domain: string;
  names?: readonly string[];
  issuedAt: number;
  notAfter?: number;
  type?: 'AMAZON_ISSUED' | 'IMPORTED' | 'PRIVATE';
  method?: 'DNS' | 'EMAIL';
  inUseBy?: readonly string[];
  exported?: boolean;
  tags?: Readonly<Record<string, string>>;
  renewal?: { status: Sdk.RenewalStatus; reason?: Sdk.FailureReason; updatedAt: number };
  /** Whether it is renewed, expires and is told of by events; it stays as it is where this is left out. */
  lives?: boolean;
};

export type Renewal = { readonly status: Sdk.RenewalStatus; readonly reason?: Sdk.FailureReason | undefined; readonly updatedAt: number };

export type Certificate = {
  readonly arn: string;
  /** The first one is its domain name. */
  readonly names: readonly string[];
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED' | 'PRIVATE';
  readonly method: 'DNS' | 'EMAIL' | null;
  readonly authorityArn: string | null;
  readonly createdAt: number;
  issuedAt: number | null;
  /** Until when it is valid; null before it is issued. */
  readonly notAfter: Timeline<number | null>;
  notBefore: number | null;
  timedOut: boolean;
  inUseBy: readonly string[];
  exported: boolean;
  tags: ReadonlyMap<string, string>;
  renewal: Renewal | null;
  /** What keeps it from being renewed, as long as somebody says so. */
  blocked: Sdk.FailureReason | null;
};

export const newCertificate = (
  known: Pick<Certificate, 'arn' | 'names' | 'type' | 'createdAt'> & Partial<Certificate>,
  notAfter: number | null,
): Certificate => ({
  method: known.type === 'AMAZON_ISSUED' ? 'DNS' : null,
  authorityArn: null,
  issuedAt: null,
  notBefore: null,
  timedOut: false,
  inUseBy: [],
  exported: false,
  tags: new Map(),
  renewal: null,
  blocked: null,
  ...known,
  notAfter: new Timeline(known.createdAt, notAfter),
});

export const statusOf = ({ issuedAt, notAfter, timedOut }: Certificate, now: number): Sdk.CertificateStatus => {
  if (issuedAt === null) return timedOut ? 'VALIDATION_TIMED_OUT' : 'PENDING_VALIDATION';
  return (notAfter.now ?? 0) <= now ? 'EXPIRED' : 'ISSUED';
};

/** https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html */
export const isEligible = (certificate: Certificate, now: number): boolean =>
  certificate.type !== 'IMPORTED' &&
  (certificate.inUseBy.length > 0 || certificate.exported) &&
  certificate.issuedAt !== null &&
  (certificate.notAfter.now ?? 0) > now;

/** A wildcard is validated as the domain that it stands below. */
const validationDomain = (name: string): string => name.replace(/^\*\./, '');

/** The CNAME by which an account proves that a domain is its own: the same for all of its certificates. */
export const validationRecord = (world: World, name: string): { Name: string; Type: 'CNAME'; Value: string } => {
  const domain = validationDomain(name);
  const random = world.random.fork(`acm ${domain}`);
  const letters = random.hex(10).replace(/\d/g, (digit) => 'klmnopqrst'[Number(digit)] as string);
  return { Name: `_${random.hex(32)}.${domain}.`, Type: 'CNAME', Value: `_${random.hex(32)}.${letters}.acm-validations.aws.` };
};
