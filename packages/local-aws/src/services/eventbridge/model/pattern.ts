import { inCidr, isCidr } from './cidr.ts';

/**
 * Event patterns, as rules have them: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * Numbers are compared as numbers; the page's warning that 300 and 300.0 differ can't be kept once the JSON is parsed.
 */

/** An event pattern, parsed from JSON. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export type Pattern = Readonly<Record<string, unknown>>;

type Scalar = string | number | boolean | null;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is Scalar => value === null || ['string', 'number', 'boolean'].includes(typeof value);
const isText = (value: unknown): value is string => typeof value === 'string';
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const foldsTo = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `*` stands for any characters, also none; a backslash takes the meaning from `*` and from itself. */
const wildcardParts = (pattern: string): string[] => {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < pattern.length; i++) {
    const escaped = pattern[i] === '\\' && (pattern[i + 1] === '*' || pattern[i + 1] === '\\');
    if (escaped) i++;
    if (escaped || pattern[i] !== '*') part += pattern[i];
    else {
      parts.push(part);
      part = '';
    }
  }
  return [...parts, part];
};

const matchesWildcard = (pattern: string, text: string): boolean => {
  const [first = '', ...rest] = wildcardParts(pattern);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  // Each part as early as it can be leaves the most room for those after it.
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= text.length - last.length;
};

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

const inRange = (terms: readonly unknown[], value: Scalar): boolean => {
  if (typeof value !== 'number') return false;
  for (let i = 0; i < terms.length; i += 2) {
    if (!comparisons[String(terms[i])]?.(value, terms[i + 1] as number)) return false;
  }
  return true;
};

/** Prefix and suffix take a text, or the same without regard to case. */
const startsOrEnds = (operand: unknown, value: Scalar, how: 'startsWith' | 'endsWith'): boolean => {
  if (!isText(value)) return false;
  if (isText(operand)) return value[how](operand);
  const folded = isObject(operand) ? operand['equals-ignore-case'] : undefined;
  return isText(folded) && value.toLowerCase()[how](folded.toLowerCase());
};

type Operator = {
  /** Why an operand is not one, or undefined. */
  check(operand: unknown): string | undefined;
  matches(operand: unknown, value: Scalar): boolean;
};

const nonEmptyTexts = (name: string) => (operand: unknown) =>
  listOf(operand).length > 0 && listOf(operand).every((item) => isText(item) && item !== '')
    ? undefined
    : `${name} match pattern must be a string or a list of strings, none of them empty`;

const affix = (name: string): Operator['check'] => {
  return (operand) => {
    if (isText(operand)) return undefined;
    if (isObject(operand) && Object.keys(operand).length === 1 && isText(operand['equals-ignore-case'])) return undefined;
    return `${name} match pattern must be a string`;
  };
};

const checkWildcard = (pattern: string): string | undefined => {
  if (/\\(?![*\\])/.test(pattern.replace(/\\[*\\]/g, ''))) return 'Invalid escape character at pos';
  return wildcardParts(pattern).slice(1, -1).includes('') ? 'Consecutive wildcard characters' : undefined;
};

const checkNumeric = (operand: unknown): string | undefined => {
  if (!Array.isArray(operand) || operand.length === 0) return 'Value of numeric must be an array.';
  if (operand.length % 2 !== 0 || operand.length > 4) return 'Invalid member in numeric match';
  const signs = operand.filter((_, i) => i % 2 === 0);
  const limits = operand.filter((_, i) => i % 2 === 1);
  if (!signs.every((sign) => isText(sign) && Object.hasOwn(comparisons, sign))) return 'Unrecognized numeric range operator';
  // From -5.0e9 to +5.0e9, says the page.
  if (!limits.every((limit) => typeof limit === 'number' && Math.abs(limit) <= 5e9))
    return 'Value of a numeric operator must be a number within ±5.0e9';
  if (operand.length === 4) {
    const [lower, upper] = signs as [string, string];
    if (!lower.startsWith('>') || !upper.startsWith('<')) return 'Bad numeric range operator';
    if ((limits[0] as number) >= (limits[1] as number)) return 'Bottom must be less than top';
  }
  return undefined;
};

const texts = (operand: unknown): string[] => listOf(operand).filter(isText);

const butOperators: Readonly<Record<string, (operand: string, value: string) => boolean>> = {
  prefix: (operand, value) => value.startsWith(operand),
  suffix: (operand, value) => value.endsWith(operand),
  'equals-ignore-case': foldsTo,
  wildcard: matchesWildcard,
};

const checkAnythingBut = (operand: unknown): string | undefined => {
  if (!isObject(operand)) {
    const list = listOf(operand);
    const kinds = new Set(list.map((item) => typeof item));
    if (list.length === 0 || kinds.size !== 1 || !['string', 'number'].includes([...kinds][0] as string)) {
      return 'Value of anything-but must be an array or single string/number value.';
    }
    return undefined;
  }
  const [name, ...more] = Object.keys(operand);
  if (name === undefined || more.length > 0 || !Object.hasOwn(butOperators, name)) return `Unsupported anything-but pattern: ${name}`;
  if (name === 'wildcard') for (const text of texts(operand[name])) if (checkWildcard(text)) return checkWildcard(text);
  return nonEmptyTexts(name)(operand[name]);
};

