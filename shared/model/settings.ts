import * as z from 'zod';
import { nearest } from './nearest.ts';

/** Quotes a name from user input for a message. */
const quote = (value: unknown): string => JSON.stringify(typeof value === 'string' ? value.slice(0, 64) : value) ?? 'nothing';

/** What may have been meant instead of a name, as the end of a message; empty if nothing is like it. */
export const meant = (name: unknown, known: readonly string[]): string => {
  const found = typeof name === 'string' ? nearest(name, known) : undefined;
  return found === undefined ? '' : `; did you mean ${found}?`;
};

const unknownKeys = (keys: readonly string[], known: readonly string[]): string =>
  keys.map((key) => `there is no setting ${quote(key)}${meant(key, known)}`).join(', ');

/** An object with these keys and no others, so that a misspelt setting is an error. */
export const settings = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, Object.keys(shape)) : undefined),
  });

/** Why a name can't be used: it is none of those known. */
export const isNoneOf = (value: unknown, known: readonly string[]): string =>
  `${quote(value)} must be one of ${known.join(', ')}${meant(value, known)}`;

/** The id of an AWS account. */
export const accountId = z
  .string()
  .regex(/^\d{12}$/, 'must be 12 digits')
  .describe('The AWS account');

/** One of the known names. */
export const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: ({ input }) => isNoneOf(input, names) });

/** A setting for some of the known names. */
export const settingsFor = <const Names extends readonly [string, ...string[]], Value extends z.ZodType>(names: Names, value: Value) =>
  z.partialRecord(z.enum(names), value, {
    // Zod's issue type for records lacks the unknown keys.
    error: (issue: z.core.$ZodRawIssue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => isNoneOf(key, names)).join('; ') : undefined,
  });

/** The issues of the most likely intended form, where a value may have several forms. */
export const unfold = (issue: z.core.$ZodIssue): z.core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union') return [issue];
  const far = (found: readonly z.core.$ZodIssue[]) =>
    found.some(({ code, path }) => code === 'invalid_type' && path.length === 0)
      ? Number.MAX_SAFE_INTEGER
      : found.filter(({ message }) => !message.includes('did you mean')).length;
  const [closest] = [...issue.errors].sort((a, b) => far(a) - far(b) || a.length - b.length);
  return (closest ?? []).flatMap(unfold).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
};

/** All problems of a value, each with its path. */
export const problemsIn = (what: string, { issues }: z.ZodError): string =>
  issues
    .flatMap(unfold)
    .map(({ path, message }) => `${what}: ${path.join('.') || '(root)'}: ${message}`)
    .join('; ');
