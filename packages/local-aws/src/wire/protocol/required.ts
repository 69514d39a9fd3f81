import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';

/**
 * The first required member that an input lacks, or undefined. A structure's schema counts its required members and names them
 * first; only the outermost structure is looked at, since services check the rest with rules of their own.
 */
export const missingMember = (input: SchemaRef, value: Record<string, unknown>): string | undefined => {
  const schema = NormalizedSchema.of(input).getSchema();
  if (!Array.isArray(schema)) return undefined;
  const names = schema[4] as string[];
  const required = (schema[6] as number | undefined) ?? 0;
  return names.slice(0, required).find((name) => value[name] === undefined);
};
