import { excerpt, MalformedEventError } from './malformed.ts';
import type { Resource, ResourceType } from './resource.ts';
import { isValidResourceId } from './resources/index.ts';

/**
 * Reads a resource from a value in an event. Surrounding white space is dropped.
 * @throws {MalformedEventError} naming the field, if the value is not an id of that type
 */
export const resourceOf = (type: ResourceType, value: unknown, field: string): Resource => {
  if (typeof value !== 'string') throw new MalformedEventError(field, `expected an id (${type}), got ${excerpt(value)}`);
  const resource = { type, id: value.trim() };
  if (!isValidResourceId(resource)) throw new MalformedEventError(field, `not a well-formed id (${type}): ${excerpt(value)}`);
  return resource;
};
