import { type FieldValue, invalidPattern, parseCondition, unserved } from './condition.ts';

/** What a pattern finds in an event that it matches: its fields by selector, `$.latency` or `$bytes`. */
export type Match = { read(selector: string): FieldValue; extracted: Record<string, string> };

export type Pattern = {
  /** Whether a selector can be one of its fields. */
  selects(selector: string): boolean;
  match(message: string): Match | undefined;
};

const jsonSelector = /^\$(\.[\w-]+(\[\d+\])*)+$/;

/** One or more terms that the message holds, wherever that is: `ERROR -debug "out of memory"`, or `?ERROR ?WARN` for any of them. */
const termsPattern = (source: string): Pattern => {
  const wanted: Record<'all' | 'any' | 'none', string[]> = { all: [], any: [], none: [] };
  const kinds = { '': 'all', '?': 'any', '-': 'none' } as const;
  const next = /\s*([?-]?)(?:"((?:[^"\\]|\\.)+)"|([^\s"]+))/y;
  for (let at = 0; source.slice(at).trim() !== ''; at = next.lastIndex) {
    next.lastIndex = at;
    const [, sign = '', quoted, word] = next.exec(source) ?? [];
    if (word?.startsWith('%')) throw unserved('Regular expressions in filter patterns are');
    // "Enclose exact phrases and terms that include non-alphanumeric characters in double quotation marks."
    if (word !== undefined && !/^[\p{L}\p{N}_]+$/u.test(word)) throw invalidPattern(`invalid character(s) in term '${word}'`);
    const term = word ?? quoted?.replace(/\\(.)/g, '$1');
    if (term === undefined) throw invalidPattern(`a quotation mark is not closed in '${source.slice(0, 100)}'`);
    wanted[kinds[sign as keyof typeof kinds]].push(term);
  }
  if (wanted.any.length > 0 && wanted.all.length + wanted.none.length > 0) throw unserved("'?' beside other terms in a filter pattern is");
  return {
    selects: () => false,
    match: (message) => {
      const has = (term: string) => message.includes(term);
      const matches = wanted.all.every(has) && !wanted.none.some(has) && (wanted.any.length === 0 || wanted.any.some(has));
      return matches ? { read: () => undefined, extracted: {} } : undefined;
    },
  };
};

/** What stands at a selector; an object or a list is there, but can only be compared as the text that it is. */
const select = (event: unknown, selector: string): FieldValue => {
  let value = event;
  for (const [, name, index] of selector.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    const key = name ?? Number(index);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as FieldValue);
};

/** `{ $.field = "value" && … }`, for events that are JSON objects. */
const jsonPattern = (source: string): Pattern => {
  const condition = parseCondition(source, false);
  for (const field of condition.fields) {
    if (/^\$.*\[(\*|')/.test(field)) throw unserved(`The selector '${field}' in a filter pattern is`);
    if (!jsonSelector.test(field)) throw invalidPattern(`'${field}' is no property selector`);
  }
  return {
    selects: (selector) => jsonSelector.test(selector),
    match: (message) => {
      if (!message.trimStart().startsWith('{')) return undefined;
      let event: unknown;
      try {
        event = JSON.parse(message);
      } catch {
        return undefined;
      }
      const read = (selector: string) => select(event, selector);
      if (!condition.holds(read)) return undefined;
      const found = condition.fields.map((field) => [field, read(field)] as const).filter(([, value]) => value !== undefined);
      return { read, extracted: Object.fromEntries(found.map(([field, value]) => [field, String(value)])) };
    },
  };
};

/** The fields of a space-delimited event: what is between brackets or quotation marks is one. */
const fieldsOf = (message: string): string[] =>
  [...message.matchAll(/\[([^\]]*)\]|"([^"]*)"|(\S+)/g)].map(([, bracketed, quoted, plain]) => bracketed ?? quoted ?? plain ?? '');

/** `[ip, …, status = 4*, bytes]`, for events with as many fields; `...` stands for any number of them. */
const fieldsPattern = (source: string): Pattern => {
  const columns = source.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((text) => text.trim());
  const gap = columns.indexOf('...');
  if (gap !== columns.lastIndexOf('...')) throw invalidPattern("'...' can only be used once");
  const named = columns
    .filter((text) => text !== '...')
    .map((text) => {
      const plain = /^[a-zA-Z_][\w-]*$/.test(text);
      const condition = plain ? undefined : parseCondition(text, true);
      const [name = text, ...others] = condition?.fields ?? [];
      if (others.length > 0 || !/^[a-zA-Z_][\w-]*$/.test(name)) throw invalidPattern(`'${text}' names no field`);
      return { name, condition };
    });
  const names = named.map(({ name }) => name);
  if (new Set(names).size < names.length) throw invalidPattern('a field name can only be used once');
  const before = gap < 0 ? named.length : gap;
  return {
    selects: (selector) => names.includes(selector.slice(1)),
    match: (message) => {
      const fields = fieldsOf(message);
      if (gap < 0 ? fields.length !== named.length : fields.length < named.length) return undefined;
      const shift = fields.length - named.length;
      const at = (index: number): string => fields[index < before ? index : index + shift] as string;
      const matches = named.every(({ condition }, i) => condition?.holds(() => at(i)) ?? true);
      if (!matches) return undefined;
      // What `...` stands for is named by its position.
      const unnamed = fields.slice(before, before + shift).map((value, i) => [`$${before + i + 1}`, value]);
      const extracted: Record<string, string> = Object.fromEntries([...unnamed, ...names.map((name, i) => [`$${name}`, at(i)])]);
      return { read: (selector) => extracted[selector], extracted };
    },
  };
};

/**
 * Reads a filter pattern in one of its three forms. Throws `InvalidParameterException` for what is none, or isn't served.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const parsePattern = (source: string): Pattern => {
  const text = source.trim();
  if (text.startsWith('{')) {
    if (!text.endsWith('}')) throw invalidPattern("a '{' is not closed");
    return jsonPattern(text.slice(1, -1));
  }
  if (text.startsWith('[')) {
    if (!text.endsWith(']')) throw invalidPattern("a '[' is not closed");
    return fieldsPattern(text.slice(1, -1));
  }
  return termsPattern(text);
};
