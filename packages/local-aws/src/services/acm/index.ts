import type { FailureReason } from '@aws-sdk/client-acm';
import { acmParameters } from '../../core/model-parameters.ts';
import type { MetricSource, ServedMetric } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { type Certificate, newCertificate, type PlacedCertificate, validationRecord } from './model/certificate.ts';
import { createLifecycle, type Resolve } from './model/lifecycle.ts';
import { certificateOperations } from './operations.ts';

export type Acm = {
  service: Service;
  /** The same ARN again changes nothing. */
  place(placed: PlacedCertificate): void;
  /** What has a certificate in use from now on. Throws a RangeError for one that doesn't exist, as the faults do. */
  use(arn: string, by: readonly string[]): void;
  /** Certificates with their tags, and the records by which they are validated, or would be. */
  list(): { arn: string; tags: ReadonlyMap<string, string>; records: ReturnType<Acm['validationRecord']>[] }[];
  /** The record by which this account shows that a domain is its own. */
  validationRecord(domain: string): { Name: string; Type: 'CNAME'; Value: string };
  /** Keeps a certificate from being renewed, for this reason; returns what ends that. */
  blockRenewal(arn: string, reason: FailureReason): () => void;
  /** Namespace `AWS/CertificateManager`. */
  metrics: MetricSource;
  listMetrics(): Iterable<ServedMetric>;
};

const day = 24 * 3_600_000;

/** Certificate Manager. `resolve` is what it sees of DNS. https://docs.aws.amazon.com/acm/latest/APIReference/ */
export const createAcm = (world: World, resolve: Resolve): Acm => {
  const all = new Map<string, Certificate>();
  const lifecycle = createLifecycle(world, resolve);
  const metricEvery = acmParameters.metricEveryHours * 3_600_000;

  const expect = (arn: string): Certificate => {
    const certificate = all.get(arn);
    if (!certificate) throw new RangeError(`There is no certificate ${arn}`);
    return certificate;
  };

  const place = (placed: PlacedCertificate): void => {
    const {
      arn,
      domain,
      names = [],
      issuedAt,
      lives = false,
      notAfter = issuedAt + acmParameters.validity * day,
      renewal,
      ...rest
    } = placed;
    if (all.has(arn)) return;
    const { type = 'AMAZON_ISSUED', method, inUseBy, exported, tags = {} } = rest;
    const certificate = newCertificate(
      {
        ...{ arn, names: [domain, ...names], type, createdAt: issuedAt, issuedAt, notBefore: issuedAt },
        tags: new Map(Object.entries(tags)),
        ...(method === undefined ? {} : { method }),
        ...(inUseBy === undefined ? {} : { inUseBy }),
        ...(exported === undefined ? {} : { exported }),
        ...(renewal === undefined ? {} : { renewal }),
      },
      notAfter,
    );
    all.set(arn, certificate);
    if (lives) lifecycle.watch(certificate);
  };

  return {
    place,
    use: (arn, by) => {
      expect(arn).inUseBy = by;
    },
    list: () =>
      [...all.values()].map(({ arn, tags, names }) => ({ arn, tags, records: names.map((name) => validationRecord(world, name)) })),
    validationRecord: (domain) => validationRecord(world, domain),
    blockRenewal: (arn, reason) => {
      const certificate = expect(arn);
      certificate.blocked = reason;
      return () => {
        certificate.blocked = null;
      };
    },
    metrics: (metric, { CertificateArn = '', ...others }, at) => {
      if (metric !== 'DaysToExpiry' || Object.keys(others).length > 0 || Math.floor((at - 1) / 60_000) % (metricEvery / 60_000) !== 0)
        return undefined;
      const notAfter = all.get(CertificateArn)?.notAfter.at(at - 1);
      return notAfter === undefined || notAfter === null || notAfter <= at ? undefined : Math.floor((notAfter - at) / day);
    },
    *listMetrics() {
      const now = world.clock.now();
      for (const { arn: CertificateArn, notAfter } of all.values())
        if (notAfter.now !== null)
          yield {
            namespace: 'AWS/CertificateManager',
            name: 'DaysToExpiry',
            dimensions: { CertificateArn },
            latest: Math.min(now, notAfter.now),
          };
    },
    service: {
      signingName: 'acm',
      protocols: ['json'],
      targetPrefix: 'CertificateManager',
      missingParameter: 'ValidationException',
      operations: certificateOperations(world, { all, lifecycle }),
    },
  };
};
