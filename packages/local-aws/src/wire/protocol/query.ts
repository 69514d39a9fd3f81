import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { AwsError } from './errors.ts';

/** A form's parameters by their dots: `Filter.1.Name=x` becomes Filter → 1 → Name → 'x'. */
type Tree = { value?: string; children: Map<string, Tree> };

const maxParameters = 20_000;
const maxDepth = 24;

const parseTree = (form: string): Tree => {
  const root: Tree = { children: new Map() };
  let count = 0;
  for (const [key, value] of new URLSearchParams(form)) {
    if (++count > maxParameters) throw new AwsError('MalformedQueryString', 'The query string has too many parameters.');
    const path = key.split('.');
    if (path.length > maxDepth) throw new AwsError('MalformedQueryString', `The parameter ${key.slice(0, 100)} is nested too deeply.`);
    let node = root;
    for (const part of path) {
      let child = node.children.get(part);
      if (!child) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return root;
};

/** A value as it is written in a form, or in XML. */
export const scalar = (schema: NormalizedSchema, text: string, name: string): unknown => {
  const invalid = (kind: string) =>
    new AwsError('InvalidParameterValue', `Invalid value '${text.slice(0, 100)}' for ${name}. Expected ${kind}.`);
  if (schema.isBooleanSchema()) {
    if (text !== 'true' && text !== 'false') throw invalid('a boolean');
    return text === 'true';
  }
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) throw invalid('a number');
    return number;
  }
  if (schema.isTimestampSchema()) {
    const date = /^\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
    if (Number.isNaN(date.getTime())) throw invalid('a timestamp');
    return date;
  }
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'));
  return text;
};

const isNumber = /^\d{1,6}$/;

/** What any request of the query protocols may carry beside an operation's own parameters: who signs it, and when. */
const common = /^(Action|Version|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp|Expires|SecurityToken|X-Amz-.*)$/;

/** EC2 refuses what it doesn't know; the other services pass over it. */
const refuseUnknown = (node: Tree, name: string, known: (key: string) => boolean): void => {
  for (const key of node.children.keys()) {
    if (known(key)) continue;
    const full = name === '' ? key : `${name}.${key}`;
    throw new AwsError('UnknownParameter', `The parameter ${full.slice(0, 200)} is not recognized`);
  }
};

/** List entries in the order of their numbers; holes are closed, as AWS does. */
const numbered = (node: Tree): Tree[] =>
  [...node.children]
    .filter(([key]) => isNumber.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);

/** EC2 upper-cases the first letter of a member's XML name where it has no query name of its own. */
const memberKey = (schema: NormalizedSchema, name: string, ec2: boolean): string => {
  const { ec2QueryName, xmlName } = schema.getMergedTraits() as { ec2QueryName?: string; xmlName?: string };
  if (!ec2) return xmlName ?? name;
  if (ec2QueryName) return ec2QueryName;
  const key = xmlName ?? name;
  return key.charAt(0).toUpperCase() + key.slice(1);
};

const readNode = (schema: NormalizedSchema, node: Tree, name: string, ec2: boolean): unknown => {
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    const { xmlName } = member.getMergedTraits() as { xmlName?: string };
    const flat = ec2 || schema.getMergedTraits().xmlFlattened;
    const holder = flat ? node : node.children.get(xmlName ?? 'member');
    if (ec2) refuseUnknown(node, name, (key) => isNumber.test(key));
    return holder ? numbered(holder).map((child, i) => readNode(member, child, `${name}.${i + 1}`, ec2)) : [];
  }
  if (schema.isMapSchema()) {
    const holder = schema.getMergedTraits().xmlFlattened ? node : node.children.get('entry');
    const entries = holder ? numbered(holder) : [];
    return Object.fromEntries(
      entries.map((entry) => {
        const key = entry.children.get('key')?.value ?? '';
        const value = entry.children.get('value');
        return [key, value ? readNode(schema.getValueSchema(), value, `${name}.${key}`, ec2) : undefined];
      }),
    );
  }
  if (schema.isStructSchema()) {
    const output: Record<string, unknown> = {};
    const keys = new Set<string>();
    for (const [memberName, member] of schema.structIterator()) {
      const key = memberKey(member, memberName, ec2);
      keys.add(key);
      const child = node.children.get(key);
      if (child) output[memberName] = readNode(member, child, name === '' ? key : `${name}.${key}`, ec2);
    }
    if (ec2) refuseUnknown(node, name, (key) => keys.has(key) || (name === '' && common.test(key)));
    return output;
  }
  if (ec2) refuseUnknown(node, name, () => false);
  return scalar(schema, node.value ?? '', name);
};

export type Form = { action: string | undefined; tree: Tree };

/** Parses the form of a Query request. Throws `MalformedQueryString` for one that is too large or too deep. */
export const parseForm = (body: string): Form => {
  const tree = parseTree(body);
  return { action: tree.children.get('Action')?.value, tree };
};

/** Reads an operation's input out of a form, by the operation's own schema. */
export const readForm = (input: SchemaRef, form: Form, ec2: boolean): Record<string, unknown> => {
  const schema = NormalizedSchema.of(input);
  if (schema.isUnitSchema()) return {};
  return readNode(schema, form.tree, '', ec2) as Record<string, unknown>;
};
