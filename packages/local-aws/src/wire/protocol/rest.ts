import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { AwsError } from './errors.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { readJson, writeJson } from './json.ts';
import type { Operation } from './service.ts';
import { readXml, writeXml } from './xml.ts';

/** Where a member travels in a REST request or answer, out of the operation's own schema. */
type Binding = { httpLabel?: 1; httpQuery?: string; httpHeader?: string; httpPayload?: 1; httpResponseCode?: 1 };

type HttpTrait = readonly [method: string, path: string, status: number];

const bindingOf = (schema: NormalizedSchema): Binding => schema.getMergedTraits() as Binding;

const httpTrait = (operation: Operation): HttpTrait | undefined => {
  const traits = operation.schema[3];
  return typeof traits === 'object' ? (traits as { http?: HttpTrait }).http : undefined;
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidParameterValueException', `The path holds an invalid escape: ${text.slice(0, 100)}`);
  }
};

/** The labels of a path such as `/2015-03-31/functions/{FunctionName}/invocations`, or undefined if `path` is another one. */
const matchPath = (template: string, path: string): Record<string, string> | undefined => {
  const expected = (template.split('?')[0] as string).split('/');
  const found = path.split('/');
  if (expected.length !== found.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [i, part] of expected.entries()) {
    const text = found[i] as string;
    const label = /^\{([^}+]+)\+?\}$/.exec(part)?.[1];
    if (label !== undefined && text !== '') labels[label] = decode(text);
    else if (part !== text) return undefined;
  }
  return labels;
};

/** Finds the operation that a request's method and path name, with the labels in its path. */
export const matchRest = (operations: Readonly<Record<string, Operation>>, request: HttpRequest) => {
  for (const [name, operation] of Object.entries(operations)) {
    const http = httpTrait(operation);
    const labels = http && http[0] === request.method ? matchPath(http[1], request.path) : undefined;
    if (labels) return { name, operation, labels };
  }
  return undefined;
};

/** How a body is read and written. */
export type RestBody = {
  contentType: string;
  read(schema: SchemaRef, body: string): Record<string, unknown>;
  write(schema: SchemaRef, value: unknown): string;
};

export const restJson: RestBody = { contentType: 'application/json', read: readJson, write: writeJson };

/** https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
export const restXml = (xmlNamespace: string): RestBody => ({
  contentType: 'text/xml',
  read: readXml,
  write: (output, value) => {
    const name = NormalizedSchema.of(output).getName();
    return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${xmlNamespace}">${writeXml(output, value)}</${name}>`;
  },
});

/** Reads an operation's input out of a REST request: labels, query, headers and payload, by the operation's own schema. */
export const readRest = (
  { read }: RestBody,
  input: SchemaRef,
  request: HttpRequest,
  labels: Record<string, string>,
  body: string,
): Record<string, unknown> => {
  const schema = NormalizedSchema.of(input);
  if (schema.isUnitSchema()) return {};
  const query = new URLSearchParams(request.query);
  const output: Record<string, unknown> = {};
  let unbound = false;
  for (const [name, member] of schema.structIterator()) {
    const { httpLabel, httpQuery, httpHeader, httpPayload } = bindingOf(member);
    let value: string | undefined;
    if (httpPayload) {
      output[name] = member.isStructSchema() ? read(member, body) : new TextEncoder().encode(body);
      continue;
    }
    if (httpQuery && member.isListSchema()) {
      const all = query.getAll(httpQuery);
      if (all.length > 0) output[name] = all;
      continue;
    }
    if (httpLabel) value = labels[name];
    else if (httpQuery) value = query.get(httpQuery) ?? undefined;
    else if (httpHeader) value = request.headers[httpHeader.toLowerCase()];
    else unbound = true;
    if (value === undefined) continue;
    const number = member.isNumericSchema() ? Number(value) : undefined;
    if (Number.isNaN(number)) throw new AwsError('InvalidParameterValueException', `${name} must be a number`);
    if (member.isTimestampSchema()) {
      // Without another format in the schema a timestamp travels as a date in a query.
      output[name] = new Date(value);
      if (Number.isNaN(Date.parse(value))) throw new AwsError('InvalidParameterValueException', `${name} must be a date`);
      continue;
    }
    output[name] = number ?? (member.isBooleanSchema() ? value === 'true' : value);
  }
  return unbound ? { ...read(input, body), ...output } : output;
};

/** An operation's output as a REST answer, by the operation's own schema. */
export const writeRest = ({ contentType, write }: RestBody, operation: Operation, value: unknown): HttpResponse => {
  const schema = NormalizedSchema.of(operation.schema[5]);
  const response: HttpResponse = { status: httpTrait(operation)?.[2] ?? 200, headers: { 'content-type': contentType }, body: '' };
  if (schema.isUnitSchema()) return response;
  const record = (value ?? {}) as Record<string, unknown>;
  const rest: Record<string, unknown> = {};
  let payload = false;
  for (const [name, member] of schema.structIterator()) {
    const { httpHeader, httpPayload, httpResponseCode } = bindingOf(member);
    const item = record[name];
    if (httpPayload) payload = true;
    if (item === undefined) continue;
    if (httpPayload) response.body = item as Uint8Array | string;
    else if (httpResponseCode) response.status = item as number;
    else if (httpHeader) response.headers[httpHeader.toLowerCase()] = String(item);
    else rest[name] = item;
  }
  // An answer of 204 has none.
  if (!payload && response.status !== 204) response.body = write(operation.schema[5], rest);
  return response;
};
