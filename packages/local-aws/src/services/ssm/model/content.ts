import { createRequire } from 'node:module';
import * as z from 'zod';
import { AwsError } from '../../../wire/protocol/errors.ts';

const require = createRequire(import.meta.url);

/** Loaded by the first document that needs it. */
const yaml = () => require('yaml') as typeof import('yaml');

const isPattern = (text: string): boolean => {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
};

const parameterTypes = ['String', 'StringList', 'Boolean', 'Integer', 'MapList', 'StringMap'] as const;

const parameterSchema = z.looseObject({
  type: z.enum(parameterTypes),
  description: z.string().optional(),
  default: z.unknown().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  allowedPattern: z.string().refine(isPattern, 'must be a regular expression').optional(),
});

const inputsSchema = z.looseObject({ timeoutSeconds: z.union([z.string(), z.number()]).optional() });

const common = { description: z.string().optional(), parameters: z.record(z.string(), parameterSchema).default({}) };

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html */
const contentSchema = z.union([
  z.looseObject({
    ...common,
    schemaVersion: z.enum(['2.0', '2.2']),
    mainSteps: z
      .array(z.looseObject({ action: z.string().startsWith('aws:'), name: z.string().min(1), inputs: inputsSchema.default({}) }))
      .min(1),
  }),
  z.looseObject({
    ...common,
    schemaVersion: z.literal('1.2'),
    runtimeConfig: z.record(z.string().startsWith('aws:'), z.looseObject({ properties: z.unknown() })),
  }),
]);

export type DocumentFormat = 'JSON' | 'YAML' | 'TEXT';
type DeclaredParameter = z.infer<typeof parameterSchema>;

/** A step of a command document: the name that its output goes by, and the seconds that it may take, as the document says it. */
export type Step = { readonly name: string; readonly action: string; readonly timeout: string | number | undefined };

export type CommandContent = {
  readonly schemaVersion: string;
  readonly description: string | undefined;
  readonly parameters: ReadonlyMap<string, DeclaredParameter>;
  readonly steps: readonly Step[];
};

const invalid = (reason: string) => new AwsError('InvalidDocumentContent', `The document is not valid: ${reason.slice(0, 500)}`);

const read = (text: string, format: DocumentFormat): unknown => {
  try {
    return format === 'YAML' ? yaml().parse(text, { maxAliasCount: 100 }) : JSON.parse(text);
  } catch {
    throw invalid(`its content is not ${format}.`);
  }
};

/** The text of a document in another format. */
export const convert = (text: string, from: DocumentFormat, to: DocumentFormat): string => {
  if (from === to || from === 'TEXT' || to === 'TEXT') return text;
  return to === 'YAML' ? yaml().stringify(read(text, from)) : JSON.stringify(read(text, from), null, 2);
};

const oldTimeout = (config: unknown): string | number | undefined => {
  const first = Array.isArray(config) ? (config[0] as unknown) : config;
  const parsed = inputsSchema.safeParse(first);
  return parsed.success ? parsed.data.timeoutSeconds : undefined;
};

/** Reads a command document. Throws `InvalidDocumentContent` and `InvalidDocumentSchemaVersion`. */
export const readContent = (text: string, format: DocumentFormat): CommandContent => {
  const value = read(text, format);
  const version = z.looseObject({ schemaVersion: z.unknown() }).safeParse(value).data?.schemaVersion;
  if (version !== undefined && version !== '1.2' && version !== '2.0' && version !== '2.2')
    throw new AwsError(
      'InvalidDocumentSchemaVersion',
      `The version ${String(version).slice(0, 20)} of the document's schema is not supported.`,
    );
  const parsed = contentSchema.safeParse(value);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const { data } = parsed;
  const steps: Step[] =
    data.schemaVersion === '1.2'
      ? Object.entries(data.runtimeConfig).map(([action, { properties }]) => ({ name: action, action, timeout: oldTimeout(properties) }))
      : data.mainSteps.map(({ name, action, inputs }) => ({ name, action, timeout: inputs.timeoutSeconds }));
  if (new Set(steps.map(({ name }) => name)).size < steps.length) throw invalid('the names of its steps must be unique.');
  return {
    schemaVersion: data.schemaVersion,
    description: data.description,
    parameters: new Map(Object.entries(data.parameters)),
    steps,
  };
};

export type ParameterValues = Readonly<Record<string, readonly string[]>>;

const refuse = (reason: string) => new AwsError('InvalidParameters', reason);

/** Throws `InvalidParameters` for what a document doesn't declare, or needs and doesn't get, or doesn't allow. */
export const checkParameters = ({ parameters }: CommandContent, given: ParameterValues): void => {
  for (const [name, values] of Object.entries(given)) {
    const declared = parameters.get(name);
    if (!declared) throw refuse(`The parameter ${name.slice(0, 100)} is not defined in the document.`);
    const { type, allowedValues, allowedPattern } = declared;
    if (type === 'String' && values.length !== 1) throw refuse(`The parameter ${name} takes one value.`);
    if (allowedValues && !values.every((value) => allowedValues.some((allowed) => String(allowed) === value)))
      throw refuse(`The parameter ${name} has a value that is not among its allowed values.`);
    if (allowedPattern !== undefined && !values.every((value) => new RegExp(`^(?:${allowedPattern})$`).test(value)))
      throw refuse(`The parameter ${name} has a value that does not match its allowed pattern.`);
  }
  const lacking = [...parameters].filter(([name, declared]) => declared.default === undefined && !Object.hasOwn(given, name));
  if (lacking.length > 0) throw refuse(`The document needs values for: ${lacking.map(([name]) => name).join(', ')}.`);
};

/** The seconds that a command may run, where its document says them, be it by one of its parameters. */
export const executionTimeout = ({ steps, parameters }: CommandContent, given: ParameterValues): number | undefined => {
  const said = steps.find(({ timeout }) => timeout !== undefined)?.timeout;
  if (said === undefined) return undefined;
  const name = /^\{\{\s*(\w+)\s*\}\}$/.exec(String(said))?.[1];
  const seconds = Number(name === undefined ? said : (given[name]?.[0] ?? parameters.get(name)?.default));
  return seconds > 0 ? seconds : undefined;
};

export const platformsOf = ({ steps }: CommandContent): ('Linux' | 'MacOS' | 'Windows')[] =>
  steps.every(({ action }) => action === 'aws:runShellScript') ? ['Linux', 'MacOS'] : ['Windows', 'Linux', 'MacOS'];
