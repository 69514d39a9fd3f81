import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';

/** What a filter looks at: one value or several, of which one must match. */
type Values = string | readonly string[] | undefined;

/** The filters of one describe call by name. A name that ends in `:` takes the rest of the filter's name, as `tag:` does. */
export type FilterTable<Row> = Readonly<Record<string, (row: Row, rest: string) => Values>>;

const maxValues = 200;

type Part = { kind: 'char'; char: string } | { kind: 'any' } | { kind: 'maybe' };

const parse = (pattern: string): Part[] => {
  const parts: Part[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '\\' && i + 1 < pattern.length) parts.push({ kind: 'char', char: pattern[++i] as string });
    else if (char === '*') parts.push({ kind: 'any' });
    else if (char === '?') parts.push({ kind: 'maybe' });
    else parts.push({ kind: 'char', char });
  }
  return parts;
};

/**
 * Wildcards of EC2's filters: `*` is any number of characters, `?` one or none, a backslash takes the meaning from the next one.
 * Never worse than pattern times text, whatever the pattern.
 */
const matcher = (pattern: string): ((text: string) => boolean) => {
  if (!/[*?\\]/.test(pattern)) return (text) => text === pattern;
  const parts = parse(pattern);
  return (text) => {
    let open = new Set([0]);
    const skip = (positions: Set<number>) => {
      for (const position of positions) {
        const part = parts[position];
        if (part && part.kind !== 'char') positions.add(position + 1);
      }
      return positions;
    };
    skip(open);
    for (const char of text) {
      const next = new Set<number>();
      for (const position of open) {
        const part = parts[position];
        if (part?.kind === 'any') next.add(position);
        else if (part?.kind === 'maybe' || (part?.kind === 'char' && part.char === char)) next.add(position + 1);
      }
      open = skip(next);
      if (open.size === 0) return false;
    }
    return open.has(parts.length);
  };
};

const find = <Row>(table: FilterTable<Row>, name: string): ((row: Row) => Values) | undefined => {
  if (Object.hasOwn(table, name) && !name.endsWith(':')) return (row) => table[name]?.(row, '');
  const prefix = name.slice(0, name.indexOf(':') + 1);
  const rest = name.slice(prefix.length);
  if (prefix === '' || rest === '' || !Object.hasOwn(table, prefix)) return undefined;
  return (row) => table[prefix]?.(row, rest);
};

/**
 * Turns a call's filters into one predicate: all filters must match, each by one of its values. Throws for a filter that the call
 * doesn't have. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
export const compileFilters = <Row>(table: FilterTable<Row>, filters: readonly Filter[] | undefined): ((row: Row) => boolean) => {
  const total = (filters ?? []).reduce((sum, { Values }) => sum + (Values?.length ?? 0), 0);
  if (total > maxValues) throw new AwsError('FilterLimitExceeded', `The maximum number of filter values is ${maxValues}.`);
  const compiled = (filters ?? []).map(({ Name, Values }) => {
    const values = Name === undefined ? undefined : find(table, Name);
    if (!values) throw new AwsError('InvalidParameterValue', `The filter '${(Name ?? 'null').slice(0, 100)}' is invalid`);
    if (!Values || Values.length === 0) throw new AwsError('InvalidParameterValue', `The filter '${Name}' has no values`);
    return { values, matchers: Values.map(matcher) };
  });
  return (row) =>
    compiled.every(({ values, matchers }) => {
      const found = values(row);
      if (found === undefined) return false;
      const texts = typeof found === 'string' ? [found] : found;
      return texts.some((text) => matchers.some((matches) => matches(text)));
    });
};

/** `tag:KEY` and `tag-key`, which most describe calls have. */
export const tagFilters = <Row>(tagsOf: (row: Row) => ReadonlyMap<string, string>): FilterTable<Row> => ({
  'tag:': (row, key) => tagsOf(row).get(key),
  'tag-key': (row) => [...tagsOf(row).keys()],
});
