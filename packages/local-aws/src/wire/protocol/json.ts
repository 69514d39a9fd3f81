import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaRef } from '@smithy/types';
import { AwsError } from './errors.ts';

const bad = (message: string) => new AwsError('SerializationException', message);

const read = (schema: NormalizedSchema, value: unknown, name: string): unknown => {
  if (value === null || value === undefined) return undefined;
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw bad(`${name} must be a list`);
    const member = schema.getValueSchema();
    return value.map((item, i) => read(member, item, `${name}[${i}]`));
  }
  if (schema.isMapSchema() || schema.isStructSchema()) {
    if (typeof value !== 'object' || Array.isArray(value)) throw bad(`${name || 'The request'} must be an object`);
    const record = value as Record<string, unknown>;
    if (schema.isMapSchema()) {
      const member = schema.getValueSchema();
      return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, read(member, item, `${name}.${key}`)]));
    }
    const output: Record<string, unknown> = {};
    for (const [key, member] of schema.structIterator()) {
      if (Object.hasOwn(record, key)) output[key] = read(member, record[key], name ? `${name}.${key}` : key);
    }
    return output;
  }
  if (schema.isTimestampSchema()) {
    const date = typeof value === 'number' ? new Date(value * 1000) : new Date(String(value));
    if (Number.isNaN(date.getTime())) throw bad(`${name} must be a timestamp`);
    return date;
  }
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(String(value), 'base64'));
  if (schema.isNumericSchema()) {
    // How JSON carries them: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html. No operation here takes one.
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity')
      throw new AwsError('InvalidParameterValue', `The value ${value} for parameter ${name} is invalid.`);
    if (typeof value !== 'number') throw bad(`${name} must be a number`);
  } else if (schema.isBooleanSchema()) {
    if (typeof value !== 'boolean') throw bad(`${name} must be a boolean`);
  } else if (schema.isStringSchema() && typeof value !== 'string') throw bad(`${name} must be a string`);
  return value;
};

const write = (schema: NormalizedSchema, value: unknown): unknown => {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (schema.isTimestampSchema()) return (value as number) / 1000;
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    return (value as unknown[]).map((item) => write(member, item));
  }
  if (schema.isMapSchema()) {
    const member = schema.getValueSchema();
    return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, item]) => [key, write(member, item)]));
  }
  if (schema.isStructSchema()) {
    const record = value as Record<string, unknown>;
    const output: Record<string, unknown> = {};
    for (const [key, member] of schema.structIterator()) {
      const item = write(member, record[key]);
      if (item !== undefined) output[key] = item;
    }
    return output;
  }
  return value;
};

/** Reads an operation's input out of a JSON body. Throws `SerializationException` for what doesn't fit the schema. */
export const readJson = (input: SchemaRef, body: string): Record<string, unknown> => {
  let value: unknown;
  try {
    value = body === '' ? {} : JSON.parse(body);
  } catch {
    throw bad('The request body is not JSON');
  }
  const schema = NormalizedSchema.of(input);
  return schema.isUnitSchema() ? {} : (read(schema, value ?? {}, '') as Record<string, unknown>);
};

/** An operation's output as a JSON body, by the operation's own schema. */
export const writeJson = (output: SchemaRef, value: unknown): string => {
  const schema = NormalizedSchema.of(output);
  return schema.isUnitSchema() || !value ? '{}' : JSON.stringify(write(schema, value));
};
