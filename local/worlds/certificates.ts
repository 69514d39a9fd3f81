import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import * as z from 'zod';
import { dayMs, duration, hourMs } from '../../shared/model/duration.ts';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { name } from './values.ts';

export const domain = z
  .string()
  .max(253)
  .regex(/^([a-z0-9_-]{1,63}\.){1,9}[a-z0-9-]{2,63}$/, 'must be a domain name such as shop.example');
const recordType = z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT']).default('CNAME');

/** Hosted zones of Route 53 and certificates of ACM. */
export const certificatesSchema = {
  zones: z
    .record(
      domain,
      z.strictObject({
        /** The id by which the policy names it. */
        id: z
          .string()
          .regex(/^Z[A-Z0-9]{1,31}$/)
          .optional(),
        /** Whether the parent zone names its name servers. */
        delegated: z.boolean().default(true),
        /** By their whole names. */
        records: z.record(domain, z.strictObject({ type: recordType, value: z.string().min(1).max(1000) })).default({}),
      }),
    )
    .default({}),
  certificates: z
    .record(
      name,
      z.strictObject({
        domain: z.union([domain, z.string().regex(/^\*\./).max(255)]),
        type: z.enum(['AMAZON_ISSUED', 'IMPORTED', 'PRIVATE']).default('AMAZON_ISSUED'),
        validation: z.enum(['DNS', 'EMAIL']).default('DNS'),
        /** Counted from the moment at which all is well. */
        expires: duration,
        /** Whether a load balancer uses it, and whether it has been exported. */
        inUse: z.boolean().default(true),
        exported: z.boolean().default(false),
        /** Whether the record by which it is validated stands in its zone, or another one in its place. */
        record: z.union([z.boolean(), z.literal('other')]).default(true),
        optedIn: z.boolean().default(true),
        tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
      }),
    )
    .default({}),
};
type Fleet = { [Kind in keyof typeof certificatesSchema]: z.output<(typeof certificatesSchema)[Kind]> };

/** The ARN of one of the fleet's certificates: its name stands for its id. */
export const certificateArn = ({ aws }: Pick<Host, 'aws'>, own: string): string => aws.world.arn('acm', `certificate/${own}`);

const zoneOf = (zones: Fleet['zones'], of: string): string | undefined =>
  Object.keys(zones)
    .filter((zone) => of === zone || of.endsWith(`.${zone}`))
    .toSorted((a, b) => b.length - a.length)[0];

/** Puts them into the world; `start` is when all is well. */
export const placeCertificates = ({ aws }: Host, { zones, certificates }: Fleet, start: number): void => {
  const { acm, route53, world } = aws;
  const records = Object.fromEntries(
    Object.entries(zones).map(([zone, spec]) => [zone, Object.entries(spec.records).map(([own, one]) => ({ name: own, ...one }))]),
  );
  for (const { domain: of, record, type, validation } of Object.values(certificates)) {
    const zone = zoneOf(zones, of.replace(/^\*\./, ''));
    const { Name, Value } = acm.validationRecord(of);
    if (record !== false && type === 'AMAZON_ISSUED' && validation === 'DNS' && zone !== undefined)
      records[zone]?.push({ name: Name, type: 'CNAME', value: record === 'other' ? 'elsewhere.example.' : Value });
  }
  for (const [zone, { id: own, delegated }] of Object.entries(zones)) {
    const id = route53.place({ name: zone, id: own, records: records[zone] ?? [] });
    if (!delegated) route53.misdelegate(id);
  }
  for (const [own, { domain: of, type, validation, expires, inUse, exported, record, optedIn, tags }] of Object.entries(certificates)) {
    const notAfter = start + expires * 1000;
    // ACM has tried in vain since 60 days before the end.
    const triedAt = notAfter - 60 * dayMs + hourMs;
    const isPending =
      type === 'AMAZON_ISSUED' && (inUse || exported) && (record !== true || validation === 'EMAIL') && triedAt < world.clock.now();
    acm.place({
      arn: certificateArn({ aws }, own),
      domain: of,
      type,
      ...(type === 'AMAZON_ISSUED' ? { method: validation } : {}),
      issuedAt: Math.min(world.clock.now(), notAfter - 198 * dayMs),
      notAfter,
      inUseBy: inUse ? [world.arn('elasticloadbalancing', 'loadbalancer/app/web/0123456789abcdef')] : [],
      exported,
      tags: { ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...tags },
      ...(isPending ? { renewal: { status: 'PENDING_VALIDATION', updatedAt: triedAt } } : {}),
      lives: true,
    });
  }
};

/** Takes a record away, as somebody does by mistake. Throws what AWS refuses it with. */
export const deleteRecord = async ({ operator }: Host, zone: string, own: string, type: string): Promise<void> => {
  const client = operator.of(Route53Client);
  const { HostedZones } = await client.send(new ListHostedZonesByNameCommand({ DNSName: zone, MaxItems: 1 }));
  const HostedZoneId = HostedZones?.[0]?.Id;
  const asked = { HostedZoneId, StartRecordName: own, StartRecordType: type as 'CNAME', MaxItems: 1 };
  const { ResourceRecordSets } = await client.send(new ListResourceRecordSetsCommand(asked));
  const ResourceRecordSet = ResourceRecordSets?.find(
    ({ Name, Type }) => Name?.replace(/\.$/, '') === own.replace(/\.$/, '') && Type === type,
  );
  if (!ResourceRecordSet) throw new Error(`there is no record ${own} ${type} in ${zone}`);
  const ChangeBatch = { Changes: [{ Action: 'DELETE' as const, ResourceRecordSet }] };
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch }));
};

/** The record that a certificate of the fleet is validated by, and the zone that it belongs in. */
export const validationOf = ({ aws }: Host, { zones, certificates }: Fleet, own: string): { zone: string; name: string } | undefined => {
  const of = certificates[own]?.domain ?? '';
  const zone = zoneOf(zones, of.replace(/^\*\./, ''));
  return zone === undefined ? undefined : { zone, name: aws.acm.validationRecord(of).Name };
};

export type CertificateState = { status: string | undefined; renewal: string | undefined };

export const certificateState = async (host: Host, own: string): Promise<CertificateState> => {
  const asked = new DescribeCertificateCommand({ CertificateArn: certificateArn(host, own) });
  const { Certificate } = await host.operator.of(ACMClient).send(asked);
  return { status: Certificate?.Status, renewal: Certificate?.RenewalSummary?.RenewalStatus };
};
