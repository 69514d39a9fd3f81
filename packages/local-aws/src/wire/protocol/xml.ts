import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { AwsError } from './errors.ts';
import { scalar } from './query.ts';

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

type Node = { name: string; text: string; children: Node[] };

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });

const maxDepth = 24;
const malformed = () =>
  new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');

/** The elements of a document. Nothing is made of attributes, in which there may be no angle brackets, nor of comments. */
const parseXml = (document: string): Node => {
  const root: Node = { name: '', text: '', children: [] };
  const open = [root];
  const token = /<[?!][^<>]*>|<(\/?)([\w:.-]+)(?:[\s/][^<>]*)?>|[^<]+/y;
  for (let match = token.exec(document); match; match = token.exec(document)) {
    const [whole, closing, name] = match;
    const parent = open.at(-1) as Node;
    if (name === undefined) {
      if (!whole.startsWith('<')) parent.text += unescaped(whole);
    } else if (closing) {
      if (parent.name !== name || parent === root) throw malformed();
      open.pop();
    } else {
      const node: Node = { name, text: '', children: [] };
      parent.children.push(node);
      if (!whole.endsWith('/>')) open.push(node);
      if (open.length > maxDepth) throw malformed();
    }
    if (token.lastIndex === document.length) {
      const [only, ...others] = root.children;
      if (open.length === 1 && only && others.length === 0) return only;
      break;
    }
  }
  throw malformed();
};

const readNode = (schema: NormalizedSchema, node: Node): unknown => {
  if (schema.isListSchema()) return node.children.map((child) => readNode(schema.getValueSchema(), child));
  if (!schema.isStructSchema()) return scalar(schema, node.text, node.name);
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const { xmlName } = member.getMemberTraits() as { xmlName?: string };
    const child = node.children.find((one) => one.name === (xmlName ?? name));
    if (child) output[name] = readNode(member, child);
  }
  return output;
};

/** Reads a structure out of a body in XML, by its own schema; there are no maps in what is served here. */
export const readXml = (input: SchemaRef, body: string): Record<string, unknown> =>
  body === '' ? {} : (readNode(NormalizedSchema.of(input), parseXml(body)) as Record<string, unknown>);
