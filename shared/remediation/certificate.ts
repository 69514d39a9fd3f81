import { brief } from '../model/backoff.ts';
import { awaitsRecords, type CertificateFacts, daysLeft, isRenewed } from '../model/certificate.ts';
import { hourMs, hours } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { isResolved } from '../model/status.ts';
import { utc } from '../model/text.ts';
import type { Treatment, TreatmentResult } from './treatment-context.ts';

/** People hear of a certificate when this many days are left, and not once more before the next. */
const stages = [1, 3, 7, 14, 30] as const;

/** Longer than a day, since ACM tells once a day, and shorter than an episode is kept; in milliseconds. */
const quietMs = 47 * hourMs;

const stageAt = (days: number): string => {
  const stage = stages.find((one) => days <= one);
  return stage === undefined ? 'weeks left' : `${stage} d left`;
};

const ending = ({ expiresAt }: CertificateFacts, now: number): string => {
  const left = daysLeft({ expiresAt }, now);
  if (expiresAt === null || left === null) return 'when it expires is not known';
  return left === 0
    ? `it expired on ${utc(expiresAt).slice(0, 10)}`
    : `${left} ${left === 1 ? 'day is' : 'days are'} left, until ${utc(expiresAt).slice(0, 10)}`;
};

/** ACM looks for the records that it asks for "within several hours"; assumed. In seconds. */
export const patienceWithAcm = hours(6);

/** Whether nothing is left to do but ACM's own look. */
export const awaitsAcm = ({ failure }: Incident, { certificate }: ResourceSnapshot): boolean =>
  failure === 'certificate-expiring' &&
  certificate != null &&
  certificate.inUse &&
  awaitsRecords(certificate) &&
  certificate.records.length > 0 &&
  certificate.records.every(({ state }) => state === 'stands');

/** What the look says of a certificate that no record can help; null if one may, or if nothing was looked at. */
export const settleCertificate = ({ failure, reason }: Incident, { certificate, at }: ResourceSnapshot): TreatmentResult | null => {
  if (failure !== 'certificate-expiring' || !certificate) return null;
  const { domain, status, kind, method, renewal, inUse, records } = certificate;
  const escalated = (why: string): TreatmentResult => ({
    status: 'escalated',
    verified: false,
    reason: `${reason}; ${ending(certificate, at)}; no action: ${why}`,
  });
  if (isRenewed(certificate, at))
    return {
      status: 'healed-itself',
      verified: true,
      reason: `no action was needed: it has been renewed, ${ending(certificate, at)}`,
      quiet: true,
    };
  if (!inUse && status !== 'PENDING_VALIDATION')
    return {
      status: 'held',
      verified: false,
      reason: `nothing uses the certificate for ${domain}, so ACM does not renew it; ${ending(certificate, at)}`,
      quiet: true,
      severity: 'low',
    };
  if (kind === 'IMPORTED')
    return escalated(`it was imported, so its owner has to import the next one: ${certificate.owner ?? 'no tag names its owner'}`);
  if (method === 'EMAIL') return escalated('it is validated by email, which a person has to answer');
  if (!awaitsRecords(certificate))
    return escalated(`it is ${status}, renewal ${renewal?.status ?? 'none'}${renewal?.reason ? ` (${renewal.reason})` : ''}`);
  if (records.length > 0 && records.every(({ state }) => state === 'stands')) {
    const misled = records.flatMap(({ misled: why }) => why ?? []);
    const stand = 'the records that ACM asks for stand in their zone, and it has not renewed the certificate yet';
    return escalated([stand, ...new Set(misled)].join('; '));
  }
  return null;
};

/**
 * ACM tells of a certificate every day, and all of that is one matter: the first incident is news, and then the first of each stage towards
 * its end, and one that did something. The others end quietly.
 */
export const oncePerStage = async (
  { incident, journal, observer, didAct, deps: { ledger } }: Treatment,
  result: TreatmentResult,
): Promise<TreatmentResult> => {
  const about = incident();
  const { certificate = null } = observer.last() ?? {};
  if (about.failure !== 'certificate-expiring' || about.alarm !== null || result.quiet || isResolved(result.status)) return result;
  const given = Number(about.evidence.daysToExpiry);
  const days = (certificate && daysLeft(certificate, journal.now())) ?? (Number.isFinite(given) ? given : null);
  if (days === null) return result;
  const matter = `${about.failure} of certificate ${about.resource.id}`;
  const join = async (what: string): Promise<string | null> => {
    const { value } = await journal.persist(
      'episode',
      async (at) => (await ledger.joinEpisode(about, what, about.key, at, quietMs)).opener,
      brief,
    );
    return value.ok ? value.value : null;
  };
  const opener = await join(matter);
  const first = await join(`${matter}, ${stageAt(days)}`);
  // Without the ledger each incident reports for itself.
  if (opener === null || first === null || opener === about.key) return result;
  const reason = `${result.reason}; it is part of incident ${opener}`;
  return first === about.key || didAct() ? { ...result, reason } : { ...result, reason, quiet: true };
};
