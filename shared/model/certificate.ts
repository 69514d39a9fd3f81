/** A hosted zone of Route 53 that the policy names. */
type HostedZoneFacts = {
  id: string;
  /** In lower case, without the dot at its end. */
  name: string;
  /** Its name servers. */
  servers: string[];
};

/** The record by which a domain is validated, exactly as ACM names it, and what stands in its place. */
export type ValidationRecordFacts = {
  /** The domain that it validates. */
  domain: string;
  name: string;
  value: string;
  /** The zone with the longest name, of those that the policy names, that the record lies in; null if none. */
  zone: HostedZoneFacts | null;
  /** Whether it stands there; `other`: something else has its name. Null without a zone. */
  state: 'stands' | 'absent' | 'other' | null;
  /** What stands there instead, for people. */
  instead: string | null;
  /** Why it is not known that whoever asks for the record is sent to the zone's name servers; null if that is known. Absent if not looked up. */
  misled?: string | null;
};

/** A certificate of ACM. Times in milliseconds since the epoch. */
export type CertificateFacts = {
  /** Its ARN. */
  id: string;
  tags: Record<string, string>;
  /** Whose it is, as its tags say, for people; null if none does. */
  owner: string | null;
  domain: string;
  /** ACM's own words: `ISSUED`, `EXPIRED`; `AMAZON_ISSUED`, `IMPORTED`; how it is validated, and how its renewal is. */
  status: string;
  kind: string;
  method: string | null;
  renewal: { status: string; reason: string | null } | null;
  expiresAt: number | null;
  /** Whether ACM says that something uses it, or renews it because it was exported. */
  inUse: boolean;
  /** What it is still validated by: records of domains that are pending. */
  records: ValidationRecordFacts[];
};

const dayMs = 24 * 3_600_000;

/** ACM tells of a certificate from so many days before its end on. https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html */
const reportedFrom = 45;

/** Whole days until it expires, at least 0; null if that is not known. */
export const daysLeft = ({ expiresAt }: Pick<CertificateFacts, 'expiresAt'>, now: number): number | null =>
  expiresAt === null ? null : Math.max(0, Math.ceil((expiresAt - now) / dayMs));

/** Whether it is valid for longer than ACM would tell of, with no renewal open. */
export const isRenewed = ({ status, renewal, expiresAt }: CertificateFacts, now: number): boolean =>
  status === 'ISSUED' && expiresAt !== null && expiresAt - now > reportedFrom * dayMs && (renewal === null || renewal.status === 'SUCCESS');

/** Whether ACM waits for records in DNS, to issue or to renew it. */
export const awaitsRecords = ({ status, kind, method, renewal }: CertificateFacts): boolean =>
  kind === 'AMAZON_ISSUED' &&
  method === 'DNS' &&
  (status === 'PENDING_VALIDATION' || (status === 'ISSUED' && renewal?.status === 'PENDING_VALIDATION'));

/** A name as DNS compares it. */
export const bareName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Whether a name lies in a zone. Bare names. */
export const liesIn = (name: string, zone: string): boolean => name.endsWith(`.${zone}`);

/**
 * Only what ACM asks for has this form, so nothing else can ever be written: a name that begins with an underscore, which no host has, and a
 * value at ACM's own domain. https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
 */
const validationName = /^_[a-z0-9]{16,63}(\.[a-z0-9_-]{1,63})+$/;
const validationValue = /^_[a-z0-9]{16,63}(\.[a-z0-9-]{1,63})*\.acm-validations\.aws$/;

/** Records that may be written together, or why a person has to. */
type Restorable = { zone: HostedZoneFacts; records: readonly { name: string; value: string }[] } | { why: string };

/** What may be written for a certificate: exactly the records that ACM names and that are gone, in one zone that the policy names. */
export const toRestore = (certificate: CertificateFacts, zones: readonly string[]): Restorable => {
  if (!awaitsRecords(certificate)) return { why: `ACM does not wait for a record of ${certificate.domain}` };
  const missing = certificate.records.filter(({ state }) => state !== 'stands');
  const [first] = missing;
  if (!first) return { why: `every record that ACM wants for ${certificate.domain} stands in its zone` };
  for (const { domain, name, value, zone, state, instead, misled } of missing) {
    if (!validationName.test(bareName(name)) || !validationValue.test(bareName(value)))
      return { why: `the record for ${domain} does not have the form of one that validates` };
    if (zone === null) return { why: `certificates.zones in the policy names no zone that ${bareName(name)} lies in` };
    if (!zones.includes(zone.id) || !liesIn(bareName(name), zone.name))
      return { why: `${bareName(name)} does not lie in zone ${zone.id}, or the policy does not name that` };
    if (state !== 'absent') return { why: `${bareName(name)} is something else in zone ${zone.name}: ${instead ?? 'unknown'}` };
    if (misled !== null) return { why: misled ?? `whether DNS leads to the name servers of zone ${zone.name} was not looked up` };
    if (zone.id !== first.zone?.id) return { why: `records are gone from more than one zone: ${first.zone?.name} and ${zone.name}` };
  }
  const zone = first.zone as HostedZoneFacts;
  return { zone, records: [...new Map(missing.map(({ name, value }) => [bareName(name), { name, value }])).values()] };
};
