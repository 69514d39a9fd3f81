import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type * as z from 'zod';
import { errorMessage } from '../../shared/model/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { base, type Scenario, scenarioSchema } from './schema.ts';

/** In characters: scenarios are written by hand. */
const longest = 1024 * 1024;
/** The maximum number of problems shown; the others show once these are fixed. */
const most = 20;

/** A scenario, or what is wrong with it: a line each, `file:line:column: what`. */
export type ReadScenario = { scenario: Scenario } | { problems: string[] };

type Path = readonly PropertyKey[];
type Schema = { def: Record<string, unknown> & { type: string } };

/** Every schema that may stand at a path, through what wraps it; a union by the option that the value chooses. */
const schemasAt = (schema: Schema, path: Path, value: unknown): Schema[] => {
  const { def } = schema;
  const inner = (def.innerType ?? def.in) as Schema | undefined;
  if (inner) return schemasAt(inner, path, value);
  if (def.type === 'union') {
    const options = def.options as Schema[];
    const key = def.discriminator as string | undefined;
    const chosen =
      key === undefined ? options : options.filter((option) => literalOf(option, key) === (value as Record<string, unknown>)?.[key]);
    return chosen.flatMap((option) => schemasAt(option, path, value));
  }
  const [first, ...rest] = path;
  if (first === undefined) return [schema];
  const below = (value as Record<PropertyKey, unknown> | undefined)?.[first];
  const next = { object: (def.shape as Record<PropertyKey, Schema> | undefined)?.[first], array: def.element, record: def.valueType }[
    def.type
  ];
  return next ? schemasAt(next as Schema, rest, below) : [];
};

const literalOf = ({ def }: Schema, key: string): unknown =>
  ((def.shape as Record<string, Schema>)[key]?.def.values as unknown[] | undefined)?.[0];

const keysAt = (path: Path, value: unknown): string[] =>
  schemasAt(base as unknown as Schema, path, value).flatMap(({ def }) => Object.keys((def.shape as object | undefined) ?? {}));

/** The node at a path, or the nearest one above it that is there. */
const nodeAt = (document: Document, path: Path): Node | null => {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return null;
};

/** The node of a map's key itself. */
const keyNode = (document: Document, path: Path, key: string): Node | null => {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(map)) return null;
  const pair = map.items.find(({ key: own }) => isScalar(own) && String(own.value) === key);
  return isNode(pair?.key) ? pair.key : null;
};

const show = (path: Path): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part).slice(0, 60)}`)).join('');

/** Reads a scenario from YAML (or JSON, which is YAML too). Never throws; `file` is only named in what is wrong. */
export const readScenario = (text: string, file: string): ReadScenario => {
  if (text.length > longest) return { problems: [`${file}: longer than ${longest} characters`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const where = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) {
    const [first] = document.errors;
    const nested = first?.message.startsWith('Nested mappings') ? 'a text that holds a colon and a blank must be quoted' : undefined;
    return { problems: [`${where(first?.pos[0])}: not YAML: ${nested ?? first?.message.split('\n')[0]}`] };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { problems: [`${file}:1:1: ${errorMessage(error)}`] };
  }
  const read = scenarioSchema.safeParse(value);
  if (read.success) return { scenario: read.data };
  const tell = (issue: z.core.$ZodIssue): string[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const meant = nearest(key, keysAt(issue.path, value));
        const at = keyNode(document, issue.path, key) ?? nodeAt(document, issue.path);
        const home = show(issue.path);
        return `${where(at?.range?.[0])}: ${home ? `${home} has` : 'there is'} no ${JSON.stringify(key.slice(0, 60))}${meant ? `; did you mean ${meant}?` : ''}`;
      });
    }
    if (issue.code === 'invalid_key') {
      const at = keyNode(document, issue.path.slice(0, -1), String(issue.path.at(-1)));
      return [`${where(at?.range?.[0])}: ${show(issue.path)}: ${issue.issues[0]?.message ?? issue.message}`];
    }
    const at = nodeAt(document, issue.path);
    return [`${where(at?.range?.[0])}: ${show(issue.path) || '(root)'}: ${messageOf(issue, value)}`];
  };
  const problems = [...new Set(read.error.issues.flatMap(tell))];
  return { problems: problems.length > most ? [...problems.slice(0, most), `${file}: and ${problems.length - most} more`] : problems };
};

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );

/** Of one that must be one of several, the one that was probably meant. */
const messageOf = (issue: z.core.$ZodIssue, value: unknown): string => {
  const given = at(value, issue.path);
  const allowed = allowedBy(issue);
  if (!allowed) return given === undefined && issue.code === 'invalid_type' ? 'is missing' : issue.message;
  if (given === undefined) return `is missing; must be one of ${allowed.join(', ')}`;
  const meant = typeof given === 'string' ? nearest(given, allowed) : undefined;
  return `${JSON.stringify(given)?.slice(0, 60)} is not one of ${allowed.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`;
};

const allowedBy = (issue: z.core.$ZodIssue): string[] | null => {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union' || issue.path.at(-1) !== 'do') return null;
  const [step] = schemasAt(base as unknown as Schema, ['timeline'], undefined);
  const options = (step?.def.element as Schema | undefined)?.def.options as Schema[] | undefined;
  return options?.map((option) => String(literalOf(option, 'do'))) ?? null;
};
