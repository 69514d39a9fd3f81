import type * as Sdk from '@aws-sdk/client-acm';
import { acmParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { type Certificate, isEligible, statusOf, validationRecord } from './certificate.ts';

const day = 24 * 3_600_000;

/** What a resolver on the internet is told. */
export type Resolve = (name: string, type: string) => string[] | undefined;

const iso = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** What becomes of certificates: validated, renewed, expired, and told of by events on the way. */
export const createLifecycle = (world: World, resolve: Resolve) => {
  const { clock } = world;
  const { validity, expiryEvents, actionRequired, renewalStarts, checkSeconds, pendingAfterSeconds, validationHours } = acmParameters;

  const daysLeft = ({ notAfter }: Certificate): number => Math.ceil(((notAfter.now ?? 0) - clock.now()) / day);

  /** https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html */
  const tell = (certificate: Certificate, what: string, detail: Record<string, unknown>): void =>
    world.putEvent({ source: 'aws.acm', detailType: `ACM Certificate ${what}`, resources: [certificate.arn], detail });

  const common = ({ type, names, method, inUseBy, exported }: Certificate) => ({
    CertificateType: type,
    CommonName: names[0],
    ...(method === null ? {} : { DomainValidationMethod: method }),
    InUse: inUseBy.length > 0,
    Exported: exported,
  });

  const validates = ({ names, method }: Certificate): boolean =>
    method !== 'EMAIL' &&
    names.every((name) => {
      const { Name, Value } = validationRecord(world, name);
      return resolve(Name, 'CNAME')?.includes(Value) ?? false;
    });

  const renewalIs = (certificate: Certificate, status: Sdk.RenewalStatus, reason?: Sdk.FailureReason): void => {
    if (certificate.renewal?.status === status && certificate.renewal.reason === reason) return;
    certificate.renewal = { status, reason, updatedAt: clock.now() };
  };

  /** It is valid from now on. */
  const issue = (certificate: Certificate, action: 'ISSUANCE' | 'RENEWAL'): void => {
    const now = clock.now();
    certificate.issuedAt = now;
    certificate.notBefore = now;
    certificate.notAfter.set(now, now + validity * day);
    tell(certificate, 'Available', {
      Action: action,
      ...common(certificate),
      CertificateCreatedDate: iso(now),
      CertificateExpirationDate: iso(now + validity * day),
      DaysToExpiry: validity,
    });
    watch(certificate);
  };

  const isStill = (certificate: Certificate, notAfter: number) => certificate.notAfter.now === notAfter;

  /** A first look is taken for a passing trouble of DNS. */
  const pendingStatus = ({ renewal }: Certificate): 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' => {
    if (renewal === null || renewal.status === 'SUCCESS') return 'PENDING_AUTO_RENEWAL';
    const isFresh = renewal.status === 'PENDING_AUTO_RENEWAL' && clock.now() < renewal.updatedAt + pendingAfterSeconds * 1000;
    return isFresh ? 'PENDING_AUTO_RENEWAL' : 'PENDING_VALIDATION';
  };

  /** ACM looks again and again whether it may renew; whoever restores a record waits for the next look. */
  const renew = (certificate: Certificate, notAfter: number): void => {
    if (!isStill(certificate, notAfter) || clock.now() >= notAfter) return;
    if (isEligible(certificate, clock.now())) {
      if (certificate.blocked) renewalIs(certificate, 'FAILED', certificate.blocked);
      else if (certificate.type === 'PRIVATE' || validates(certificate)) {
        renewalIs(certificate, 'SUCCESS');
        issue(certificate, 'RENEWAL');
        return;
      } else renewalIs(certificate, pendingStatus(certificate));
    }
    clock.after(checkSeconds.renewal * 1000, () => renew(certificate, notAfter));
  };

  const askForAction = (certificate: Certificate): void => {
    const { renewal, notAfter } = certificate;
    if (renewal?.status !== 'PENDING_VALIDATION' && renewal?.status !== 'FAILED') return;
    tell(certificate, 'Renewal Action Required', {
      ...common(certificate),
      RenewalStatusReason: renewal.reason ?? 'PENDING_DOMAIN_VALIDATION',
      DaysToExpiry: daysLeft(certificate),
      CertificateExpirationDate: iso(notAfter.now ?? 0),
    });
  };

  const expire = (certificate: Certificate): void => {
    if (certificate.type === 'IMPORTED') return;
    if (certificate.renewal && certificate.renewal.status !== 'SUCCESS') renewalIs(certificate, 'FAILED', certificate.renewal.reason);
    tell(certificate, 'Expired', {
      ...common(certificate),
      CertificateCreatedDate: iso(certificate.issuedAt ?? certificate.createdAt),
      CertificateExpirationDate: iso(clock.now()),
    });
  };

  /** Lets all happen that happens before it expires, from now on. */
  const watch = (certificate: Certificate): void => {
    const notAfter = certificate.notAfter.now ?? 0;
    const at = (time: number, run: () => void) => {
      if (time >= clock.now())
        clock.at(time, () => {
          if (isStill(certificate, notAfter)) run();
        });
    };
    if (certificate.type !== 'IMPORTED') {
      clock.at(Math.max(clock.now(), notAfter - renewalStarts * day), () => renew(certificate, notAfter));
      // A moment later than the look of that time.
      for (const days of actionRequired) at(notAfter - days * day + 1000, () => askForAction(certificate));
    }
    for (let days = expiryEvents; days > 0; days--)
      at(notAfter - days * day, () =>
        tell(certificate, 'Approaching Expiration', { DaysToExpiry: daysLeft(certificate), CommonName: certificate.names[0] }),
      );
    at(notAfter, () => expire(certificate));
  };

  /** Issues a new one once its domains are validated, or gives up: "within 72 hours". */
  const validate = (certificate: Certificate): void => {
    if (statusOf(certificate, clock.now()) !== 'PENDING_VALIDATION') return;
    if (certificate.type === 'PRIVATE' || validates(certificate)) issue(certificate, 'ISSUANCE');
    else if (clock.now() >= certificate.createdAt + validationHours * 3_600_000) certificate.timedOut = true;
    else clock.after(checkSeconds.issuance * 1000, () => validate(certificate));
  };

  return { watch, validate, issue };
};

export type Lifecycle = ReturnType<typeof createLifecycle>;
