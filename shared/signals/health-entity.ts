import { type Arn, parseArn } from '../model/arn.ts';
import { excerpt, MalformedEventError } from '../model/malformed.ts';
import type { Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-id.ts';
import { arnsOfTypes, isValidResourceId, typeOfPrefix } from '../model/resources/index.ts';

const field = 'detail.affectedEntities.entityValue';

/** Entity values that name no resource: assumed, from real events. */
const noEntity = /^(?:UNKNOWN|AWS_ACCOUNT|-|\d{12}|)$/i;

const ofArn = ({ service, resource, text }: Arn): Resource => {
  for (const { type, service: of, prefix, strict, whole } of arnsOfTypes) {
    const found = { type, id: whole ? text : resource.slice(prefix.length) };
    // Where actions may follow, an invalid id is rejected, never treated as another type.
    if (service === of && resource.startsWith(prefix) && (strict || whole || isValidResourceId(found))) return found;
  }
  return { type: 'service', id: resource };
};

const read = (value: string, service: string): Resource => {
  const arn = parseArn(value);
  if (arn !== null) return ofArn(arn);
  const type = typeOfPrefix(value);
  // Such an id belongs to EC2 only in EC2's events, since other services have similar ids.
  if (type !== undefined && (service === 'EC2' || service === 'EBS' || isValidResourceId({ type, id: value }))) return { type, id: value };
  if (isValidResourceId({ type: 'zone', id: value })) return { type: 'zone', id: value };
  return { type: service === 'RDS' ? 'database' : 'service', id: value };
};

/** The resource of an affected entity; null if it names none; `MalformedEventError` if its id is invalid. */
export const entityOf = (value: string, service: string): Resource | MalformedEventError | null => {
  const text = value.trim();
  if (noEntity.test(text) || isValidResourceId({ type: 'region', id: text })) return null;
  const { type, id } = read(text, service);
  try {
    return resourceOf(type, id, field);
  } catch (error) {
    return error instanceof MalformedEventError ? error : new MalformedEventError(field, `not an entity: ${excerpt(value)}`);
  }
};
