import { type Arn, parseArn } from '../model/arn.ts';
import { excerpt, Malformed } from '../model/malformed.ts';
import type { Resource, ResourceType } from '../model/resource.ts';
import { resourceOf, wellFormed } from '../model/resource-id.ts';

const field = 'detail.affectedEntities.entityValue';

/** What stands where nothing in particular is affected: assumed, from events as they are. */
const nobody = /^(?:UNKNOWN|AWS_ACCOUNT|-|\d{12}|)$/i;

/** Ids of EC2's own, whose form is known, by how they begin. */
const ec2Types: ReadonlyArray<readonly [RegExp, ResourceType]> = [
  [/^i-/i, 'instance'],
  [/^vol-/i, 'volume'],
];

/** ARNs of what has a type of its own: service and beginning of the resource, and what is left of it as the id. */
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
/** What may be acted on has to be right, or is refused: it is never taken for something else. */
const served: ReadonlySet<ResourceType> = new Set<ResourceType>(['instance', 'volume', 'database']);

const read = (value: string, service: string): Resource => {
  const arn = parseArn(value);
  if (arn !== null) return ofArn(arn);
  // An id of this form is EC2's where EC2 tells of it. Other services have ids that begin alike.
  const type = service === 'EC2' || service === 'EBS' ? ec2Types.find(([prefix]) => prefix.test(value))?.[1] : undefined;
  if (type !== undefined) return { type, id: value };
  const guess = [...ec2Types.map(([, own]) => own), 'zone' as const].map((own) => ({ type: own, id: value })).find(wellFormed);
  return guess ?? { type: service === 'RDS' ? 'database' : 'service', id: value };
};

/** The resource that an affected entity is; null where it is none; what is wrong with it where it is none that can be. */
export const entityOf = (value: string, service: string): Resource | Malformed | null => {
  const text = value.trim();
  if (nobody.test(text) || wellFormed({ type: 'region', id: text })) return null;
  const { type, id } = read(text, service);
  try {
    return resourceOf(type, id, field);
  } catch (error) {
    return error instanceof Malformed ? error : new Malformed(field, `not an entity: ${excerpt(value)}`);
  }
};