const anythingBut = (operand: unknown, value: Scalar): boolean => {
  if (!isObject(operand)) return !listOf(operand).includes(value);
  // What is no text can't begin or end like one, so it is anything but that.
  if (!isText(value)) return true;
  return Object.entries(operand).every(([name, wanted]) => !texts(wanted).some((text) => butOperators[name]?.(text, value)));
};

const operators: Readonly<Record<string, Operator>> = {
  prefix: { check: affix('prefix'), matches: (operand, value) => startsOrEnds(operand, value, 'startsWith') },
  suffix: { check: affix('suffix'), matches: (operand, value) => startsOrEnds(operand, value, 'endsWith') },
  'equals-ignore-case': {
    check: (operand) => (isText(operand) ? undefined : 'equals-ignore-case match pattern must be a string'),
    matches: (operand, value) => isText(operand) && isText(value) && foldsTo(operand, value),
  },
  wildcard: {
    check: (operand) => (isText(operand) ? checkWildcard(operand) : 'wildcard match pattern must be a string'),
    matches: (operand, value) => isText(operand) && isText(value) && matchesWildcard(operand, value),
  },
  numeric: { check: checkNumeric, matches: (operand, value) => Array.isArray(operand) && inRange(operand, value) },
  cidr: {
    check: (operand) => (isText(operand) && isCidr(operand) ? undefined : "Malformed CIDR, one '/' required"),
    matches: (operand, value) => isText(operand) && isText(value) && inCidr(operand, value),
  },
  'anything-but': { check: checkAnythingBut, matches: anythingBut },
};

/** Every scalar that a field holds: an array counts as each of its elements, an object as none. */
const scalars = (value: unknown): Scalar[] => (Array.isArray(value) ? value.flatMap(scalars) : isScalar(value) ? [value] : []);

const matchesAlternative = (alternative: unknown, values: readonly Scalar[]): boolean => {
  if (isScalar(alternative)) return values.includes(alternative);
  if (!isObject(alternative)) return false;
  const [name = '', operand] = Object.entries(alternative)[0] ?? [];
  if (name === 'exists') return values.length > 0 === operand;
  return Object.hasOwn(operators, name) && values.some((value) => operators[name]?.matches(operand, value));
};

const isOr = (key: string, wanted: unknown): wanted is readonly Pattern[] =>
  key === '$or' && Array.isArray(wanted) && wanted.length > 1 && wanted.every(isObject);

/**
 * Whether an event matches a pattern: all fields of the pattern match, each by one of its alternatives. Where the event holds an array
 * of objects, one object of it must match all that the pattern says of it. A pattern that `checkPattern` refuses matches nothing.
 */
export const matches = (pattern: Pattern, event: unknown): boolean =>
  Object.entries(pattern).every(([key, wanted]) => {
    if (isOr(key, wanted)) return wanted.some((branch) => matches(branch, event));
    const value = isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
    if (Array.isArray(wanted)) {
      const values = scalars(value);
      return wanted.some((alternative) => matchesAlternative(alternative, values));
    }
    if (!isObject(wanted)) return false;
    // A pattern that asks for the absence of a field below also matches where there is nothing above it.
    const candidates = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY).filter(isObject) : [];
    return candidates.length > 0
      ? candidates.some((candidate) => matches(wanted, candidate))
      : matches(wanted, isObject(value) ? value : {});
  });

const maxDepth = 100;

/** Why a pattern is not valid, in the words that follow `Event pattern is not valid. Reason: `, or undefined where it is. */
export const checkPattern = (pattern: unknown, depth = 0): string | undefined => {
  if (!isObject(pattern)) return 'Filter is not an object';
  if (depth > maxDepth) return 'Filter is nested too deeply';
  const entries = Object.entries(pattern);
  if (entries.length === 0) return 'Empty objects are not allowed';
  for (const [key, wanted] of entries) {
    const reason = isOr(key, wanted)
      ? wanted.map((branch) => checkPattern(branch, depth + 1)).find((why) => why !== undefined)
      : isObject(wanted)
        ? checkPattern(wanted, depth + 1)
        : checkAlternatives(key, wanted);
    if (reason !== undefined) return reason;
  }
  return undefined;
};

const checkAlternatives = (key: string, wanted: unknown): string | undefined => {
  if (!Array.isArray(wanted)) return `"${key}" must be an object or an array`;
  if (wanted.length === 0) return 'Empty arrays are not allowed';
  for (const alternative of wanted) {
    if (isScalar(alternative)) continue;
    if (!isObject(alternative)) return 'Match value must be String, number, true, false, or null';
    const [entry, ...more] = Object.entries(alternative);
    if (!entry || more.length > 0) return 'Only one key allowed in match expression';
    const [name, operand] = entry;
    if (name === 'exists') {
      if (typeof operand !== 'boolean') return 'exists match pattern must be either true or false.';
      continue;
    }
    if (!Object.hasOwn(operators, name)) return `Unrecognized match type ${name}`;
    const reason = operators[name]?.check(operand);
    if (reason !== undefined) return reason;
  }
  return undefined;
};
