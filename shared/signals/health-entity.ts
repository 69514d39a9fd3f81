import { type Arn, parseArn } from '../model/arn.ts';
import { excerpt, Malformed } from '../model/malformed.ts';
import type { Resource, ResourceType } from '../model/resource.ts';
import { resourceOf, wellFormed } from '../model/resource-id.ts';

const field = 'detail.affectedEntities.entityValue';

/** Entity values that name no resource: assumed, from real events. */
const noEntity = /^(?:UNKNOWN|AWS_ACCOUNT|-|\d{12}|)$/i;

/** Prefixes of EC2 ids, whose form is known. */
const ec2Types: ReadonlyArray<readonly [RegExp, ResourceType]> = [
  [/^i-/i, 'instance'],
  [/^vol-/i, 'volume'],
];

/** ARNs by resource type: the service and the prefix of the resource part; the rest is the id. */
const arnTypes: ReadonlyArray<readonly [service: string, prefix: string, type: ResourceType]> = [
  ['ec2', 'instance/', 'instance'],
  ['ec2', 'volume/', 'volume'],
  ['rds', 'db:', 'database'],
  ['rds', 'cluster:', 'database'],
  ['elasticloadbalancing', 'loadbalancer/', 'load-balancer'],
  ['elasticloadbalancing', '', 'target-group'],
  ['sqs', '', 'queue'],
  ['lambda', 'function:', 'service'],
];

const ofArn = ({ service, resource, text }: Arn): Resource => {
  for (const [of, prefix, type] of arnTypes) {
    const found = { type, id: resource.slice(prefix.length) };
    if (service === of && resource.startsWith(prefix) && (served.has(type) || wellFormed(found))) return found;
  }
  return service === 'acm' ? { type: 'certificate', id: text } : { type: 'service', id: resource };
};
/** Types that actions may target: an invalid id is rejected, never treated as another type. */
const served: ReadonlySet<ResourceType> = new Set<ResourceType>(['instance', 'volume', 'database']);

const read = (value: string, service: string): Resource => {
  const arn = parseArn(value);
  if (arn !== null) return ofArn(arn);
  // Such an id belongs to EC2 only in EC2's events, since other services have similar ids.
  const type = service === 'EC2' || service === 'EBS' ? ec2Types.find(([prefix]) => prefix.test(value))?.[1] : undefined;
  if (type !== undefined) return { type, id: value };
  const guess = [...ec2Types.map(([, own]) => own), 'zone' as const].map((own) => ({ type: own, id: value })).find(wellFormed);
  return guess ?? { type: service === 'RDS' ? 'database' : 'service', id: value };
};

/** The resource of an affected entity; null if it names none; `Malformed` if its id is invalid. */
export const entityOf = (value: string, service: string): Resource | Malformed | null => {
  const text = value.trim();
  if (noEntity.test(text) || wellFormed({ type: 'region', id: text })) return null;
  const { type, id } = read(text, service);
  try {
    return resourceOf(type, id, field);
  } catch (error) {
    return error instanceof Malformed ? error : new Malformed(field, `not an entity: ${excerpt(value)}`);
  }
};
