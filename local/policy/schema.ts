import * as z from 'zod';
import { policySchema } from '../../shared/model/policy.ts';

export type JsonSchema = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  minimum?: number;
  maximum?: number;
  maxItems?: number;
};

/** The schema of a policy's file for editors and other programs; what depends on several settings at once only the check knows. */
export const policyJsonSchema = (): JsonSchema & { $schema: string } => {
  const { $schema, ...rest } = z.toJSONSchema(policySchema, { io: 'input' });
  const title = { title: 'A policy of selfheal', description: 'What selfheal may do, to which resources, and how often' };
  return { $schema, ...title, ...rest } as JsonSchema & { $schema: string };
};

/** A setting of the policy, by the path to it; `[]` stands for each entry of a list. */
export type Key = { path: string; schema: JsonSchema; required: boolean };

const alternatives = ({ anyOf = [], oneOf = [] }: JsonSchema): readonly JsonSchema[] => [...anyOf, ...oneOf];

/** Every setting that there is, in the order of the schema; one that stands in several alternatives only once. */
export const keysIn = (schema: JsonSchema, path = ''): Key[] => {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]): Key[] => {
    const at = path === '' ? name : `${path}.${name}`;
    return [{ path: at, schema: inner, required: schema.required?.includes(name) ?? false }, ...keysIn(inner, at)];
  });
  const named = typeof schema.additionalProperties === 'object' ? keysIn(schema.additionalProperties, `${path}.NAME`) : [];
  const listed = schema.items ? keysIn(schema.items, `${path}[]`) : [];
  const options = alternatives(schema).map((one) => keysIn(one, path));
  const everywhere = (wanted: string) => options.every((option) => option.some((key) => key.path === wanted && key.required));
  const either = options.flat().map((key) => ({ ...key, required: everywhere(key.path) }));
  const all = [...own, ...named, ...listed, ...either];
  return [...new Map(all.map((key) => [key.path, key])).values()];
};

/** What a setting may be, in words. */
export const valuesOf = (schema: JsonSchema): string => {
  const { type, minimum, maximum, items, additionalProperties, propertyNames, maxItems } = schema;
  const choice = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (choice) return choice.length > 12 ? `one of ${choice.length} names` : choice.map(String).join(', ');
  const several = alternatives(schema);
  if (several.length > 0) return [...new Set(several.map(valuesOf))].join(', or ');
  if (type === 'array')
    return `a list${items && !items.properties ? ` of: ${valuesOf(items)}` : ''}${maxItems === undefined ? '' : `, ${maxItems} at most`}`;
  if (type === 'object') {
    if (typeof additionalProperties !== 'object') return 'settings';
    return `${propertyNames?.enum ? valuesOf(propertyNames) : 'names'}, each with: ${valuesOf(additionalProperties)}`;
  }
  if (type !== 'integer' && type !== 'number') return type === 'string' ? 'text' : (type ?? 'anything');
  const whole = type === 'integer' ? 'a whole number' : 'a number';
  return minimum === undefined || maximum === undefined ? whole : `${whole} from ${minimum} to ${maximum}`;
};
