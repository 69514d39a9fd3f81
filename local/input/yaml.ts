import { Composer, CST, type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, Lexer, LineCounter, type Node, Parser } from 'yaml';
import type * as z from 'zod';
import { errorMessage } from '../../shared/model/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { unfold } from '../../shared/model/settings.ts';

/** In characters: these files are written by hand. */
export const longestYaml = 1024 * 1024;
/** The maximum number of problems shown; the others show once these are fixed. */
const most = 20;
/** In characters; a parser may quote half a file. */
const longestMessage = 800;
/** How deep values, and marks on one line, may nest: the parser needs a stack for the first, and minutes for many of the second. */
const deepest = 64;
/** In characters: in a block, each level is one further to the right. */
const widestIndent = 200;
/** Marks, words and the space between them: the parser takes seconds for a million. */
const maxTokens = 400_000;
/** With aliases, a short text may stand for any number of values. */
const maxValues = 100_000;

/** Something wrong with a file, at a place that begins with 1:1. */
export type YamlProblem = { file: string; line: number; column: number; path: string; message: string };

/** `file:line:column: what`. */
export const problemLine = ({ file, line, column, path, message }: YamlProblem): string =>
  `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;

type Path = readonly PropertyKey[];
/** Something wrong at a place in the text. */
type Fault = { offset: number; path?: string; message: string };
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

/** The keys that the objects at a path may have. */
const keysAt = (schema: z.ZodType, path: Path, value: unknown): string[] =>
  schemasAt(schema as unknown as Schema, path, value).flatMap(({ def }) =>
    Object.keys((def.shape as object | undefined) ?? (def.keyType as Schema | undefined)?.def.entries ?? {}),
  );

/** The values of the key by which the objects at a path are told apart. */
const kindsAt = (schema: z.ZodType, path: Path, value: unknown): string[] | null => {
  const key = path.at(-1);
  for (const { def } of unionsAt(schema as unknown as Schema, path.slice(0, -1), value))
    if (def.discriminator === key) return (def.options as Schema[]).map((option) => String(literalOf(option, String(key))));
  return null;
};

/** The unions themselves at a path. */
const unionsAt = (schema: Schema, path: Path, value: unknown): Schema[] => {
  const { def } = schema;
  const inner = (def.innerType ?? def.in) as Schema | undefined;
  if (inner) return unionsAt(inner, path, value);
  if (path.length === 0) return def.type === 'union' ? [schema] : [];
  const [first, ...rest] = path;
  const next =
    def.type === 'array' ? def.element : def.type === 'object' ? (def.shape as Record<PropertyKey, unknown>)[first as string] : undefined;
  return next ? unionsAt(next as Schema, rest, undefined) : [];
};

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

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );

/** What would keep the parser busy for too long, and where, by the text's tokens alone; null if nothing. */
const burdenIn = (text: string): Fault | null => {
  let tokens = 0;
  let flow = 0;
  let marks = 0;
  let offset = 0;
  let line = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === 'newline') {
      marks = 0;
      line = offset + token.length;
    } else if (type === 'flow-map-start' || type === 'flow-seq-start') flow++;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') flow = Math.max(0, flow - 1);
    else if (type === 'explicit-key-ind') marks++;
    else if (flow === 0 && (type === 'seq-item-ind' || type === 'map-value-ind' || type === 'anchor' || type === 'tag')) marks++;
    else if (flow === 0 && type === 'space' && offset === line && token.length > widestIndent)
      return { offset, message: `indented by more than ${widestIndent}` };
    if (flow > deepest || marks > deepest) return { offset, message: `nested more than ${deepest} deep` };
    if (++tokens > maxTokens) return { offset, message: `more than ${maxTokens} marks and words` };
    offset += token.length;
  }
  return null;
};

/** Why a value is none that somebody wrote: too deep, or too large once its aliases are followed. Null otherwise. */
const bombIn = (value: unknown): string | null => {
  let values = 0;
  const look = (inner: unknown, depth: number): string | null => {
    if (++values > maxValues) return `more than ${maxValues} values, with aliases followed`;
    if (depth > deepest) return `nested more than ${deepest} deep`;
    if (typeof inner !== 'object' || inner === null) return null;
    for (const part of Object.values(inner)) {
      const found = look(part, depth + 1);
      if (found !== null) return found;
    }
    return null;
  };
  return look(value, 0);
};

/** Keys that stand twice in a map, and what is no plain data: it would be read as something else than is written. */
const faultsIn = (document: Document): Fault[] => {
  const faults: Fault[] = document.warnings.map(({ pos, message }) => ({ offset: pos[0], message: message.split('\n')[0] ?? message }));
  const walk = (node: unknown, path: Path): void => {
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, [...path, i]);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const { key, value } = pair;
      const offset = (isNode(key) ? key.range?.[0] : undefined) ?? node.range?.[0] ?? 0;
      if (!isScalar(key)) {
        faults.push({
          offset,
          path: show(path),
          message: isAlias(key) ? 'a key must be written out, not an alias' : 'a key must be a text',
        });
        continue;
      }
      const name = String(key.value);
      if (seen.has(name)) faults.push({ offset, path: show(path), message: `${JSON.stringify(name.slice(0, 60))} stands here twice` });
      seen.add(name);
      walk(value, [...path, name]);
    }
  };
  walk(document.contents, []);
  return faults;
};

/** What the parser says of the commonest mistakes, in words that name the remedy. */
const remedies: readonly [says: RegExp, told: string][] = [
  [/^Nested mappings/, 'a text that holds a colon and a space must be quoted; or the next line is indented too far'],
  [/^Implicit keys? need|^Implicit map keys/, 'a setting needs a colon and a space after its name, as in "mode: off"'],
  [/^All mapping items/, 'this line is indented too little or too far: settings of one level begin in the same column'],
  [
    /^All sequence items|^Sequence item without/,
    'this line is indented too little or too far: entries of one list begin in the same column',
  ],
  [/^Tabs are not allowed/, 'a tab stands before the text: indent with spaces'],
  [/^Flow sequence in block/, 'a list that began with [ is not closed by ] before this line'],
  [/^Flow map in block/, 'settings that began with { are not closed by } before this line'],
  [/^Plain value cannot start/, 'a text that begins with this mark must be quoted'],
  [/^Unexpected scalar at node end/, 'more text follows a value: quote the whole'],
  [/^Missing closing .quote/, 'a quotation mark is never closed'],
];

const notYaml = (offset: number, message: string): Fault => ({
  offset,
  message: `not YAML: ${remedies.find(([says]) => says.test(message))?.[1] ?? message.split('\n')[0]}`,
});

/** What is said of a value of another type, by the name that a schema gives to the right one. */
const wanted: Readonly<Record<string, string>> = {
  object: 'must be settings, such as { name: value }',
  record: 'must be settings, such as { name: value }',
  boolean: 'must be true or false',
  string: 'must be a text',
  number: 'must be a number',
};

/** The one document of a text, or its first error: to collect each of a hundred thousand would take seconds. */
const parse = (text: string, lines: LineCounter): { document: Document } | Fault => {
  // Looking for keys that stand twice takes time by the square of the keys here; `faultsIn` looks for them.
  const composer = new Composer({ uniqueKeys: false });
  const documents: Document[] = [];
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    if (token.type === 'error') return notYaml(token.offset, token.message);
    documents.push(...composer.next(token));
    if (documents.length > 1) break;
  }
  documents.push(...composer.end(true, text.length));
  const [document, second] = documents;
  const error = document?.errors[0];
  if (!document || error) return notYaml(error?.pos[0] ?? 0, error?.message ?? 'empty');
  return second ? notYaml(second.range?.[0] ?? 0, 'a second document begins here') : { document };
};

/** Of one that must be one of several, the one that was probably meant. */
const messageOf = (issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): string => {
  const given = at(value, issue.path);
  const allowed =
    issue.code === 'invalid_value' ? issue.values.map(String) : issue.code === 'invalid_union' ? kindsAt(schema, issue.path, value) : null;
  if (!allowed) {
    if (issue.code === 'invalid_type' && given === undefined) return 'is missing';
    // A schema's own message says more than the name of a type.
    if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
    if (issue.expected === 'string' && (typeof given === 'number' || typeof given === 'boolean'))
      return `must be a text; one that looks like a ${typeof given} must be quoted`;
    if (issue.expected === 'array') return `must be a list, such as [${typeof given === 'string' && given.length < 30 ? given : 'a, b'}]`;
    return wanted[issue.expected] ?? issue.message;
  }
  if (given === undefined) return `is missing; must be one of ${allowed.join(', ')}`;
  const meant = typeof given === 'string' ? nearest(given, allowed) : undefined;
  return `${JSON.stringify(given)?.slice(0, 60)} is not one of ${allowed.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`;
};

type Options = {
  /** Named in what is wrong. */
  file: string;
  /** The value of a text without any. */
  empty?: unknown;
  /** The schema with the keys that are known, where `schema` hides them. */
  keys?: z.ZodType;
};

/** Reads YAML, or JSON, which is YAML too, as a schema wants it, and places each problem. Never throws. */
export const readYaml = <T>(
  text: string,
  schema: z.ZodType<T>,
  { file, empty, keys = schema }: Options,
): { value: T } | { problems: YamlProblem[]; more: number } => {
  const lines = new LineCounter();
  const problem = (offset: number | undefined, message: string, path = ''): YamlProblem => {
    const { line, col } = lines.linePos(offset ?? 0);
    return {
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path,
      message: message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message,
    };
  };
  const only = (offset: number | undefined, message: string) => ({ problems: [problem(offset, message)], more: 0 });
  if (text.length > longestYaml) return only(0, `longer than ${longestYaml} characters`);
  let document: Document;
  let value: unknown;
  try {
    const burden = burdenIn(text);
    if (burden !== null) {
      for (const { index } of text.slice(0, burden.offset).matchAll(/^/gm)) lines.addNewLine(index);
      return only(burden.offset, burden.message);
    }
    const parsed = parse(text, lines);
    if ('message' in parsed) return only(parsed.offset, parsed.message);
    document = parsed.document;
    const faults = faultsIn(document);
    if (faults.length > 0)
      return {
        problems: faults.slice(0, most).map(({ offset, path, message }) => problem(offset, message, path)),
        more: Math.max(0, faults.length - most),
      };
    value = document.toJS({ maxAliasCount: 100 }) ?? empty;
    const bomb = bombIn(value);
    if (bomb !== null) return only(0, bomb);
  } catch (error) {
    return only(0, errorMessage(error).split('\n')[0] ?? 'not YAML');
  }
  const read = schema.safeParse(value);
  if (read.success) return { value: read.data };
  const tell = (issue: z.core.$ZodIssue): YamlProblem[] => {
    const { path } = issue;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => {
        const meant = nearest(key, keysAt(keys, path, value));
        const node = keyNode(document, path, key) ?? nodeAt(document, path);
        const home = show(path);
        const message = `${home ? `${home} has` : 'there is'} no ${JSON.stringify(key.slice(0, 60))}${meant ? `; did you mean ${meant}?` : ''}`;
        return problem(node?.range?.[0], message);
      });
    if (issue.code === 'invalid_key') {
      const node = keyNode(document, path.slice(0, -1), String(path.at(-1)));
      return [problem(node?.range?.[0], issue.issues[0]?.message ?? issue.message, show(path))];
    }
    return [problem(nodeAt(document, path)?.range?.[0], messageOf(issue, value, keys), show(path) || '(root)')];
  };
  // A value without aliases has few enough issues to place; each of many aliases has its own.
  const found = read.error.issues.flatMap((issue) =>
    issue.code !== 'invalid_union' || kindsAt(keys, issue.path, value) ? [issue] : unfold(issue),
  );
  // Of a value of the wrong type, its size says nothing.
  const mistyped = new Set(found.filter(({ code }) => code === 'invalid_type').map(({ path }) => show(path)));
  const issues = found.filter(({ code, path }) => !code.startsWith('too_') || !mistyped.has(show(path)));
  const all = new Map(
    issues
      .slice(0, 10 * most)
      .flatMap(tell)
      .map((one) => [problemLine(one), one]),
  );
  return { problems: [...all.values()].slice(0, most), more: Math.max(0, all.size - most, issues.length - all.size) };
};
