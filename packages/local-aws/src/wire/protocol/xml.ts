import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };

/** XML 1.0 can't carry most control characters at all; AWS's answers hold U+FFFD there, and so do ours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export const escapeXml = (text: string): string => text.replace(unprintable, '\ufffd').replace(/[&<>"\r]/g, (c) => escapes[c] as string);

const text = (schema: NormalizedSchema, value: unknown): string => {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (schema.isTimestampSchema()) return new Date(value as number).toISOString();
  return escapeXml(String(value));
};

const writeNode = (schema: NormalizedSchema, value: unknown, tag: string, out: string[]): void => {
  if (value === undefined || value === null) return;
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    const { xmlName } = member.getMergedTraits() as { xmlName?: string };
    const flat = schema.getMergedTraits().xmlFlattened;
    if (!flat) out.push(`<${tag}>`);
    for (const item of value as unknown[]) writeNode(member, item, flat ? tag : (xmlName ?? 'member'), out);
    if (!flat) out.push(`</${tag}>`);
    return;
  }
  out.push(`<${tag}>`);
  if (schema.isMapSchema()) {
    for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
      out.push(`<entry><key>${escapeXml(key)}</key>`);
      writeNode(schema.getValueSchema(), item, 'value', out);
      out.push('</entry>');
    }
  } else if (schema.isStructSchema()) writeMembers(schema, value, out);
  else out.push(text(schema, value));
  out.push(`</${tag}>`);
};

const writeMembers = (schema: NormalizedSchema, value: unknown, out: string[]): void => {
  const record = value as Record<string, unknown>;
  for (const [name, member] of schema.structIterator()) {
    const { xmlName } = member.getMemberTraits() as { xmlName?: string };
    writeNode(member, record[name], xmlName ?? name, out);
  }
};

/** The members of an operation's output as XML, by the operation's own schema, without the elements around them. */
export const writeXml = (output: SchemaRef, value: unknown): string => {
  const schema = NormalizedSchema.of(output);
  const out: string[] = [];
  if (!schema.isUnitSchema() && value) writeMembers(schema, value, out);
  return out.join('');
};
