import { ACMClient, type CertificateDetail, DescribeCertificateCommand, ListTagsForCertificateCommand } from '@aws-sdk/client-acm';
import { GetHostedZoneCommand, ListResourceRecordSetsCommand, type ResourceRecordSet, Route53Client } from '@aws-sdk/client-route-53';
import type { Clients } from '../aws/clients.ts';
import { bareName, type CertificateFacts, liesIn, type ValidationRecordFacts } from '../model/certificate.ts';
import { isNamed } from '../model/errors.ts';
import { tagMap } from '../model/tags.ts';
import { utc } from '../model/text.ts';
import { DescribeLagError } from './describe-lag.ts';
import type { ResourceKind, TreatedLook } from './resource-kind.ts';

/** IAM actions of the look at a certificate. */
export const certificatePermissions = ['acm:DescribeCertificate', 'acm:ListTagsForCertificate'] as const;

/** IAM actions of the look at the zones that the policy names: packaging grants them only where it names some. */
export const zoneLookPermissions = ['route53:GetHostedZone', 'route53:ListResourceRecordSets'] as const;

/** Tags by which people say whose something is. */
const ownerKey = /^(owner|team|contact)$/i;

const ownerIn = (tags: CertificateFacts['tags']): string | null => {
  const own = Object.entries(tags).filter(([key]) => ownerKey.test(key));
  return own.length === 0
    ? null
    : own
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')
        .slice(0, 200);
};

type NamedZone = NonNullable<ValidationRecordFacts['zone']>;

/** The public zones that the policy names. */
const zonesOf = async (clients: Clients, ids: readonly string[]): Promise<NamedZone[]> => {
  const route53 = clients.of(Route53Client);
  const found = await Promise.all(ids.map((Id) => route53.send(new GetHostedZoneCommand({ Id }))));
  return found.flatMap(({ HostedZone, DelegationSet }, i) => {
    if (!HostedZone?.Name) throw new DescribeLagError(`Route 53 returned an empty result for zone ${ids[i]}`);
    if (HostedZone.Config?.PrivateZone) return [];
    return [{ id: ids[i] as string, name: bareName(HostedZone.Name), servers: DelegationSet?.NameServers ?? [] }];
  });
};

const describeRecord = ({ Type, TTL, ResourceRecords = [], AliasTarget, SetIdentifier }: ResourceRecordSet): string => {
  const to = AliasTarget ? `an alias of ${AliasTarget.DNSName}` : ResourceRecords.map(({ Value }) => Value).join(', ');
  return `${Type} ${to}${SetIdentifier === undefined ? '' : ` (${SetIdentifier})`}${TTL === undefined ? '' : `, ${TTL} s`}`;
};

/** What stands under the name of a record in its zone. */
const readRecord = async (
  clients: Clients,
  { name, value, zone }: Pick<ValidationRecordFacts, 'name' | 'value'> & { zone: NamedZone },
): Promise<Pick<ValidationRecordFacts, 'state' | 'instead'>> => {
  const asked = new ListResourceRecordSetsCommand({ HostedZoneId: zone.id, StartRecordName: name, MaxItems: 10 });
  const { ResourceRecordSets } = await clients.of(Route53Client).send(asked);
  if (!ResourceRecordSets) throw new DescribeLagError(`Route 53 returned no records of zone ${zone.id}`);
  const own = ResourceRecordSets.filter((one) => bareName(one.Name ?? '') === bareName(name));
  const [first] = own;
  if (!first) return { state: 'absent', instead: null };
  const { Type, ResourceRecords = [], SetIdentifier } = first;
  const isIt =
    own.length === 1 &&
    Type === 'CNAME' &&
    SetIdentifier === undefined &&
    ResourceRecords.length === 1 &&
    bareName(ResourceRecords[0]?.Value ?? '') === bareName(value);
  return isIt ? { state: 'stands', instead: null } : { state: 'other', instead: own.map(describeRecord).join('; ').slice(0, 300) };
};

/** The records that pending domains are validated by, each in the zone with the longest name that it lies in. */
const recordsOf = async (clients: Clients, found: CertificateDetail, ids: readonly string[]): Promise<ValidationRecordFacts[]> => {
  const domains = found.RenewalSummary?.DomainValidationOptions ?? found.DomainValidationOptions ?? [];
  const pending = domains.flatMap(({ DomainName: domain = '', ValidationStatus, ResourceRecord }) =>
    ValidationStatus !== 'SUCCESS' && ResourceRecord?.Type === 'CNAME' && ResourceRecord.Name && ResourceRecord.Value
      ? [{ domain, name: ResourceRecord.Name, value: ResourceRecord.Value }]
      : [],
  );
  if (pending.length === 0) return [];
  const zones = await zonesOf(clients, ids);
  return Promise.all(
    pending.map(async (record) => {
      const [zone = null] = zones
        .filter(({ name }) => liesIn(bareName(record.name), name))
        .toSorted((a, b) => b.name.length - a.name.length);
      const none = { ...record, zone: null, state: null, instead: null };
      return zone === null ? none : { ...record, zone, ...(await readRecord(clients, { ...record, zone })) };
    }),
  );
};

/**
 * Reads what decides about a certificate; null if ACM has none with that ARN.
 * @throws whatever the SDK throws
 */
export const describeCertificate: TreatedLook = async (clients, { incident, policy }) => {
  const { id } = incident.resource;
  const acm = clients.of(ACMClient);
  const tagsOf = async (): Promise<CertificateFacts['tags']> =>
    tagMap((await acm.send(new ListTagsForCertificateCommand({ CertificateArn: id }))).Tags);
  try {
    const [{ Certificate: found }, tags] = await Promise.all([acm.send(new DescribeCertificateCommand({ CertificateArn: id })), tagsOf()]);
    if (!found) throw new DescribeLagError(`ACM returned an empty result for ${id}`);
    const { RenewalSummary, InUseBy = [], RenewalEligibility, Options } = found;
    const domains = RenewalSummary?.DomainValidationOptions ?? found.DomainValidationOptions ?? [];
    return {
      certificate: {
        id,
        tags,
        owner: ownerIn(tags),
        domain: found.DomainName ?? 'unknown',
        status: found.Status ?? 'unknown',
        kind: found.Type ?? 'unknown',
        method: domains[0]?.ValidationMethod ?? null,
        renewal: RenewalSummary
          ? { status: RenewalSummary.RenewalStatus ?? 'unknown', reason: RenewalSummary.RenewalStatusReason ?? null }
          : null,
        expiresAt: found.NotAfter?.getTime() ?? null,
        inUse: InUseBy.length > 0 || RenewalEligibility === 'ELIGIBLE' || Options?.Export === 'ENABLED',
        records: await recordsOf(clients, found, policy.certificates.zones),
      },
    };
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return { certificate: null };
    throw error;
  }
};

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
